package resguardo.agent;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import resguardo.archive.Extractor;
import resguardo.archive.MemberCodecs;
import resguardo.archive.RestoreReport;
import resguardo.core.NodeName;
import resguardo.core.SourcePath;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Platform;
import resguardo.core.port.ReplyChannel;
import resguardo.core.protocol.AgentOrder;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.stream.ChunkReceiver;
import resguardo.core.stream.ChunkSender;
import resguardo.infra.runtime.ActivityLog;

/** One accepted order to restore carried out: allowed? → receive → extract → tell. */
final class RestoreFlow {
  private static final int BUFFER = 128 * 1024;

  /** A worker that takes no words for so long is gone. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final NodeName node;
  private final RestoreTargets targets;
  private final AgentOrder.Restore order;
  private final ActivityLog activity;
  private final ChunkSender words;
  private final Whereabouts whereabouts;
  private final ChunkInbox inbox = new ChunkInbox(ChunkReceiver.capacity(ChunkReceiver.WINDOW));

  /** What there is so far, for whoever asks from another thread. */
  private volatile long files;

  private volatile long bytes;
  private volatile boolean cancelled;

  RestoreFlow(
      NodeName node,
      RestoreTargets targets,
      AgentOrder.Restore order,
      ReplyChannel replies,
      ActivityLog activity,
      Platform platform) {
    this.node = node;
    this.targets = targets;
    this.order = order;
    this.activity = activity;
    this.whereabouts = new Whereabouts(platform::nanoTime);
    this.words =
        new ChunkSender(
            chunk -> waiting(() -> replies.send(order.replyTo(), chunk)),
            0,
            PATIENCE,
            null,
            platform);
  }

  /** A call of the broker. */
  private interface Call {
    void run() throws BrokerException;
  }

  private void waiting(Call call) throws BrokerException {
    whereabouts.rest();
    try {
      call.run();
    } finally {
      whereabouts.next();
    }
  }

  /** Whether it has been writing for so long without being done with it. For any thread. */
  boolean hangs(Duration time) {
    return whereabouts.unanswered(time) != null;
  }

  /** Where it writes. */
  SourcePath folder() {
    return order.to().folder();
  }

  /** What it is in does not return: the worker is told, as its own thread cannot. */
  void giveUp(String why) {
    activity.tell(node, order.to().folder(), "hangs: " + why);
    say(failed(why));
    cancel(why);
  }

  /** Does not begin. */
  void refuse(StreamMessage.Failed.Kind kind, String why) {
    say(new StreamMessage.Failed(kind, why));
  }

  /** What comes for it. */
  ChunkInbox inbox() {
    return inbox;
  }

  /** Ends it, wherever it is; what was restored until then stays. */
  void cancel(String why) {
    cancelled = true;
    inbox.cancel(why);
  }

  /** Tells the worker. If that is not possible, nobody waits for it any more. */
  void say(StreamMessage message) {
    try {
      words.message(message);
    } catch (IOException e) {
      cancel("the worker is gone: " + e.getMessage());
    }
  }

  /** Tells how far it is. */
  void sign() {
    say(new StreamMessage.Progress(files, bytes));
  }

  /** Carries it out. However it ends, the worker is told, if it is still there. */
  void run() {
    whereabouts.begin();
    whereabouts.comesTo(order.to().folder().memberName());
    StreamMessage end = outcome();
    whereabouts.leaves();
    activity.tell(node, order.to().folder(), words(end));
    say(end);
  }

  private String words(StreamMessage end) {
    String what = order.version() + " to " + order.to().folder();
    return end instanceof StreamMessage.Restored restored
        ? "restored " + what + ": " + restored.files() + " files, " + restored.bytes() + " bytes"
        : "did not restore " + what + ": " + ((StreamMessage.Failed) end).why();
  }

  private StreamMessage outcome() {
    try {
      if (cancelled) {
        return failed("nobody waits for it any more");
      }
      return restored(targets.prepare(order.to()));
    } catch (RestoreTargets.RefusedException e) {
      return new StreamMessage.Failed(e.kind(), String.valueOf(e.getMessage()));
    } catch (FileSystemException e) {
      return failed(e.toString());
    } catch (IOException e) {
      return failed(String.valueOf(e.getMessage()));
    } catch (RuntimeException e) { // whatever it is, the worker must not wait for it
      return failed("failed: " + e);
    }
  }

  private static StreamMessage failed(String why) {
    return new StreamMessage.Failed(StreamMessage.Failed.Kind.BROKEN, why);
  }

  private StreamMessage restored(Path target) throws IOException {
    ChunkReceiver stream =
        new ChunkReceiver(new Arriving(), ChunkInbox.SENDER, ChunkReceiver.WINDOW, this::grant);
    RestoreReport report = new RestoreReport();
    Extractor extractor =
        new Extractor(target, Extractor.maySetOwners(), report::warn, this::at).only(order.what());
    grant(ChunkReceiver.WINDOW);
    try (InputStream archive = new ArrivingArchive(stream);
        InputStream tar = MemberCodecs.unpacked(archive, BUFFER)) {
      Extractor.Restored restored = extractor.run(tar);
      return report.of(restored);
    }
  }

  /** The inbox, where waiting for what comes is no work of this node. */
  private final class Arriving implements ReplyChannel.Mailbox {
    @Override
    public Optional<ReplyChannel.Received> receive(Duration atMost)
        throws BrokerException, InterruptedException {
      whereabouts.rest();
      try {
        return inbox.receive(atMost);
      } finally {
        whereabouts.next();
      }
    }

    @Override
    public boolean overflowed() {
      return inbox.overflowed();
    }

    @Override
    public void close() {
      inbox.close();
    }
  }

  private void at(long filesSoFar, long bytesSoFar) {
    whereabouts.goesOn();
    files = filesSoFar;
    bytes = bytesSoFar;
  }

  private void grant(long upTo) {
    say(new StreamMessage.Credit(upTo));
  }
}
