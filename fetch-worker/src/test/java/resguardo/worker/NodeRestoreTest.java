package resguardo.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.NodeName;
import resguardo.core.ReplyId;
import resguardo.core.Serial;
import resguardo.core.SourcePath;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Content;
import resguardo.core.protocol.AgentOrder;
import resguardo.core.protocol.Event;
import resguardo.core.protocol.QueryJob;
import resguardo.core.protocol.RestoreTarget;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.protocol.StreamMessage.Failed.Kind;
import resguardo.core.stream.ChunkReceiver;
import resguardo.core.stream.ChunkSender;
import resguardo.core.stream.StreamBrokenException;
import resguardo.testkit.store.MemoryArchiveStore;
import resguardo.testkit.store.StoredBytes;

/** A version on its way to a node, and who of the two beside the worker is gone. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class NodeRestoreTest {
  /** More chunks than an agent gives credit for at first. */
  private static final int LARGE = 12 << 20;

  private static final RestoreTarget TO =
      new RestoreTarget(new NodeName("beta"), SourcePath.parse("/srv/back"), false);

  @TempDir Path folder;
  private final ExecutorService threads = Executors.newSingleThreadExecutor();
  private final MemoryArchiveStore store = new MemoryArchiveStore();
  private RestoreStage stage;

  @BeforeEach
  void makeVersion() throws Exception {
    byte[] content = new byte[LARGE];
    new Random(1).nextBytes(content);
    new TestVersion().folder("srv/data").file("srv/data/a", content).store(store, threads, folder);
  }

  @AfterEach
  void end() {
    threads.shutdownNow();
    stage.close();
  }

  /** One that does all that it should. */
  private static class Good implements RestoreStage.Acting {
    @Override
    public void order(AgentOrder.Restore order, RestoreStage.Words words) throws Exception {
      words.say(new StreamMessage.Accepted());
      words.say(new StreamMessage.Credit(ChunkReceiver.WINDOW));
    }

    @Override
    public void data(long chunks, RestoreStage.Words words) throws Exception {
      words.say(new StreamMessage.Progress(0, chunks));
      words.say(new StreamMessage.Credit(chunks + ChunkReceiver.WINDOW));
    }

    @Override
    public void end(StreamMessage end, RestoreStage.Words words) throws Exception {
      words.say(
          end instanceof StreamMessage.Failed failed
              ? new StreamMessage.Failed(Kind.BROKEN, failed.why())
              : new StreamMessage.Restored(1, LARGE, List.of("a has another owner"), 0));
    }
  }

  private String run(RestoreStage.Acting agent) throws Exception {
    stage = new RestoreStage(agent);
    return flow().run(ChunkSender.Turns.NONE);
  }

  private QueryFlow flow() {
    return new QueryFlow(
        stage.context(store, folder),
        threads,
        new QueryJob(
            TestVersion.KEY,
            Serial.first(),
            QueryJob.What.ARCHIVE,
            null,
            QueryJob.Packing.AS_STORED,
            TO,
            ReplyId.random()));
  }

  private void assertFailed(Kind kind, String why) {
    StreamMessage last = stage.told().get(stage.told().size() - 1);
    assertThat(last).isInstanceOf(StreamMessage.Failed.class);
    assertThat(((StreamMessage.Failed) last).kind()).isEqualTo(kind);
    assertThat(((StreamMessage.Failed) last).why()).contains(why);
    assertThat(stage.events()).hasSize(1);
    assertThat(((Event.RestoreEnded) stage.events().get(0)).why()).contains(why);
  }

  private void assertAgentWasToldToEnd() {
    AgentOrder.Restore order = (AgentOrder.Restore) stage.orders().get(0);
    assertThat(stage.orders().get(1)).isInstanceOf(AgentOrder.Cancel.class);
    assertThat(((AgentOrder.Cancel) stage.orders().get(1)).stream()).isEqualTo(order.stream());
  }

  @Test
  void theArchiveGoesToTheAgentAsItIsStoredAndTheAgentsWordsToWhoeverAsked() throws Exception {
    assertThat(run(new Good())).isEqualTo("restored to beta:/srv/back");
    assertThat(stage.archive()).isEqualTo(StoredBytes.of(store, TestVersion.ARCHIVE));
    assertThat(stage.told().get(0)).isInstanceOf(StreamMessage.QueryOpened.class);
    assertThat(stage.told()).hasAtLeastOneElementOfType(StreamMessage.Progress.class);
    assertThat(stage.told().get(stage.told().size() - 1))
        .isEqualTo(new StreamMessage.Restored(1, LARGE, List.of("a has another owner"), 0));
    assertThat(stage.orders()).hasSize(1); // nobody is told to end what has ended
    Event.RestoreEnded ended = (Event.RestoreEnded) stage.events().get(0);
    assertThat(ended.files()).isEqualTo(1);
    assertThat(ended.bytes()).isEqualTo(LARGE);
    assertThat(ended.why()).isNull();
  }

  @Test
  void anAgentThatIsSilentIsSentNothingAndToldNotToBeginLate() throws Exception {
    run((order, words) -> words.fallSilent());
    assertFailed(Kind.NO_ANSWER, "the agent of beta did not answer");
    assertThat(stage.archive()).isEmpty();
    assertAgentWasToldToEnd();
  }

  @Test
  void aNodeThatNeverHadAnAgentIsToldAsSuch() throws Exception {
    run(
        (order, words) -> {
          throw new BrokerException.Unroutable("no queue");
        });
    assertFailed(Kind.NO_ANSWER, "there is no agent of beta");
  }

  @Test
  void whatTheAgentRefusesIsToldInItsWords() throws Exception {
    run(
        (order, words) -> {
          words.say(new StreamMessage.Accepted());
          words.say(new StreamMessage.Failed(Kind.NOT_ALLOWED, "not below what it allows"));
        });
    assertFailed(Kind.NOT_ALLOWED, "not below what it allows");
    assertThat(stage.archive()).isEmpty();
    assertThat(stage.orders()).hasSize(1);
  }

  @Test
  void anAgentThatDiesInTheMiddleIsToldToWhoeverAsked() throws Exception {
    run(
        new Good() {
          @Override
          public void data(long chunks, RestoreStage.Words words) {
            if (chunks == ChunkReceiver.WINDOW) {
              words.fallSilent();
            }
          }
        });
    assertFailed(Kind.BROKEN, "agent");
    assertFailed(Kind.BROKEN, "was silent");
    assertAgentWasToldToEnd(); // it may live, and only be cut off
  }

  @Test
  void anAgentThatDiesAfterAllWasSentIsNotTakenForDone() throws Exception {
    run(
        new Good() {
          @Override
          public void end(StreamMessage end, RestoreStage.Words words) {
            words.fallSilent();
          }
        });
    assertFailed(Kind.BROKEN, "was silent");
  }

  /** It would hold a place of the worker and of the console for as long as it likes. */
  @Test
  void anAgentThatHasAllAndSaysForEverThatItIsAtWorkIsGivenUp() throws Exception {
    SteppingTime time = new SteppingTime(Duration.ZERO);
    AtomicBoolean done = new AtomicBoolean();
    stage =
        new RestoreStage(
                new Good() {
                  @Override
                  public void end(StreamMessage end, RestoreStage.Words words) {
                    threads.execute(() -> sayForEver(words, time, done));
                  }
                })
            .on(time);
    try {
      flow().run(ChunkSender.Turns.NONE);
    } finally {
      done.set(true);
    }
    assertFailed(Kind.BROKEN, "the agent of beta has all of it, and does not come to an end");
    assertAgentWasToldToEnd();
  }

  private static void sayForEver(RestoreStage.Words words, SteppingTime time, AtomicBoolean done) {
    try {
      while (!done.get()) {
        time.passes(Duration.ofMinutes(1));
        words.say(new StreamMessage.Progress(0, LARGE));
        words.say(new StreamMessage.Credit(1_000));
        Thread.sleep(1);
      }
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void oneThatHasAllAndGetsOnMayTakeHours() throws Exception {
    SteppingTime time = new SteppingTime(Duration.ZERO);
    stage =
        new RestoreStage(
                new Good() {
                  @Override
                  public void end(StreamMessage end, RestoreStage.Words words) {
                    threads.execute(() -> goOn(words, time));
                  }
                })
            .on(time);
    assertThat(flow().run(ChunkSender.Turns.NONE)).isEqualTo("restored to beta:/srv/back");
  }

  private void goOn(RestoreStage.Words words, SteppingTime time) {
    try {
      for (int i = 1; i <= 20; i++) {
        StreamMessage on = new StreamMessage.Progress(i, LARGE);
        words.say(on);
        await().until(() -> stage.told().contains(on));
        time.passes(Duration.ofMinutes(50));
      }
      words.say(new StreamMessage.Restored(20, LARGE, List.of(), 0));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whereWhoeverAskedLeavesInTheMiddleTheAgentIsToldToEnd() {
    stage =
        new RestoreStage(
            new Good() {
              @Override
              public void data(long chunks, RestoreStage.Words words) throws Exception {
                stage.askerLeaves();
                words.say(new StreamMessage.Progress(0, chunks));
              }
            });
    assertThatThrownBy(() -> flow().run(ChunkSender.Turns.NONE))
        .isInstanceOf(BrokerException.Unroutable.class);
    assertAgentWasToldToEnd();
    assertThat(((Event.RestoreEnded) stage.events().get(0)).why()).isNotNull();
  }

  @Test
  @Timeout(120)
  void whileTheAgentTakesNothingItsPlaceIsLeftToOthers() throws Exception {
    AtomicReference<RestoreStage.Words> waiting = new AtomicReference<>();
    stage =
        new RestoreStage(
            new Good() {
              @Override
              public void order(AgentOrder.Restore order, RestoreStage.Words words)
                  throws Exception {
                words.say(new StreamMessage.Accepted());
                waiting.set(words);
              }
            });
    ChunkSender.Turns others =
        new ChunkSender.Turns() {
          @Override
          public void rest() {
            RestoreStage.Words words = waiting.getAndSet(null);
            if (words != null) { // others had their turn
              try {
                words.say(new StreamMessage.Credit(ChunkReceiver.WINDOW));
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            }
          }

          @Override
          public void next() {}
        };
    assertThat(flow().run(others)).isEqualTo("restored to beta:/srv/back");
    assertThat(stage.archive()).isEqualTo(StoredBytes.of(store, TestVersion.ARCHIVE));
  }

  @Test
  void whatIsBrokenOffInFavourOfOthersIsToldToBoth() {
    AtomicReference<QueryFlow> broken = new AtomicReference<>();
    stage =
        new RestoreStage(
            new Good() {
              @Override
              public void data(long chunks, RestoreStage.Words words) throws Exception {
                broken.get().breakOff("others wait for a place");
                super.data(chunks, words);
              }
            });
    broken.set(flow());
    assertThatThrownBy(() -> broken.get().run(ChunkSender.Turns.NONE))
        .isInstanceOf(StreamBrokenException.class);
    assertFailed(Kind.BROKEN, "others wait for a place");
    assertAgentWasToldToEnd();
  }

  @Test
  void whereWhoeverAskedIsGoneBeforehandTheNodeIsNotTouched() {
    stage = new RestoreStage(new Good());
    stage.askerLeaves();
    assertThatThrownBy(() -> flow().run(ChunkSender.Turns.NONE))
        .isInstanceOf(BrokerException.Unroutable.class);
    assertThat(stage.orders()).isEmpty();
  }

  @Test
  void aDamagedArchiveIsToldToBothAndNeverTakenForRestored() throws Exception {
    byte[] bytes = StoredBytes.of(store, TestVersion.ARCHIVE);
    bytes[bytes.length / 2] ^= 1;
    store.put(TestVersion.ARCHIVE, Content.of(bytes));
    run(new Good());
    assertFailed(Kind.CORRUPT, TestVersion.ARCHIVE.value());
  }

  @Test
  void anArchiveThatIsMissingTouchesNoNode() throws Exception {
    store.delete(TestVersion.ARCHIVE);
    run(new Good());
    StreamMessage last = stage.told().get(stage.told().size() - 1);
    assertThat(((StreamMessage.Failed) last).kind()).isEqualTo(Kind.CORRUPT);
    assertThat(stage.archive()).isEmpty();
  }

  @Test
  void anAskerThatFloodsIsToldWhyItIsBrokenOffAndNoNodeIsTouched() {
    stage = new RestoreStage(new Good());
    stage.askerFloods();
    assertThatThrownBy(() -> flow().run(ChunkSender.Turns.NONE))
        .isInstanceOfSatisfying(
            StreamBrokenException.class,
            e -> assertThat(e.kind()).isEqualTo(StreamBrokenException.Kind.CANCELLED));
    StreamMessage last = stage.told().get(stage.told().size() - 1);
    assertThat(((StreamMessage.Failed) last).why()).contains("credits");
    assertThat(stage.orders()).isEmpty();
  }

  @Test
  void aRestoreThatIsHandedOutAgainIsToldAsFailedAndNotRepeated() throws Exception {
    stage = new RestoreStage(new Good());
    flow().refuse("the worker that did it has ended");
    assertThat(stage.orders()).isEmpty();
    assertThat(stage.told())
        .containsExactly(new StreamMessage.Failed(Kind.BROKEN, "the worker that did it has ended"));
  }
}
