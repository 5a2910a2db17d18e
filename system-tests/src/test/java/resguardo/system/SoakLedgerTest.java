package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.catalog.Status;

/** A ledger that could find nothing would show nothing. */
class SoakLedgerTest {
  private static final Instant FIRST = Instant.parse("2030-01-01T00:00:00Z");
  private static final Instant SECOND = FIRST.plusSeconds(30);
  private static final Instant THIRD = FIRST.plusSeconds(60);
  private static final SoakComparison SAME = new SoakComparison(2, 10, List.of());

  @TempDir Path folder;

  private static SoakAccount.Version version(long serial, Instant slot) {
    return new SoakAccount.Version(serial, slot);
  }

  private static SoakLedger ledger(
      List<SoakAccount.Version> versions,
      Map<Instant, Status.Outcome> ended,
      @Nullable SoakComparison compared) {
    return SoakLedger.of(
        List.of(
            new SoakAccount(
                "alpha:/a",
                List.of(FIRST, SECOND, THIRD),
                versions,
                ended,
                Map.of(SECOND, "the broker was down"),
                compared)));
  }

  @Test
  void whatIsSoundHasNoProblems() {
    SoakLedger ledger =
        ledger(
            List.of(version(1, FIRST)),
            Map.of(FIRST, Status.Outcome.COMMITTED, THIRD, Status.Outcome.UNCHANGED),
            SAME);
    assertThat(ledger.problems()).isEmpty();
    assertThat(ledger.committed()).isEqualTo(1);
    assertThat(ledger.unchanged()).isEqualTo(1);
    assertThat(ledger.missed()).containsExactly(Map.entry("the broker was down", 1L));
    assertThat(ledger.bytes()).isEqualTo(10);
  }

  @Test
  void aSlotWithTwoVersionsIsDouble() {
    SoakLedger ledger = ledger(List.of(version(1, FIRST), version(2, FIRST)), Map.of(), SAME);
    assertThat(ledger.doubled()).isEqualTo(1);
    assertThat(ledger.lost()).isZero();
    assertThat(ledger.problems())
        .containsExactly("alpha:/a has more than one version for " + FIRST);
  }

  @Test
  void aVersionThatIsGoneIsLost() {
    SoakLedger between = ledger(List.of(version(1, FIRST), version(3, THIRD)), Map.of(), SAME);
    assertThat(between.lost()).isEqualTo(1);
    SoakLedger first = ledger(List.of(version(2, SECOND)), Map.of(), SAME);
    assertThat(first.lost()).isEqualTo(1);
    SoakLedger last =
        ledger(List.of(version(1, FIRST)), Map.of(THIRD, Status.Outcome.COMMITTED), SAME);
    assertThat(last.problems())
        .containsExactly("alpha:/a has no version for " + THIRD + ", which was told as committed");
    assertThat(ledger(List.of(), Map.of(), SAME).lost()).isEqualTo(1);
  }

  @Test
  void whatWasNotComparedIsAProblem() {
    SoakLedger ledger = ledger(List.of(version(1, FIRST)), Map.of(), null);
    assertThat(ledger.compared()).isZero();
    assertThat(ledger.problems()).containsExactly("alpha:/a was not compared");
  }

  @Test
  void aSlotThatNobodyCanExplainIsShown() {
    SoakLedger ledger = ledger(List.of(version(1, FIRST)), Map.of(), SAME);
    assertThat(ledger.missed()).containsEntry(SoakAccount.NO_REASON, 1L);
  }

  @Test
  void aFileThatDiffersIsTooFewOrTooManyIsLost() throws Exception {
    Path source = Files.createDirectories(folder.resolve("source"));
    Path copy = Files.createDirectories(folder.resolve("copy"));
    Files.writeString(source.resolve("same"), "same");
    Files.writeString(copy.resolve("same"), "same");
    assertThat(SoakComparison.of(copy, source)).isEqualTo(new SoakComparison(1, 4, List.of()));
    Files.writeString(source.resolve("other"), "new");
    Files.writeString(copy.resolve("other"), "old");
    Files.writeString(source.resolve("fresh"), "1");
    Files.writeString(copy.resolve("stale"), "1");
    Files.createDirectory(source.resolve("kind"));
    Files.writeString(copy.resolve("kind"), "");
    SoakComparison comparison = SoakComparison.of(copy, source);
    assertThat(comparison.differences())
        .containsExactly(
            "fresh is not in the version",
            "kind is a folder in one and a file in the other",
            "other differs from byte 0",
            "stale is in the version and not on the node");
    assertThat(ledger(List.of(version(1, FIRST)), Map.of(), comparison).lost()).isEqualTo(1);
  }
}
