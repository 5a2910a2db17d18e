package resguardo.admin;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import resguardo.archive.AgeIdentities;
import resguardo.archive.MemberReceiver;
import resguardo.core.Sha256;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.stream.BlockPipe;
import resguardo.core.stream.ChunkReceiver;
import resguardo.core.version.VersionHeader;

/**
 * A version whose entries and members come as they lie, for what only the owner of a key can do
 * with them.
 */
final class MemberStream {
  /** Blocks that wait to be taken, of 512 KiB each as workers send them. */
  private static final int BLOCKS = 4;

  private final VersionQuery query;
  private final AgeIdentities identities;

  MemberStream(VersionQuery query, AgeIdentities identities) {
    this.query = query;
    this.identities = identities;
  }

  /** Takes all that comes, on a thread of its own. */
  interface Taker {
    /** Told once, before anything comes, on another thread. */
    default void opened(StreamMessage.QueryOpened opened) {}

    /**
     * @throws IOException when a member is not what it should be, or cannot be opened
     * @throws CannotTakeException when it is not the members' fault
     */
    void take(VersionHeader header, MemberReceiver members)
        throws IOException, InterruptedException;
  }

  /** What was taken cannot be put where it should go. */
  static final class CannotTakeException extends IOException {
    private static final long serialVersionUID = 1;

    CannotTakeException(IOException cause) {
      super(cause.getMessage(), cause);
    }
  }

  /**
   * Asks for them, and has them taken.
   *
   * @throws AdminException when they cannot be had or opened
   * @throws IOException when they cannot be taken
   */
  VersionQuery.Served run(Desk.Question question, Taker taker)
      throws AdminException, IOException, InterruptedException {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try (Pump pump = new Pump(thread, taker)) {
      VersionQuery.Served served = served(question, pump);
      pump.finish(query, served);
      return served;
    } catch (ExecutionException e) {
      throw failed(e.getCause());
    } finally {
      thread.shutdownNow();
    }
  }

  private VersionQuery.Served served(Desk.Question question, Pump pump)
      throws AdminException, IOException, InterruptedException, ExecutionException {
    try {
      return query.run(question, pump);
    } catch (IOException nobodyTakes) {
      pump.await(); // says why
      throw nobodyTakes;
    }
  }

  private AdminException failed(@Nullable Throwable cause)
      throws IOException, InterruptedException {
    if (cause instanceof CannotTakeException cannot) {
      throw cannot;
    } else if (cause instanceof InterruptedException interrupted) {
      throw interrupted;
    } else if (cause instanceof AgeIdentities.NotForUsException) {
      return query.failed(
          ExitCode.FAILED,
          "none of the keys opens it",
          "admin history --json says whom a version is encryptedTo; give --identity the file of one of them.");
    }
    return query.failed(
        ExitCode.FAILED,
        cause instanceof IOException ? String.valueOf(cause.getMessage()) : String.valueOf(cause),
        "Try again; if it stays so, an archive is damaged.");
  }

  /** Carries what comes over to the taker, as fast as that is. */
  private final class Pump implements VersionQuery.Sink, AutoCloseable {
    private final BlockPipe pipe = new BlockPipe(BLOCKS);
    private final ExecutorService thread;
    private final Taker taker;
    private final MessageDigest digest = Sha256.newDigest();
    private long bytes;
    private @Nullable Future<?> taken;

    Pump(ExecutorService thread, Taker taker) {
      this.thread = thread;
      this.taker = taker;
    }

    @Override
    public void opened(StreamMessage.QueryOpened opened) {
      taker.opened(opened);
      taken =
          thread.submit(
              () -> {
                try (InputStream in = pipe.in()) {
                  taker.take(opened.header(), new MemberReceiver(in, identities));
                }
                return null;
              });
    }

    @Override
    public void take(ChunkReceiver.Data data) throws IOException {
      digest.update(data.payload());
      bytes += data.payload().length;
      pipe.put(data.payload());
    }

    /** Waits until all was taken, and holds it against what was sent. */
    void finish(VersionQuery query, VersionQuery.Served served)
        throws AdminException, IOException, InterruptedException, ExecutionException {
      if (!(served.end() instanceof StreamMessage.Finished finished)) {
        throw query.notServed(served.end());
      }
      if (finished.archiveBytes() != bytes
          || !finished.archiveDigest().equals(Sha256.ofDigest(digest.digest()))) {
        throw query.failed(ExitCode.FAILED, "what came is not what was sent", "Try again.");
      }
      pipe.end();
      await();
    }

    void await() throws InterruptedException, ExecutionException {
      if (taken != null) {
        taken.get();
      }
    }

    /** Whoever still takes then is told that there is no more. */
    @Override
    public void close() {
      pipe.fail(new IOException("it was broken off"));
    }
  }
}
