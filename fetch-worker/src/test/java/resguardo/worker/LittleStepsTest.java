package resguardo.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.NodeName;
import resguardo.core.ReplyId;
import resguardo.core.Serial;
import resguardo.core.SourcePath;
import resguardo.core.port.BrokerException;
import resguardo.core.protocol.AgentOrder;
import resguardo.core.protocol.QueryJob;
import resguardo.core.protocol.RestoreTarget;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.protocol.StreamMessage.Failed.Kind;
import resguardo.core.stream.ChunkReceiver;
import resguardo.core.stream.ChunkSender;
import resguardo.core.version.Entry;
import resguardo.testkit.store.MemoryArchiveStore;
import resguardo.testkit.store.RecordingStore;

/**
 * How a version is served that takes many steps of which nearly nothing comes: others have their
 * turns meanwhile, whoever waits hears that it goes on, and it ends when nobody does.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class LittleStepsTest {
  /** Of a byte each, so that nothing is sent before the last. */
  private static final int CHUNKS = 3000;

  private static final RestoreTarget TO =
      new RestoreTarget(new NodeName("beta"), SourcePath.parse("/srv/back"), false);

  /** In which at least twenty seconds pass while the chunks are read. */
  private final SteppingTime time = new SteppingTime(Duration.ofMillis(7));

  private final RecordingStore store = new RecordingStore(new MemoryArchiveStore());
  private final AtomicReference<RestoreStage.Words> agent = new AtomicReference<>();
  private final RestoreStage stage =
      new RestoreStage(
              (order, words) -> {
                words.say(new StreamMessage.Accepted());
                words.say(new StreamMessage.Credit(ChunkReceiver.WINDOW));
                agent.set(words);
              })
          .on(time);

  @TempDir Path folder;

  @AutoClose("shutdownNow")
  private final ExecutorService threads = Executors.newSingleThreadExecutor();

  /** Something that happens when it is the turn of others for this many times. */
  private static final class Counted implements ChunkSender.Turns {
    private final int when;
    private final ThrowingRunnable what;
    private int turns;

    Counted(int when, ThrowingRunnable what) {
      this.when = when;
      this.what = what;
    }

    @Override
    public void rest() {}

    @Override
    public void next() {
      turns++;
      if (turns == when) {
        try {
          what.run();
        } catch (Exception e) {
          throw new AssertionError(e);
        }
      }
    }
  }

  private interface ThrowingRunnable {
    void run() throws Exception;
  }

  private static Counted counted() {
    return new Counted(0, () -> {});
  }

  @BeforeEach
  void makeVersion() throws Exception {
    TinyChunks.store(store, folder, CHUNKS);
  }

  @AfterEach
  void end() {
    stage.close();
  }

  private String run(QueryJob.What what, @Nullable RestoreTarget to, ChunkSender.Turns turns)
      throws Exception {
    QueryJob query =
        new QueryJob(
            TestVersion.KEY,
            Serial.first(),
            what,
            null,
            QueryJob.Packing.AS_STORED,
            to,
            ReplyId.random());
    return new QueryFlow(stage.context(store, folder), threads, query).run(turns);
  }

  private void assertGoesOnInTurns(QueryJob.What what) throws Exception {
    Counted turns = counted();
    assertThat(run(what, null, turns)).isEqualTo("query served");
    List<StreamMessage> told = stage.told();
    assertThat(told.get(0)).isInstanceOf(StreamMessage.QueryOpened.class);
    assertThat(told.subList(1, told.size() - 1))
        .hasSizeGreaterThan(5)
        .allMatch(StreamMessage.Progress.class::isInstance);
    assertThat(turns.turns).isBetween(10, CHUNKS / 10);
  }

  @Test
  void anArchiveIsMadeInTurnsAndWhoeverWaitsHearsIt() throws Exception {
    assertGoesOnInTurns(QueryJob.What.ARCHIVE);
  }

  @Test
  void soAreMembersSent() throws Exception {
    assertGoesOnInTurns(QueryJob.What.MEMBERS);
  }

  @Test
  void soIsOneFileReadThatIsChecked() throws Exception {
    assertGoesOnInTurns(QueryJob.What.READ);
    StreamMessage.Verified end = (StreamMessage.Verified) stage.told().get(stage.told().size() - 1);
    assertThat(end.problems()).isEmpty();
  }

  private int read() {
    return store.reads(TestVersion.ARCHIVE.value()).size();
  }

  private void assertEndsWithoutAsker(QueryJob.What what) {
    assertThatThrownBy(() -> run(what, null, new Counted(4, stage::askerLeaves)))
        .isInstanceOf(BrokerException.Unroutable.class);
    assertThat(stage.told()).isNotEmpty();
    assertThat(read()).isBetween(1, CHUNKS / 2);
  }

  @Test
  void whereWhoeverAskedIsGoneNothingMoreIsReadForAnArchive() {
    assertEndsWithoutAsker(QueryJob.What.ARCHIVE);
  }

  @Test
  void norForACheck() {
    assertEndsWithoutAsker(QueryJob.What.READ);
  }

  @Test
  void whereTheNodeHasEndedARestoreNothingMoreIsReadAndItsWordIsTold() throws Exception {
    Counted turns =
        new Counted(
            4,
            () -> {
              RestoreStage.Words words = agent.get();
              words.say(new StreamMessage.Failed(Kind.BROKEN, "its disk is full"));
              await().until(LittleStepsTest::nobodyListens);
            });
    assertThat(run(QueryJob.What.ARCHIVE, TO, turns)).contains("its disk is full");
    assertThat(read()).isBetween(1, CHUNKS / 2);
    assertThat(stage.orders()).hasSize(1).first().isInstanceOf(AgentOrder.Restore.class);
  }

  private static boolean nobodyListens() {
    return Thread.getAllStackTraces().keySet().stream()
        .noneMatch(thread -> thread.getName().equals("words of a restore"));
  }

  /** Folders and pipes have no member that could be read. */
  @Test
  void entriesWithoutContentAreStepsToo() throws Exception {
    TestVersion version = new TestVersion();
    for (int i = 1000; i < 2000; i++) {
      version.add("srv/data/" + i, Entry.Type.FIFO, null);
    }
    version.store(store, threads, folder);
    QueryJob query =
        new QueryJob(
            TestVersion.KEY,
            Serial.first(),
            QueryJob.What.ARCHIVE,
            null,
            QueryJob.Packing.ZSTD,
            null,
            ReplyId.random());
    Counted turns = counted();
    assertThat(new QueryFlow(stage.context(store, folder), threads, query).run(turns))
        .isEqualTo("query served");
    assertThat(turns.turns).isGreaterThan(4);
  }
}
