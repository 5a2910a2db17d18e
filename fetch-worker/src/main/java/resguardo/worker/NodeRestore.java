package resguardo.worker;

import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import resguardo.core.Peer;
import resguardo.core.ReplyId;
import resguardo.core.port.AgentChannel;
import resguardo.core.port.BrokerException;
import resguardo.core.port.ChunkKind;
import resguardo.core.port.ReplyChannel;
import resguardo.core.protocol.AgentOrder;
import resguardo.core.protocol.Event;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.protocol.QueryJob;
import resguardo.core.protocol.RestoreTarget;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.stream.ChunkReceiver;
import resguardo.core.stream.ChunkSender;
import resguardo.core.stream.ChunkedOutput;
import resguardo.core.stream.StreamBrokenException;

/**
 * An archive on its way to an agent that restores it: order → credit → chunks → end. What the agent
 * says of how far it is goes on to whoever asked. If either of them is gone, the other is told.
 */
final class NodeRestore implements AutoCloseable {

  /** An agent that is alive takes an order at once. */
  private static final Duration ANSWER = Duration.ofSeconds(10);

  /**
   * An agent that restores gives a sign of life every five seconds, also while it waits its turn.
   * Less than the 30 seconds after which whoever asked gives up: so the worker can still say who is
   * gone.
   */
  private static final Duration SILENCE = Duration.ofSeconds(20);

  /** Once all was sent an agent has some MiB to unpack, which may be files of many GiB. */
  private static final Duration STANDSTILL = Duration.ofHours(1);

  /** Restores that wait their turn at an agent get no credit meanwhile. */
  private static final Duration TURN = Duration.ofHours(24);

  private final WorkerContext context;
  private final AgentChannel agents;
  private final QueryJob query;
  private final RestoreTarget to;
  private final ChunkSender asker;
  private final ReplyId stream;
  private final ReplyId words;
  private final ChunkSender data;
  private final ChunkSender.Turns turns;
  private final ChunkedOutput out;
  private ReplyChannel.@Nullable Mailbox mailbox;
  private @Nullable Thread listener;
  private volatile @Nullable StreamMessage last;
  private volatile String gone = "the agent's last word did not come";
  private volatile boolean allSent;

  /**
   * @param asker told how far it is
   * @param turns where the archive is made; given up while it waits for the agent
   */
  NodeRestore(
      WorkerContext context,
      QueryJob query,
      RestoreTarget to,
      ChunkSender asker,
      ChunkSender.Turns turns) {
    this.turns = turns;
    this.context = context;
    this.agents = context.agents();
    this.query = query;
    this.to = to;
    this.asker = asker;
    this.stream = context.platform().newId();
    this.words = context.platform().newId();
    this.data =
        new ChunkSender(
                chunk -> agents.send(to.node(), stream, chunk), 0, TURN, null, context.platform())
            .takingTurns(turns);
    this.out = new ChunkedOutput(data, ChunkKind.ARCHIVE, ChunkReceiver.CHUNK_BYTES);
  }

  /** Reads the archive: it calls {@link #begin}, and {@link #take} with all of it. */
  interface Reading {
    StreamMessage run() throws IOException, InterruptedException, MalformedMessageException;
  }

  /**
   * Does it.
   *
   * @return how it ended: {@link StreamMessage.Restored}, or why it could not be done
   * @throws IOException when the archive cannot be read
   */
  StreamMessage of(Reading reading)
      throws IOException, InterruptedException, MalformedMessageException {
    StreamMessage end;
    try {
      end = ended(reading.run());
    } catch (NotBegunException e) {
      end = e.end;
    } catch (StreamBrokenException | BrokerException e) {
      end = last(String.valueOf(e.getMessage()));
    } catch (MalformedMessageException | IOException e) {
      tell(last(String.valueOf(e.getMessage())));
      throw e;
    }
    tell(end);
    return end;
  }

  /** The agent does not begin. */
  private static final class NotBegunException extends IOException {
    private static final long serialVersionUID = 1;

    private final transient StreamMessage end;

    NotBegunException(StreamMessage end) {
      super("not begun");
      this.end = end;
    }
  }

  /** Gives the order, and returns once the agent has it. */
  void begin() throws IOException, InterruptedException {
    ReplyChannel.Mailbox open =
        context.replies().open(words, ChunkReceiver.capacity(ChunkReceiver.WINDOW));
    mailbox = open;
    ChunkReceiver agent =
        new ChunkReceiver(open, Peer.agent(to.node()), ChunkReceiver.WINDOW, upTo -> {});
    try {
      agents.send(
          to.node(),
          new AgentOrder.Restore(
              stream,
              words,
              "version " + query.serial() + " of " + query.registration(),
              query.registration().path().memberName(),
              to,
              context.clock().instant().plus(ANSWER)));
      StreamMessage first = said(agent, ANSWER);
      if (first.last()) {
        throw new NotBegunException(first);
      }
    } catch (BrokerException.Unroutable e) {
      throw new NotBegunException(noAnswer("there is no agent of " + to.node()));
    } catch (StreamBrokenException e) {
      if (e.kind() == StreamBrokenException.Kind.SILENT) {
        throw new NotBegunException(noAnswer("the agent of " + to.node() + " did not answer"));
      }
      throw e;
    }
    listener = new Thread(() -> listen(agent), "words of a restore");
    listener.start();
  }

  private static StreamMessage noAnswer(String why) {
    return new StreamMessage.Failed(StreamMessage.Failed.Kind.NO_ANSWER, why);
  }

  private static StreamMessage said(ChunkReceiver agent, Duration silence)
      throws IOException, InterruptedException {
    if (agent.receive(silence) instanceof ChunkReceiver.Said said) {
      return said.message();
    }
    throw new StreamBrokenException(
        StreamBrokenException.Kind.MALFORMED, "the agent sent data where it is to receive some");
  }

  private void listen(ChunkReceiver agent) {
    try {
      Advance advance = new Advance();
      for (StreamMessage message = said(agent, SILENCE); ; message = said(agent, SILENCE)) {
        advance.refuseNone(message);
        if (message instanceof StreamMessage.Credit credit) {
          data.grant(credit.upTo());
        } else if (message.last()) {
          last = message;
          data.cancel("the agent has ended it");
          return;
        } else {
          asker.message(message);
        }
      }
    } catch (IOException e) {
      nothingMore(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      nothingMore("the worker ends");
    }
  }

  /**
   * Whether an agent that has all gets on. One that hangs, or that lies, may say that it is at work
   * for ever, and keep a place here and at whoever asked. For one thread.
   */
  private final class Advance {
    private long files;
    private long bytes;
    private long since;
    private long allSentSince;

    /**
     * @throws StreamBrokenException when nothing was new for too long
     */
    void refuseNone(StreamMessage message) throws StreamBrokenException {
      long now = context.platform().nanoTime();
      boolean isNew =
          message instanceof StreamMessage.Progress so
              && (so.entries() > files || so.bytes() > bytes);
      if (message instanceof StreamMessage.Progress so) {
        files = Math.max(files, so.entries());
        bytes = Math.max(bytes, so.bytes());
      }
      if (!allSent) {
        allSentSince = now;
      }
      if (isNew || !allSent || message.last()) {
        since = now;
      }
      if (now - since >= STANDSTILL.toNanos() || now - allSentSince >= TURN.toNanos()) {
        throw new StreamBrokenException(
            StreamBrokenException.Kind.SILENT,
            "the agent of " + to.node() + " has all of it, and does not come to an end");
      }
    }
  }

  /**
   * To be asked by whoever makes the archive, when nothing is sent for long.
   *
   * @throws StreamBrokenException when nobody takes it any more
   */
  void refuseEnded() throws StreamBrokenException {
    Thread listening = listener;
    if (listening != null && !listening.isAlive()) {
      throw new StreamBrokenException(StreamBrokenException.Kind.CANCELLED, gone);
    }
  }

  private void nothingMore(String why) {
    gone = why;
    data.cancel(why);
  }

  /** Sends the next bytes, as far as there is credit. */
  void take(byte[] bytes) throws IOException, InterruptedException {
    out.add(bytes);
  }

  private StreamMessage ended(StreamMessage read) throws IOException, InterruptedException {
    Thread listening = listener;
    if (listening == null) {
      return read; // it was never begun
    }
    out.flush();
    data.message(read);
    allSent = true;
    turns.rest();
    listening.join();
    return read instanceof StreamMessage.Failed ? read : last(gone);
  }

  /** The agent's last word, if there is one; it says best why nothing goes on. */
  private StreamMessage last(String otherwise) {
    StreamMessage word = last;
    return word != null
        ? word
        : new StreamMessage.Failed(StreamMessage.Failed.Kind.BROKEN, otherwise);
  }

  private void tell(StreamMessage end) {
    StreamMessage.Restored restored = end instanceof StreamMessage.Restored all ? all : null;
    String why = end instanceof StreamMessage.Failed failed ? failed.why() : null;
    try {
      context
          .events()
          .publish(
              new Event.RestoreEnded(
                  context.clock().instant(),
                  context.self(),
                  query.registration(),
                  query.serial(),
                  to,
                  restored == null ? 0 : restored.files(),
                  restored == null ? 0 : restored.bytes(),
                  why));
    } catch (BrokerException e) {
      // whoever asked is told
    }
  }

  @Override
  public void close() {
    if (mailbox != null && last == null) {
      cancel();
    }
    if (listener != null) {
      listener.interrupt();
    }
    if (mailbox != null) {
      mailbox.close();
    }
  }

  private void cancel() {
    try {
      agents.send(to.node(), new AgentOrder.Cancel(stream, "the worker has given it up"));
    } catch (BrokerException e) {
      // The agent finds out by itself, when nothing comes.
    }
  }
}
