package resguardo.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import resguardo.agent.hook.Hooks;
import resguardo.archive.MemberDeflater;
import resguardo.core.BackupOptions;
import resguardo.core.ReplyId;
import resguardo.core.protocol.AgentOrder;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.version.ArchiveForm;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class OrderTest {
  /** Its three files say that they are empty, and are not: they always change while read. */
  private static final Path NEVER_AS_IT_SAYS = Path.of("/proc/sys/kernel/pty");

  private static final BackupOptions STRICT = options(true, null);

  @TempDir Path folder;

  private Path set;

  @AutoClose private Asker asker;

  private static BackupOptions options(boolean strict, @Nullable Long bandwidth) {
    return new BackupOptions(
        List.of(), false, BackupOptions.Codec.GZIP, null, List.of(), strict, bandwidth);
  }

  @BeforeEach
  void makeSet() throws IOException {
    set = Files.createDirectory(folder.resolve("set"));
  }

  private Asker asker(Path allowed) throws IOException {
    asker = new Asker(allowed, folder.resolve("caches"));
    return asker;
  }

  @Test
  void withoutItAWarningIsCountedInTheVersion() throws Exception {
    asker(NEVER_AS_IT_SAYS).ask(NEVER_AS_IT_SAYS, BackupOptions.NONE);
    StreamMessage.Finished finished = (StreamMessage.Finished) asker.last();
    assertThat(finished.totals().warnings()).isEqualTo(3);
    assertThat(finished.archiveBytes()).isPositive();
  }

  @Test
  void withItTheFirstIsNamedTheRestCountedAndNothingSent() throws Exception {
    asker(NEVER_AS_IT_SAYS).ask(NEVER_AS_IT_SAYS, STRICT);
    StreamMessage.Failed failed = (StreamMessage.Failed) asker.last();
    assertThat(failed.kind()).isEqualTo(StreamMessage.Failed.Kind.WARNED);
    assertThat(failed.why())
        .contains("/proc/sys/kernel/pty/max changed while it was read", "2 more");
    assertThat(asker.data()).isZero();
    assertThat(folder.resolve("caches")).isEmptyDirectory();
  }

  @Test
  void afterTheFirstNoMoreIsSentHoweverMuchThereIs() throws Exception {
    byte[] large = new byte[4 << 20];
    new Random(1).nextBytes(large);
    Files.write(set.resolve("b"), large);
    Files.writeString(set.resolve(".resguardoignore"), "a[\n"); // a warning, and the first of all
    asker(set).ask(set, STRICT);
    assertThat(((StreamMessage.Failed) asker.last()).why()).contains("rules that cannot be used");
    assertThat(asker.data()).isZero();
    asker.ask(set, BackupOptions.NONE);
    assertThat(asker.last()).isInstanceOf(StreamMessage.Finished.class);
    assertThat(asker.data()).isGreaterThan(large.length);
  }

  @Test
  void anOrderThatIsLateByTheClockOfTheNodeIsBegunWhenSomebodyStillWaits() throws Exception {
    Files.writeString(set.resolve("a"), "x");
    ReplyId reply = asker(set).ask(set, BackupOptions.NONE, Duration.ofDays(-1));
    asker.next(StreamMessage.Accepted.class);
    asker.tell(new AgentOrder.Credit(reply, 1));
    assertThat(asker.last()).isInstanceOf(StreamMessage.Finished.class);
  }

  @Test
  void anOrderThatIsLateAndThatNobodyWaitsForIsNotBegun() throws Exception {
    Files.writeString(set.resolve("a"), "x");
    ReplyId reply = asker(set).ask(set, BackupOptions.NONE, Duration.ofDays(-1));
    asker.next(StreamMessage.Accepted.class);
    asker.tell(new AgentOrder.Cancel(reply, "it is gone"));
    await()
        .atMost(Duration.ofSeconds(50))
        .until(() -> asker.activity().stream().anyMatch(line -> line.contains("too late")));
    assertThat(asker.data()).isZero();
  }

  @Test
  void whatNobodyThoughtOfIsTheLastWordAndNotSilence() throws Exception {
    MemberDeflater broken =
        new MemberDeflater() {
          @Override
          public ArchiveForm form() {
            throw new IllegalStateException("what nobody thought of");
          }

          @Override
          public byte[] member(byte[] block, int length) {
            throw new UnsupportedOperationException("nothing is packed");
          }
        };
    asker = new Asker(set, folder.resolve("caches"), Hooks.NONE, broken);
    asker.ask(set, BackupOptions.NONE);
    StreamMessage.Failed failed = (StreamMessage.Failed) asker.last();
    assertThat(failed.kind()).isEqualTo(StreamMessage.Failed.Kind.BROKEN);
    assertThat(failed.why()).contains("what nobody thought of");
  }

  /** One block of data in each 256 MiB: the smallest holes would be terabytes of zeros. */
  @Test
  void aFileWhoseDataLiesInTooManyPartsIsToldAndTheRestIsSent() throws Exception {
    Files.writeString(set.resolve("z"), "the rest");
    try (RandomAccessFile out = new RandomAccessFile(set.resolve("a").toFile(), "rw")) {
      for (long i = 0; i < 17_000; i++) {
        out.seek(i << 28);
        out.write(1);
      }
    }
    asker(set).ask(set, BackupOptions.NONE);
    StreamMessage.Finished finished = (StreamMessage.Finished) asker.last();
    assertThat(finished.totals().entries()).isEqualTo(3);
    assertThat(finished.totals().files()).isEqualTo(1);
    assertThat(finished.totals().warnings()).isEqualTo(1);
    assertThat(asker.activity()).anyMatch(line -> line.contains("/a: its data lies far apart"));
  }

  @Test
  void aFileWhoseLineTheAskerDoesNotTakeIsToldAndTheRestIsSent() throws Exception {
    Files.writeString(set.resolve("z"), "the rest");
    Files.write(set.resolve("a"), new byte[32 << 20]);
    Files.write(set.resolve("b"), new byte[64 << 20]);
    asker(set).ask(set, BackupOptions.NONE, Duration.ofMinutes(1), 2000);
    StreamMessage.Finished finished = (StreamMessage.Finished) asker.last();
    assertThat(finished.totals().entries()).isEqualTo(4);
    assertThat(finished.totals().files()).isEqualTo(1);
    assertThat(finished.totals().warnings()).isEqualTo(2);
    assertThat(asker.activity())
        .anyMatch(line -> line.contains("/a: it is larger than what there is memory for"))
        .anyMatch(line -> line.contains("(and 1 files more)"));
    asker.ask(set, BackupOptions.NONE, Duration.ofMinutes(1), 20_000);
    finished = (StreamMessage.Finished) asker.last();
    assertThat(finished.totals().warnings()).isZero();
  }

  @Test
  void withoutWarningsItChangesNothing() throws Exception {
    Files.writeString(set.resolve("a"), "x");
    asker(set).ask(set, STRICT);
    assertThat(asker.last()).isInstanceOf(StreamMessage.Finished.class);
  }

  @Test
  void withABandwidthEachChunkIsWhatASecondTakesSoThatNobodyTakesItForSilence() throws Exception {
    byte[] content = new byte[100_000];
    new Random(2).nextBytes(content);
    Files.write(set.resolve("a"), content);
    asker(set).ask(set, options(false, 65_536L));
    assertThat(asker.last()).isInstanceOf(StreamMessage.Finished.class);
    assertThat(asker.largest()).isEqualTo(65_536);
    assertThat(asker.data()).isGreaterThan(content.length);
  }
}
