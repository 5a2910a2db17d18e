package resguardo.admin;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.core.Peer;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.port.BrokerException;
import resguardo.core.port.CommandChannel;
import resguardo.core.port.Reply;
import resguardo.core.port.ReplyChannel;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.stream.ChunkReceiver;
import resguardo.core.stream.ReplayedMailbox;
import resguardo.core.stream.StreamBrokenException;

/** Asks for something of a version, and receives what a worker sends of it. */
public final class VersionQuery {
  /**
   * A worker that serves a query says something all the time; one that is silent so long is gone.
   */
  private static final Duration SILENCE = Duration.ofSeconds(30);

  /** What to try where a folder is not empty. */
  static final String ANOTHER_FOLDER = "Give another folder, or --overwrite.";

  private final CommandChannel commands;
  private final ReplyChannel replies;
  private final Duration timeout;
  private final String doing;
  private @Nullable ReplyId creditTo;

  /**
   * @param doing for {@code Failed to …}
   */
  public VersionQuery(
      CommandChannel commands, ReplyChannel replies, Duration timeout, String doing) {
    this.commands = commands;
    this.replies = replies;
    this.timeout = timeout;
    this.doing = doing;
  }

  /** Takes data as it comes. */
  public interface Sink {
    /** Told once, before any data comes. */
    default void opened(StreamMessage.QueryOpened opened) {}

    /** Told how far the work is that is done for it. */
    default void progress(StreamMessage.Progress progress) {}

    /** Takes the next. */
    void take(ChunkReceiver.Data data) throws IOException;
  }

  /** A stream that came to its end: how it began and ended. */
  public record Served(StreamMessage.QueryOpened opened, StreamMessage end) {}

  /**
   * Asks, and receives to the end.
   *
   * @throws AdminException when it is not served
   * @throws IOException when the sink fails
   */
  public Served run(Desk.Question query, Sink sink)
      throws AdminException, IOException, InterruptedException {
    ReplyId replyTo = ReplyId.random();
    try (ReplyChannel.Mailbox mailbox =
        replies.open(replyTo, ChunkReceiver.capacity(ChunkReceiver.WINDOW))) {
      commands.send(query.askedBy(replyTo));
      return receive(mailbox, sink);
    } catch (StreamBrokenException e) {
      boolean another = e.kind() == StreamBrokenException.Kind.FOREIGN;
      throw failed(
          ExitCode.FAILED,
          another ? "the worker that served it has ended" : String.valueOf(e.getMessage()),
          "Try again: the version is still there.");
    } catch (BrokerException e) {
      throw Desk.failed(doing, e);
    }
  }

  private Served receive(ReplyChannel.Mailbox mailbox, Sink sink)
      throws IOException, AdminException, InterruptedException {
    ReplyChannel.Received first = first(mailbox);
    ChunkReceiver stream =
        new ChunkReceiver(
            new ReplayedMailbox(first, mailbox), first.from(), ChunkReceiver.WINDOW, this::grant);
    StreamMessage opening = said(stream.receive(SILENCE));
    if (!(opening instanceof StreamMessage.QueryOpened opened)) {
      throw notServed(opening);
    }
    creditTo = opened.creditTo();
    grant(ChunkReceiver.WINDOW); // so that the worker knows that somebody still waits
    sink.opened(opened);
    while (true) {
      ChunkReceiver.Piece piece = stream.receive(SILENCE);
      if (piece instanceof ChunkReceiver.Data data) {
        sink.take(data);
      } else if (piece instanceof ChunkReceiver.Said said
          && said.message() instanceof StreamMessage.Progress progress) {
        sink.progress(progress);
      } else if (piece instanceof ChunkReceiver.Said said && said.message().last()) {
        if (said.message() instanceof StreamMessage.Failed) {
          throw notServed(said.message());
        }
        return new Served(opened, said.message());
      }
    }
  }

  /** The first answer tells who serves: a worker, or the coordinator, which then refuses. */
  private ReplyChannel.Received first(ReplyChannel.Mailbox mailbox)
      throws BrokerException, AdminException, InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    while (true) {
      Optional<ReplyChannel.Received> received =
          mailbox.receive(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
      if (received.isEmpty()) {
        throw failed(
            ExitCode.NO_ANSWER,
            "no answer within " + timeout.toSeconds() + " s",
            "Are a coordinator and a fetch-worker running? A longer --timeout waits longer.");
      }
      Peer from = received.get().from();
      if (from.role() == Role.COORDINATOR && received.get().message() instanceof Reply.Said said) {
        Desk.accepted(said.answer(), doing);
      } else if (from.role() == Role.WORKER && received.get().message() instanceof Reply.Chunk) {
        return received.get();
      }
    }
  }

  private void grant(long upTo) {
    ReplyId to = creditTo;
    if (to == null) {
      return;
    }
    try {
      replies.send(to, new Reply.Credit(upTo));
    } catch (BrokerException e) {
      // the next credit says all that this one does
    }
  }

  private static StreamMessage said(ChunkReceiver.Piece piece) throws StreamBrokenException {
    if (piece instanceof ChunkReceiver.Said said) {
      return said.message();
    }
    throw new StreamBrokenException(
        StreamBrokenException.Kind.MALFORMED, "data came where a message was due");
  }

  /** What to say where a stream ended with something else than what was asked for. */
  public AdminException notServed(StreamMessage message) {
    if (message instanceof StreamMessage.Failed failed) {
      ExitCode exit =
          switch (failed.kind()) {
            case NOT_FOUND -> ExitCode.NOT_FOUND;
            case NO_ANSWER -> ExitCode.NO_ANSWER;
            default -> ExitCode.FAILED;
          };
      return failed(exit, failed.why(), hint(failed.kind()));
    }
    return failed(ExitCode.FAILED, "the worker answered something else", null);
  }

  private static @Nullable String hint(StreamMessage.Failed.Kind kind) {
    return switch (kind) {
      case ENCRYPTED ->
          "Give --identity FILE, with the secret key of one of them as age-keygen wrote it; to restore, also --to.";
      case NOT_FOUND ->
          "admin show lists what a version has, as --entry takes it; --entry '**/NAME' is a NAME in any folder.";
      case NOT_EMPTY -> ANOTHER_FOLDER;
      case NOT_ALLOWED -> "Where restores may go is said on the node: bin/agent --restore-to PATH.";
      case NO_ANSWER -> "Is the node's agent running? admin list shows when it was seen last.";
      default -> null;
    };
  }

  /** What to say of a query that failed. */
  public AdminException failed(ExitCode exit, String why, @Nullable String hint) {
    return new AdminException(exit, "Failed to " + doing + ": " + why + ".", hint);
  }
}
