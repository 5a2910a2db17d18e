package resguardo.worker;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import resguardo.core.BackupOptions;
import resguardo.core.FetchJob;
import resguardo.core.NodeName;
import resguardo.core.ReplyId;
import resguardo.core.SliceLimit;
import resguardo.core.catalog.DamagedException;
import resguardo.core.port.AgentChannel;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Platform;
import resguardo.core.port.Tracing;
import resguardo.core.protocol.AgentOrder;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.stream.ChunkReceiver;
import resguardo.core.stream.StreamBrokenException;
import resguardo.core.version.ManifestReader;

/** One attempt's talk with an agent: what is ordered of it, and what it sends. */
final class Fetching {
  /** An agent that is alive takes an order at once; one that is busy says so within this time. */
  private static final Duration ANSWER = Duration.ofSeconds(10);

  /** An agent gives a sign of life every 2 seconds. */
  private static final Duration SILENCE = Duration.ofSeconds(30);

  private final AgentChannel agents;
  private final SliceLimit sliceLimit;
  private final Duration patience;
  private final Platform platform;
  private final FetchJob job;
  private final NodeName node;
  private final ReplyId attempt;
  private final AtomicLong entries = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();

  Fetching(WorkerContext context, FetchJob job, ReplyId attempt) {
    this.agents = context.agents();
    this.sliceLimit = context.slices();
    this.patience = context.patience();
    this.platform = context.platform();
    this.job = job;
    this.node = job.registration().node();
    this.attempt = attempt;
  }

  /** How many entries have come so far. For any thread. */
  long entries() {
    return entries.get();
  }

  /** How many bytes have come so far. For any thread. */
  long bytes() {
    return bytes.get();
  }

  /**
   * Orders what is to come.
   *
   * @param options what the registration asks for; absent: nothing
   * @param stream what comes
   * @return whether the agent has taken the order
   */
  boolean order(Footing footing, @Nullable BackupOptions options, ChunkReceiver stream)
      throws IOException, InterruptedException {
    try (Tracing.Step step = platform.tracing().begin("order from agent")) {
      ask(footing, options);
      boolean accepted = accepted(stream);
      if (!accepted) {
        step.failed("no answer");
      }
      return accepted;
    }
  }

  private void ask(Footing footing, @Nullable BackupOptions options) throws BrokerException {
    AgentOrder order =
        new AgentOrder.ScanAndSend(
            job,
            attempt,
            ChunkReceiver.WINDOW,
            ChunkReceiver.CHUNK_BYTES,
            footing.base(),
            footing.nextArchive(),
            footing.isBroughtWhole(),
            sliceLimit,
            Receiving.longestLine(Runtime.getRuntime().maxMemory()),
            options,
            platform.clock().instant().plus(ANSWER));
    agents.prepare(node);
    try {
      agents.send(node, order);
    } catch (BrokerException.Unroutable lost) {
      throw new BrokerException.Unroutable(
          "the broker has no queue of " + node + "; a coordinator makes it for the next try");
    }
  }

  /** Lets the agent send so many chunks, counted from the first. */
  void grant(long upTo) {
    try {
      agents.send(node, new AgentOrder.Credit(attempt, upTo));
    } catch (BrokerException e) {
      // The next credit says all that this one does; without any, the stream falls silent and is
      // given up.
    }
  }

  /** Tells the agent that nothing is wanted any more. */
  void cancel(Exception why) {
    try {
      agents.send(node, new AgentOrder.Cancel(attempt, String.valueOf(why.getMessage())));
    } catch (BrokerException e) {
      // The agent finds out by itself, when no credit comes.
    }
  }

  private boolean accepted(ChunkReceiver stream) throws IOException, InterruptedException {
    try {
      ChunkReceiver.Piece first = stream.receive(ANSWER);
      grant(ChunkReceiver.WINDOW); // shows an agent whose clock is wrong that somebody waits
      return first instanceof ChunkReceiver.Said said
          && said.message() instanceof StreamMessage.Accepted;
    } catch (StreamBrokenException e) {
      if (e.kind() == StreamBrokenException.Kind.SILENT) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Takes in all that comes, and sends the agent the base where it asks for it.
   *
   * @return the last message, which says how it ended
   */
  StreamMessage receive(ChunkReceiver stream, Receiving receiving, Footing footing)
      throws IOException, InterruptedException {
    try (Tracing.Step step = platform.tracing().begin("receive")) {
      StreamMessage last = receiveAll(stream, receiving, footing);
      step.with("resguardo.entries", receiving.entries())
          .with("resguardo.bytes", receiving.archiveBytes());
      return last;
    }
  }

  private StreamMessage receiveAll(ChunkReceiver stream, Receiving receiving, Footing footing)
      throws IOException, InterruptedException {
    boolean baseSent = false;
    long end = platform.nanoTime() + patience.toNanos();
    while (true) {
      ChunkReceiver.Piece piece = stream.receive(SILENCE);
      if (platform.nanoTime() - end > 0) {
        throw new IOException(
            "the agent of " + node + " was not done after " + patience.toSeconds() + " s");
      }
      if (piece instanceof ChunkReceiver.Data data) {
        receiving.take(data);
        entries.set(receiving.entries());
        bytes.set(receiving.archiveBytes());
      } else if (piece instanceof ChunkReceiver.Said said
          && said.message() instanceof StreamMessage.NeedBase) {
        if (baseSent) {
          throw new StreamBrokenException(
              StreamBrokenException.Kind.MALFORMED,
              "the agent asks again for the base that it was sent");
        }
        baseSent = true;
        sendBase(footing);
      } else if (piece instanceof ChunkReceiver.Said said && said.message().last()) {
        return said.message();
      }
    }
  }

  private void sendBase(Footing footing) throws IOException {
    try (ManifestReader lines = footing.lines()) {
      BaseSender.send(agents, node, attempt, lines);
    } catch (MalformedMessageException e) {
      throw new DamagedException(footing.baseKey(), e.getMessage());
    }
  }
}
