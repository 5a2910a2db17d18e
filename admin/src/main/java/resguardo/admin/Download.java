package resguardo.admin;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import resguardo.core.Peer;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.Sha256;
import resguardo.core.port.BrokerException;
import resguardo.core.port.CommandChannel;
import resguardo.core.port.Reply;
import resguardo.core.port.ReplyChannel;
import resguardo.core.protocol.Command;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.stream.ChunkReceiver;
import resguardo.core.stream.StreamBrokenException;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.VersionHeader;

/** A version on its way into a file, which appears whole and verified, or not at all. */
final class Download {
  /**
   * A worker that serves a query sends all the time; one that has been silent for so long is gone.
   */
  private static final Duration SILENCE = Duration.ofSeconds(30);

  private final CommandChannel commands;
  private final ReplyChannel replies;
  private final Duration timeout;
  private final String doing;
  private final LongConsumer progress;
  private @Nullable ReplyId creditTo;

  /**
   * @param doing for {@code Failed to …}
   * @param progress told how many bytes are there, as they come
   */
  Download(
      CommandChannel commands,
      ReplyChannel replies,
      Duration timeout,
      String doing,
      LongConsumer progress) {
    this.commands = commands;
    this.replies = replies;
    this.timeout = timeout;
    this.doing = doing;
    this.progress = progress;
  }

  /** What lies in the file now. */
  record Saved(VersionHeader version, long bytes, Sha256 digest) {}

  /**
   * Asks for a version and saves it.
   *
   * @throws AdminException when it cannot be had; the file is as it was before
   */
  Saved save(Desk.Question query, Path file) throws AdminException, InterruptedException {
    Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(Path.of("/"));
    Path partial =
        folder.resolve("." + file.getFileName() + ".partial-" + ProcessHandle.current().pid());
    ReplyId replyTo = ReplyId.random();
    try (ReplyChannel.Mailbox mailbox =
        replies.open(replyTo, ChunkReceiver.capacity(ChunkReceiver.WINDOW))) {
      Command command = query.askedBy(replyTo);
      commands.send(command);
      Saved saved = receive(mailbox, partial);
      Files.move(
          partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return saved;
    } catch (StreamBrokenException e) {
      throw failed(
          ExitCode.FAILED,
          String.valueOf(e.getMessage()),
          "Try again: the version is still there.");
    } catch (BrokerException e) {
      throw Desk.failed(doing, e);
    } catch (IOException e) {
      throw failed(
          ExitCode.FAILED,
          file + " cannot be written: " + e,
          "Look whether the folder is there and has room.");
    } finally {
      delete(partial);
    }
  }

  private static void delete(Path partial) {
    try {
      Files.deleteIfExists(partial);
    } catch (IOException e) {
      // it is in nobody's way
    }
  }

  private AdminException failed(ExitCode exit, String why, @Nullable String hint) {
    return new AdminException(exit, "Failed to " + doing + ": " + why + ".", hint);
  }

  private Saved receive(ReplyChannel.Mailbox mailbox, Path partial)
      throws IOException, AdminException, InterruptedException {
    ReplyChannel.Received first = first(mailbox);
    ChunkReceiver stream =
        new ChunkReceiver(
            new Replayed(first, mailbox), first.from(), ChunkReceiver.WINDOW, this::grant);
    StreamMessage opening = said(stream.receive(SILENCE));
    if (!(opening instanceof StreamMessage.QueryOpened opened)) {
      throw notServed(opening);
    }
    creditTo = opened.creditTo();
    MessageDigest digest = Sha256.newDigest();
    long bytes = 0;
    try (OutputStream out =
        Files.newOutputStream(partial, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ChunkReceiver.Piece piece = stream.receive(SILENCE);
      while (piece instanceof ChunkReceiver.Data data) {
        out.write(data.payload());
        digest.update(data.payload());
        bytes += data.payload().length;
        progress.accept(bytes);
        piece = stream.receive(SILENCE);
      }
      StreamMessage end = said(piece);
      Saved saved = new Saved(opened.header(), bytes, Sha256.ofDigest(digest.digest()));
      verify(saved, opened, end);
      force(partial);
      return saved;
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

  private AdminException notServed(StreamMessage message) {
    if (message instanceof StreamMessage.Failed failed) {
      ExitCode exit =
          failed.kind() == StreamMessage.Failed.Kind.NOT_FOUND
              ? ExitCode.NOT_FOUND
              : ExitCode.FAILED;
      return failed(exit, failed.why(), null);
    }
    return failed(ExitCode.FAILED, "the worker answered something else", null);
  }

  private void verify(Saved saved, StreamMessage.QueryOpened opened, StreamMessage end)
      throws AdminException {
    if (!(end instanceof StreamMessage.Finished finished)) {
      throw notServed(end);
    }
    boolean asSent =
        finished.archiveBytes() == saved.bytes() && finished.archiveDigest().equals(saved.digest());
    ArchiveRef stored = opened.header().archives().get(0);
    boolean asStored =
        opened.part()
            || (stored.bytes() == saved.bytes() && stored.digest().equals(saved.digest()));
    if (!asSent || !asStored) {
      throw failed(
          ExitCode.FAILED,
          "what came is not what the manifest names",
          "Try again; if it stays so, the archive is damaged.");
    }
  }

  private static void force(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  /** A mailbox whose first message was looked at already. */
  private static final class Replayed implements ReplyChannel.Mailbox {
    private final ReplyChannel.Mailbox rest;
    private ReplyChannel.@Nullable Received first;

    Replayed(ReplyChannel.Received first, ReplyChannel.Mailbox rest) {
      this.first = first;
      this.rest = rest;
    }

    @Override
    public Optional<ReplyChannel.Received> receive(Duration atMost)
        throws BrokerException, InterruptedException {
      Optional<ReplyChannel.Received> again = Optional.ofNullable(first);
      first = null;
      return again.isPresent() ? again : rest.receive(atMost);
    }

    @Override
    public boolean overflowed() {
      return rest.overflowed();
    }

    @Override
    public void close() {
      rest.close();
    }
  }
}
