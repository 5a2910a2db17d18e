package resguardo.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.RawPath;
import resguardo.core.port.Platform;
import resguardo.core.port.Reply;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.protocol.StreamMessage.Failed.Kind;
import resguardo.testkit.files.DeafMount;

/** An archive that comes to an agent, whole and otherwise. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class RestoresTest {
  /** More chunks than an agent gives credit for at first. */
  private static final int LARGE = 14 << 20;

  @TempDir Path temporary;

  private final byte[] content = new byte[LARGE];
  private Path allowed;
  private Path outside;
  private byte[] archive;

  @AutoClose private Restoring worker;

  @BeforeEach
  void makeArchive() throws Exception {
    Path folder = temporary.toRealPath();
    allowed = Files.createDirectory(folder.resolve("allowed"));
    outside = Files.createDirectory(folder.resolve("outside"));
    Path set = Files.createDirectory(folder.resolve("set"));
    new Random(1).nextBytes(content);
    Files.write(set.resolve("large"), content);
    Files.writeString(set.resolve("small"), "1");
    ExecutorService threads = Executors.newSingleThreadExecutor();
    archive = new Rounds(set, RawPath.parse("srv/data"), folder, threads).next(true).archive();
    threads.shutdownNow();
    worker = new Restoring(allowed);
  }

  private Restoring.Sending begun(Path to) throws Exception {
    Restoring.Sending sending = worker.order(to, false);
    worker.next(StreamMessage.Accepted.class);
    worker.next(StreamMessage.Credit.class);
    return sending;
  }

  private void assertFailed(Kind kind, String why) throws Exception {
    StreamMessage.Failed failed = worker.next(StreamMessage.Failed.class);
    assertThat(failed.kind()).isEqualTo(kind);
    assertThat(failed.why()).contains(why);
    await()
        .atMost(60, TimeUnit.SECONDS)
        .until(() -> worker.activity().stream().anyMatch(line -> line.contains("did not restore")));
  }

  @Test
  void whereWhatIsWrittenToDoesNotAnswerItIsToldAndOthersGoOn() throws Exception {
    Path deaf = Files.createDirectory(allowed.resolve("deaf"));
    DeafMount mount = DeafMount.at(deaf, DeafMount.To.WRITE).orElse(null);
    Assumptions.assumeTrue(mount != null, "this machine lets nobody mount");
    AtomicLong passed = new AtomicLong();
    try (mount;
        Restoring other =
            new Restoring(
                Platform.of(Clock.systemUTC(), () -> System.nanoTime() + passed.get()), allowed)) {
      Restoring.Sending stuck = other.order(deaf, true);
      other.next(StreamMessage.Credit.class);
      stuck.send(archive, 0, 1 << 20);
      mount.awaitCall();
      Restoring.Sending waits = other.order(allowed.resolve("next"), true);
      other.restores().signsOfLife();
      other.next(StreamMessage.Progress.class);
      passed.addAndGet(Restores.ANSWER.toNanos());
      other.restores().signsOfLife();
      assertThat(other.next(StreamMessage.Failed.class).why())
          .isEqualTo(deaf + " does not answer: nothing was written for 5 minutes");
      waits.send(archive, 0, archive.length);
      waits.finish(archive);
      assertThat(other.next(StreamMessage.Restored.class).files()).isEqualTo(2);
      other.order(deaf, true);
      assertThat(other.next(StreamMessage.Failed.class).why())
          .isEqualTo("an earlier restore still writes to " + deaf + ", which does not answer");
    }
  }

  @Test
  void aWholeArchiveIsExtractedAndTold() throws Exception {
    Path to = allowed.resolve("new/folder");
    Restoring.Sending sending = begun(to);
    sending.send(archive, 0, archive.length);
    sending.finish(archive);
    StreamMessage.Restored restored = worker.next(StreamMessage.Restored.class);
    assertThat(restored.files()).isEqualTo(2);
    assertThat(restored.bytes()).isEqualTo(LARGE + 1);
    assertThat(to.resolve("srv/data/large")).hasBinaryContent(content);
    assertThat(to.resolve("srv/data/small")).hasContent("1");
  }

  @Test
  void anArchiveThatEndsTooEarlyIsNeverTakenForWhole() throws Exception {
    Restoring.Sending sending = begun(allowed);
    sending.send(archive, 0, archive.length / 2);
    sending.finish(archive);
    assertFailed(Kind.BROKEN, "not what was sent");
  }

  @Test
  void anArchiveOfAnotherDigestIsNotTakenForWholeAlthoughAllOfItsTarCame() throws Exception {
    Restoring.Sending sending = begun(allowed);
    sending.send(archive, 0, archive.length);
    byte[] another = archive.clone();
    another[0] ^= 1;
    sending.finish(another);
    assertFailed(Kind.BROKEN, "not what was sent");
  }

  @Test
  void aPieceThatIsLostOrDamagedBreaksIt() throws Exception {
    Restoring.Sending lost = begun(allowed.resolve("lost"));
    lost.send(archive, 0, 1 << 20);
    lost.through(chunk -> {});
    lost.send(archive, 1 << 20, 3 << 19);
    lost.through(lost::take);
    lost.send(archive, 3 << 19, 2 << 20);
    assertFailed(Kind.BROKEN, "is missing");
    Restoring.Sending damaged = begun(allowed.resolve("damaged"));
    damaged.through(
        chunk ->
            damaged.take(
                new Reply.Chunk(
                    chunk.sequence(), chunk.kind(), chunk.crc32c() + 1, chunk.payload())));
    damaged.send(archive, 0, 1 << 19);
    assertFailed(Kind.BROKEN, "checksum");
  }

  @Test
  void moreThanThereWasCreditForBreaksItAndIsNotKept() throws Exception {
    Restoring.Sending waits = begun(allowed.resolve("first"));
    Restoring.Sending greedy = worker.order(allowed.resolve("second"), false);
    for (int i = 0; i < 1000; i++) {
      greedy.say(new StreamMessage.Progress(i, i));
    }
    worker.restores().cancel(waits.stream(), "enough");
    assertFailed(Kind.BROKEN, "enough");
    assertFailed(Kind.BROKEN, "more came than there was credit for");
  }

  @Test
  void whatTheWorkerCouldNotReadIsToldInItsWords() throws Exception {
    Restoring.Sending sending = begun(allowed);
    sending.say(new StreamMessage.Failed(Kind.CORRUPT, "an archive is damaged"));
    assertFailed(Kind.BROKEN, "an archive is damaged");
  }

  @Test
  void whereItMayNotWriteNothingIsAskedForAndNothingMade() throws Exception {
    worker.order(outside.resolve("new"), true);
    assertFailed(Kind.NOT_ALLOWED, "--restore-to");
    assertThat(outside).isEmptyDirectory();
  }

  @Test
  void aFolderWithSomethingInItStaysAsItIs() throws Exception {
    Files.writeString(allowed.resolve("there"), "1");
    worker.order(allowed, false);
    assertFailed(Kind.NOT_EMPTY, "is not empty");
    assertThat(allowed).isDirectoryContaining("glob:**/there");
    assertThat(allowed.resolve("srv")).doesNotExist();
  }

  @Test
  void aLinkInTheWayLeadsNowhere() throws Exception {
    Restoring.Sending sending = begun(allowed);
    Files.createSymbolicLink(allowed.resolve("srv"), outside); // after it was looked at
    sending.send(archive, 0, 1 << 20);
    assertFailed(Kind.BROKEN, "srv");
    assertThat(outside).isEmptyDirectory();
  }

  @Test
  void aRestoreThatIsCancelledEndsWhereverItIs() throws Exception {
    Restoring.Sending sending = begun(allowed);
    sending.send(archive, 0, 2 << 20);
    worker.restores().cancel(sending.stream(), "the worker has given it up");
    assertFailed(Kind.BROKEN, "the worker has given it up");
  }

  @Test
  void whatComesForARestoreThatHasEndedIsDropped() throws Exception {
    Restoring.Sending ended = begun(allowed.resolve("a"));
    worker.restores().cancel(ended.stream(), "enough");
    assertFailed(Kind.BROKEN, "enough");
    ended.send(archive, 0, 1 << 20);
    Restoring.Sending next = begun(allowed.resolve("b"));
    next.send(archive, 0, archive.length);
    next.finish(archive);
    worker.next(StreamMessage.Restored.class);
  }

  @Test
  void whoeverWaitsItsTurnIsToldSoAndHasNoCreditYet() throws Exception {
    Restoring.Sending first = begun(allowed.resolve("first"));
    Restoring.Sending second = worker.order(allowed.resolve("second"), false);
    worker.next(StreamMessage.Accepted.class);
    worker.restores().signsOfLife();
    worker.next(StreamMessage.Progress.class); // of each of the two
    worker.next(StreamMessage.Progress.class);
    assertThat(worker.isSilent()).isTrue();
    first.say(new StreamMessage.Failed(Kind.CORRUPT, "damaged"));
    worker.next(StreamMessage.Credit.class); // its turn
    second.send(archive, 0, archive.length);
    second.finish(archive);
    worker.next(StreamMessage.Restored.class);
  }

  @Test
  void aRestoreOfAWorkerThatIsGoneEnds() throws Exception {
    begun(allowed.resolve("a"));
    worker.leave();
    worker.restores().signsOfLife();
    await()
        .atMost(60, TimeUnit.SECONDS)
        .until(() -> worker.activity().stream().anyMatch(line -> line.contains("worker is gone")));
  }

  /** By the clock of the node, which may be wrong: the broker gives no order that came too late. */
  @Test
  void anOrderThatIsLateByTheClockOfTheNodeIsCarriedOut() throws Exception {
    Restoring.Sending sending = worker.order(allowed.resolve("late"), false, -3600);
    worker.next(StreamMessage.Accepted.class);
    worker.next(StreamMessage.Credit.class);
    sending.send(archive, 0, archive.length);
    sending.finish(archive);
    assertThat(worker.next(StreamMessage.Restored.class).files()).isEqualTo(2);
  }

  @Test
  void anAgentThatEndsCutsItOffAndTakesNoMore() throws Exception {
    begun(allowed.resolve("a"));
    worker.restores().close();
    assertFailed(Kind.BROKEN, "the agent ends");
    worker.order(allowed.resolve("b"), false);
    assertThat(worker.next(StreamMessage.Failed.class).kind()).isEqualTo(Kind.STOPPING);
  }

  @Test
  void anArchiveThatHasMoreThanWhatWasBackedUpIsNotRestored() throws Exception {
    worker.of(RawPath.parse("srv/other"));
    Path to = allowed.resolve("other");
    Restoring.Sending sending = begun(to);
    sending.send(archive, 0, 1 << 20);
    assertFailed(Kind.BROKEN, "not of what was backed up");
    assertThat(to.resolve("srv")).doesNotExist();
  }
}
