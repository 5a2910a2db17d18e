package resguardo.core.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.ReplyId;
import resguardo.core.Sha256;
import resguardo.core.port.ChunkKind;
import resguardo.core.port.Platform;
import resguardo.core.port.Reply;
import resguardo.core.port.ReplyChannel;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.StreamMessage;

class StreamTest {
  private static final Peer ALPHA = Peer.agent(new NodeName("alpha"));
  private static final Peer BETA = Peer.agent(new NodeName("beta"));
  private static final Duration SILENCE = Duration.ofSeconds(30);

  /** What was sent lies here until it is received; a test may change it in between. */
  private static final class Wire implements ReplyChannel, ReplyChannel.Mailbox {
    final Deque<Received> messages = new ArrayDeque<>();
    boolean overflowed;

    @Override
    public Mailbox open(ReplyId id, int capacity) {
      return this;
    }

    @Override
    public synchronized void send(ReplyId to, Reply message) {
      messages.add(new Received(ALPHA, message));
    }

    @Override
    public synchronized Optional<Received> receive(Duration atMost) {
      return Optional.ofNullable(messages.poll());
    }

    @Override
    public boolean overflowed() {
      return overflowed;
    }

    @Override
    public void close() {}
  }

  private final Wire wire = new Wire();
  private final List<Long> credits = new ArrayList<>();

  private ChunkSender sender(long credit, Duration patience) {
    return new ChunkSender(wire, ReplyId.random(), credit, patience, Platform.ofJvm());
  }

  private ChunkReceiver receiver(int window) {
    return new ChunkReceiver(wire, ALPHA, window, credits::add);
  }

  private StreamBrokenException.Kind brokenBy(ChunkReceiver receiver) {
    return catchThrowableOfType(StreamBrokenException.class, () -> drain(receiver)).kind();
  }

  /** All data up to the last message. */
  private static byte[] drain(ChunkReceiver receiver) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    while (true) {
      ChunkReceiver.Piece piece = receiver.receive(SILENCE);
      if (piece instanceof ChunkReceiver.Data data) {
        out.writeBytes(data.payload());
      } else if (piece instanceof ChunkReceiver.Said said && said.message().last()) {
        return out.toByteArray();
      }
    }
  }

  private void sendThree() throws Exception {
    ChunkSender sender = sender(16, SILENCE);
    sender.message(new StreamMessage.Accepted());
    sender.send(ChunkKind.ENTRIES, new byte[] {1});
    sender.send(ChunkKind.ARCHIVE, new byte[] {2});
    sender.message(new StreamMessage.Finished(1, Sha256.of(new byte[] {2}), null, null));
  }

  private void replace(int at, Reply.Chunk chunk) {
    List<ReplyChannel.Received> all = new ArrayList<>(wire.messages);
    all.set(at, new ReplyChannel.Received(ALPHA, chunk));
    wire.messages.clear();
    wire.messages.addAll(all);
  }

  private Reply.Chunk chunk(int at) {
    return (Reply.Chunk) new ArrayList<>(wire.messages).get(at).message();
  }

  @Test
  void whatIsSentIsReceivedInOrder() throws Exception {
    sendThree();
    assertThat(drain(receiver(16))).containsExactly(1, 2);
  }

  /** As when a worker is handed the same query twice, and serves both. */
  @Test
  void aStreamThatItsSenderBeginsAnewIsBroken() throws Exception {
    ReplyChannel.Received first =
        new ReplyChannel.Received(
            ALPHA, Chunks.of(0, ChunkKind.MESSAGE, Json.write(new StreamMessage.Progress(1, 1))));
    sendThree();
    List<ReplyChannel.Received> all = new ArrayList<>(wire.messages);
    for (int at = 1; at < all.size(); at++) {
      wire.messages.clear();
      wire.messages.addAll(all.subList(0, at));
      wire.messages.add(first);
      wire.messages.addAll(all.subList(at, all.size()));
      assertThat(brokenBy(receiver(16))).isEqualTo(StreamBrokenException.Kind.FOREIGN);
    }
  }

  @Test
  void aSenderThatRepeatsItselfForEverIsNotWaitedFor() throws Exception {
    sendThree();
    ReplyChannel.Received first = wire.messages.removeFirst();
    List<ReplyChannel.Received> rest = List.copyOf(wire.messages);
    for (int more : new int[] {ChunkReceiver.MOST_REPEATED, ChunkReceiver.MOST_REPEATED + 1}) {
      wire.messages.clear();
      wire.messages.addAll(Collections.nCopies(1 + more, first));
      wire.messages.addAll(rest);
      if (more == ChunkReceiver.MOST_REPEATED) {
        assertThat(drain(receiver(16))).containsExactly(1, 2);
      } else {
        assertThat(brokenBy(receiver(16))).isEqualTo(StreamBrokenException.Kind.MALFORMED);
      }
    }
  }

  /** What is sent and not taken lies in the broker. */
  @Test
  void noMoreIsSentAheadThanAnyReceiverKeepsWhateverIsGranted() throws Exception {
    ChunkSender sender = sender(0, Duration.ofMillis(1));
    sender.grant(Long.MAX_VALUE);
    StreamBrokenException broken =
        catchThrowableOfType(
            StreamBrokenException.class,
            () -> {
              while (true) {
                sender.send(ChunkKind.ENTRIES, new byte[] {1});
              }
            });
    assertThat(broken.kind()).isEqualTo(StreamBrokenException.Kind.SILENT);
    assertThat(wire.messages).hasSizeBetween(ChunkReceiver.WINDOW, 100);
  }

  @Test
  void aChunkThatComesTwiceIsTakenOnce() throws Exception {
    sendThree();
    wire.messages.addFirst(wire.messages.peekFirst());
    ChunkReceiver receiver = receiver(16);
    assertThat(drain(receiver)).containsExactly(1, 2);
    assertThat(receiver.repeated()).isEqualTo(1);
  }

  @Test
  void aMissingChunkBreaksTheStream() throws Exception {
    sendThree();
    wire.messages.removeFirst();
    assertThat(brokenBy(receiver(16))).isEqualTo(StreamBrokenException.Kind.LOST);
  }

  @Test
  void aChunkOfAnotherNodeBreaksTheStream() throws Exception {
    sendThree();
    wire.messages.addFirst(new ReplyChannel.Received(BETA, chunk(0)));
    assertThat(brokenBy(receiver(16))).isEqualTo(StreamBrokenException.Kind.FOREIGN);
  }

  @Test
  void anAnswerWhereAStreamIsExpectedBreaksIt() {
    wire.send(ReplyId.random(), new Reply.Credit(5));
    assertThat(brokenBy(receiver(16))).isEqualTo(StreamBrokenException.Kind.MALFORMED);
  }

  @Test
  void aChunkThatSaysAnotherKindOrPlaceThanItWasSentWithIsCorrupt() throws Exception {
    sendThree();
    Reply.Chunk sent = chunk(1);
    replace(1, new Reply.Chunk(sent.sequence(), ChunkKind.ARCHIVE, sent.crc32c(), sent.payload()));
    assertThat(brokenBy(receiver(16))).isEqualTo(StreamBrokenException.Kind.CORRUPT);
  }

  @Test
  void aMessageThatCannotBeReadBreaksTheStream() {
    wire.send(ReplyId.random(), Chunks.of(0, ChunkKind.MESSAGE, new byte[] {'{'}));
    assertThat(brokenBy(receiver(16))).isEqualTo(StreamBrokenException.Kind.MALFORMED);
  }

  @Test
  void silenceAndAMailboxThatRanOverBreakTheStream() {
    assertThat(brokenBy(receiver(16))).isEqualTo(StreamBrokenException.Kind.SILENT);
    wire.overflowed = true;
    assertThat(brokenBy(receiver(16))).isEqualTo(StreamBrokenException.Kind.OVERFLOW);
  }

  @Test
  void creditKeepsAheadOfWhatWasTakenByAtMostAWindow() throws Exception {
    ChunkSender sender = sender(100, SILENCE);
    for (int i = 0; i < 100; i++) {
      sender.send(ChunkKind.ARCHIVE, new byte[1]);
    }
    ChunkReceiver receiver = receiver(16);
    for (int taken = 1; taken <= 100; taken++) {
      receiver.receive(SILENCE);
      long granted = credits.isEmpty() ? 16 : credits.get(credits.size() - 1);
      assertThat(granted).isBetween(taken + 1L, taken + 16L);
    }
  }

  @Test
  void dataWaitsForCreditAndAnOldCreditGivesNone() throws Exception {
    ChunkSender sender = sender(1, SILENCE);
    sender.send(ChunkKind.ARCHIVE, new byte[] {1});
    CompletableFuture<Void> second =
        CompletableFuture.runAsync(
            () -> {
              try {
                sender.send(ChunkKind.ARCHIVE, new byte[] {2});
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    sender.grant(0);
    sender.grant(1);
    assertThat(second).isNotDone();
    sender.grant(2);
    second.get(30, TimeUnit.SECONDS);
    assertThat(wire.messages).hasSize(2);
  }

  @Test
  void aSenderWithoutCreditGivesUpAfterItsPatienceAndAtOnceWhenCancelled() {
    ChunkSender impatient = sender(0, Duration.ofMillis(1));
    assertThat(
            catchThrowableOfType(
                    StreamBrokenException.class,
                    () -> impatient.send(ChunkKind.ARCHIVE, new byte[1]))
                .kind())
        .isEqualTo(StreamBrokenException.Kind.SILENT);
    ChunkSender cancelled = sender(5, SILENCE);
    cancelled.cancel("gone");
    assertThat(
            catchThrowableOfType(
                    StreamBrokenException.class,
                    () -> cancelled.message(new StreamMessage.Accepted()))
                .kind())
        .isEqualTo(StreamBrokenException.Kind.CANCELLED);
    assertThat(wire.messages).isEmpty();
  }

  @Property(tries = 2000)
  void whateverHappensOnTheWayWrongBytesAreNeverGiven(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 14) int chunks,
      @ForAll @IntRange(max = 4) int faults)
      throws Exception {
    Wire faulty = new Wire();
    Random random = new Random(seed);
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    ChunkSender sender = new ChunkSender(faulty, ReplyId.random(), 16, SILENCE, Platform.ofJvm());
    for (int i = 0; i < chunks; i++) {
      byte[] payload = new byte[1 + random.nextInt(20)];
      random.nextBytes(payload);
      sent.writeBytes(payload);
      sender.send(ChunkKind.ARCHIVE, payload);
    }
    sender.message(
        new StreamMessage.Finished(sent.size(), Sha256.of(sent.toByteArray()), null, null));
    List<ReplyChannel.Received> all = new ArrayList<>(faulty.messages);
    for (int i = 0; i < faults && !all.isEmpty(); i++) {
      damage(all, random);
    }
    faulty.messages.clear();
    faulty.messages.addAll(all);
    try {
      assertThat(drain(new ChunkReceiver(faulty, ALPHA, 16, upTo -> {})))
          .isEqualTo(sent.toByteArray());
    } catch (StreamBrokenException told) {
      assertThat(faults).isPositive();
    }
  }

  private static void damage(List<ReplyChannel.Received> all, Random random) {
    int at = random.nextInt(all.size());
    switch (random.nextInt(4)) {
      case 0 -> all.remove(at);
      case 1 -> all.add(random.nextInt(all.size() + 1), all.get(at));
      case 2 -> all.add(random.nextInt(all.size()), all.remove(at));
      default -> {
        Reply.Chunk chunk = (Reply.Chunk) all.get(at).message();
        byte[] flipped = Arrays.copyOf(chunk.payload(), chunk.payload().length);
        flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
        all.set(
            at,
            new ReplyChannel.Received(
                ALPHA, new Reply.Chunk(chunk.sequence(), chunk.kind(), chunk.crc32c(), flipped)));
      }
    }
  }

  @Test
  void atAPaceTheWaitsAddUpToWhatTheBytesTake() {
    long[] now = {Long.MAX_VALUE - 5}; // as nanoTime may, it goes over the end
    Pace pace = new Pace(100_000, () -> now[0]);
    long waited = 0;
    for (int i = 0; i < 1000; i++) {
      long left = Math.max(0, pace.left());
      now[0] += left;
      waited += left;
      pace.went(333);
    }
    assertThat(waited).isBetween(999L * 3_329_000, 999L * 3_331_000);
  }

  @Test
  void whatAPauseLeftUnusedIsNotMadeUpFor() {
    long[] now = {0};
    Pace pace = new Pace(1000, () -> now[0]);
    pace.went(500);
    now[0] += Duration.ofHours(1).toNanos();
    assertThat(pace.left()).isNotPositive();
    pace.went(1000);
    assertThat(pace.left()).isEqualTo(Duration.ofSeconds(1).toNanos());
  }

  @Test
  void aChunkTakesASecondAtTheMost() {
    assertThat(new Pace(65_536, System::nanoTime).chunk(524_288)).isEqualTo(65_536);
    assertThat(new Pace(1L << 40, System::nanoTime).chunk(524_288)).isEqualTo(524_288);
  }

  @Test
  void aSenderThatWaitsForItsTurnIsWokenWhenItIsCancelled() throws Exception {
    Pace slow = new Pace(1, System::nanoTime);
    ChunkSender sender =
        new ChunkSender(wire, ReplyId.random(), 16, SILENCE, slow, Platform.ofJvm());
    sender.send(ChunkKind.ARCHIVE, new byte[100_000]); // the next may go tomorrow
    CompletableFuture<Throwable> ended =
        CompletableFuture.supplyAsync(
            () ->
                catchThrowableOfType(
                    StreamBrokenException.class,
                    () -> sender.send(ChunkKind.ARCHIVE, new byte[1])));
    sender.message(new StreamMessage.Progress(1, 1)); // a message need not wait
    sender.cancel("nobody waits");
    assertThat(ended.get(30, TimeUnit.SECONDS)).hasMessage("nobody waits");
    assertThat(wire.messages).hasSize(2);
  }
}
