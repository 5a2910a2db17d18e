package resguardo.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import org.junit.jupiter.api.Test;
import resguardo.core.JobId;
import resguardo.core.NodeName;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.Serial;
import resguardo.core.Sha256;
import resguardo.core.SourcePath;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.version.Totals;
import resguardo.core.version.VersionHeader;

class BarTest {
  private static final long MEBIBYTE = 1024 * 1024;
  private static final Instant NOW = Instant.parse("2026-11-27T06:00:00Z");

  private final List<String> shown = new CopyOnWriteArrayList<>();

  private Bar bar() {
    return new Bar("restore", new DelegatingProgressBarConsumer(shown::add, 100));
  }

  private String last() {
    return shown.get(shown.size() - 1);
  }

  private static StreamMessage.QueryOpened opened(boolean part) {
    RegistrationKey key = new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/srv"));
    Totals totals = new Totals(3, 2, 200 * MEBIBYTE, 0, Sha256.of(new byte[0]));
    VersionHeader header =
        new VersionHeader(
            VersionHeader.FORMAT,
            key,
            Serial.first(),
            1,
            JobId.of(key, 1, NOW),
            NOW,
            NOW,
            List.of(),
            false,
            totals.fingerprint(),
            totals);
    return new StreamMessage.QueryOpened(header, ReplyId.random(), part);
  }

  @Test
  void itSaysHowFarItIsHowFastAndHowLongItStillTakes() {
    try (Bar bar = bar()) {
      bar.ofContent(opened(false));
      bar.at(50 * MEBIBYTE);
    }
    // How far, then the time that went by and the time that is left, then how fast.
    assertThat(last())
        .contains("restore", "25%", "50/200 MiB")
        .containsPattern("\\([0-9:]+ / [0-9:]+\\)")
        .contains("MiB/s");
  }

  @Test
  void ofAPartNobodyKnowsHowMuchItWillBeAndItSaysHowMuchThereIs() {
    try (Bar bar = bar()) {
      bar.ofContent(opened(true));
      bar.opened(opened(true));
      bar.at(50 * MEBIBYTE);
    }
    assertThat(last()).contains("50").contains("MiB/s").doesNotContain("200").doesNotContain("25%");
  }

  @Test
  void whereNobodyLooksNothingIsShown() {
    try (Bar bar = new Bar("restore", null)) {
      bar.of(100);
      bar.at(50);
    }
    assertThat(shown).isEmpty();
  }

  /** As the console of Java 22 and newer, which is there whatever is at the other end. */
  public static final class OfNewerJava {
    private final boolean terminal;

    OfNewerJava(boolean terminal) {
      this.terminal = terminal;
    }

    /** As that of {@code java.io.Console}. */
    public boolean isTerminal() {
      return terminal;
    }
  }

  @Test
  void aConsoleIsATerminalUnlessItSaysThatItIsNone() {
    assertThat(Terminal.isOne(null)).isFalse();
    assertThat(Terminal.isOne(new OfNewerJava(false))).isFalse();
    assertThat(Terminal.isOne(new OfNewerJava(true))).isTrue();
    assertThat(Terminal.isOne(new Object())).as("of Java 21 and older").isTrue();
  }
}
