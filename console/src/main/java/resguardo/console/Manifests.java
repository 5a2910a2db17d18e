package resguardo.console;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.admin.AdminException;
import resguardo.admin.ManifestLines;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.protocol.VersionChoice;
import resguardo.core.version.VersionHeader;

/**
 * The entries of versions that somebody looks at; a version never changes, so they are kept until
 * others need the room. For any threads.
 */
final class Manifests implements AutoCloseable {
  /** Entries of all that are kept. */
  private static final long MOST_ENTRIES = VersionIndex.MOST + VersionIndex.MOST / 2;

  /** Bytes of temporary files of all that are kept. */
  private static final long MOST_BYTES = VersionIndex.MOST_BYTES + VersionIndex.MOST_BYTES / 2;

  private static final int MOST_VERSIONS = 16;
  private static final Logger LOG = LoggerFactory.getLogger(Manifests.class);

  private final Operator operator;
  private final Map<Which, Kept> kept = new LinkedHashMap<>(16, 0.75f, true);

  private record Which(RegistrationKey key, Serial serial) {}

  private static final class Kept {
    private final CompletableFuture<VersionIndex> index = new CompletableFuture<>();
    private int readers;
    private boolean gone;
  }

  Manifests(Operator operator) {
    this.operator = operator;
  }

  /** Entries that stay at least until this is closed. */
  interface Lease extends AutoCloseable {
    /** The entries. */
    VersionIndex index();

    @Override
    void close();
  }

  /**
   * The entries of a version, which are asked for where they are not here.
   *
   * @param whom in whose name
   */
  Lease open(String whom, RegistrationKey key, Serial serial)
      throws AdminException, IOException, InterruptedException, Refusal {
    Which which = new Which(key, serial);
    Kept one;
    boolean first;
    synchronized (kept) {
      first = !kept.containsKey(which);
      one = kept.computeIfAbsent(which, any -> new Kept());
      one.readers++;
    }
    try {
      if (first) {
        fill(whom, which, one);
      }
      VersionIndex index = one.index.get();
      return new Lease() {
        private boolean closed;

        @Override
        public VersionIndex index() {
          return index;
        }

        @Override
        public void close() {
          if (!closed) {
            closed = true;
            leave(one);
          }
        }
      };
    } catch (ExecutionException e) {
      leave(one);
      throw failed(e);
    } catch (InterruptedException | RuntimeException e) {
      leave(one);
      throw e;
    }
  }

  static IOException failed(ExecutionException e) throws AdminException, Refusal {
    if (e.getCause() instanceof AdminException told) {
      // Each has its own: it may be told to several at once.
      throw new AdminException(told.exit(), String.valueOf(told.getMessage()), null);
    }
    if (e.getCause() instanceof TooLargeException large) {
      throw large.refusal();
    }
    return new IOException(String.valueOf(e.getCause() == null ? e : e.getCause().getMessage()), e);
  }

  private void fill(String whom, Which which, Kept one) throws InterruptedException {
    try {
      one.index.complete(read(whom, which));
      makeRoom();
    } catch (AdminException | IOException | InterruptedException | RuntimeException e) {
      synchronized (kept) {
        kept.remove(which, one);
        one.gone = true;
      }
      one.index.completeExceptionally(e);
      if (e instanceof InterruptedException stopped) {
        throw stopped;
      }
    }
  }

  private VersionIndex read(String whom, Which which)
      throws AdminException, IOException, InterruptedException {
    VersionIndex index = new VersionIndex();
    boolean good = false;
    try {
      ManifestLines.read(
          operator.query(whom, "look into version " + which.serial() + " of " + which.key()),
          which.key(),
          new VersionChoice.Numbered(which.serial()),
          null,
          new BoundedLines(taker(index)));
      index.complete();
      good = true;
      return index;
    } finally {
      if (!good) {
        index.close();
      }
    }
  }

  private static ManifestLines.Taker taker(VersionIndex index) {
    return new ManifestLines.Taker() {
      @Override
      public void opened(VersionHeader header) {
        index.opened(header);
      }

      @Override
      public void take(byte[] line, int length) throws IOException, MalformedMessageException {
        index.add(line, length);
      }
    };
  }

  private void makeRoom() {
    List<Kept> dropped = new ArrayList<>();
    synchronized (kept) {
      long entries = sum(VersionIndex::size);
      long bytes = sum(VersionIndex::fileBytes);
      var oldest = kept.values().iterator();
      while (oldest.hasNext()
          && (entries > MOST_ENTRIES || bytes > MOST_BYTES || kept.size() > MOST_VERSIONS)) {
        Kept one = oldest.next();
        if (one.index.isDone() && one.readers == 0) {
          entries -= of(one, VersionIndex::size);
          bytes -= of(one, VersionIndex::fileBytes);
          oldest.remove();
          one.gone = true;
          dropped.add(one);
        }
      }
    }
    dropped.forEach(Manifests::drop);
  }

  private long sum(ToLongFunction<VersionIndex> size) {
    return kept.values().stream().mapToLong(one -> of(one, size)).sum();
  }

  private static long of(Kept one, ToLongFunction<VersionIndex> size) {
    return one.index.isDone() && !one.index.isCompletedExceptionally()
        ? size.applyAsLong(one.index.join())
        : 0;
  }

  private void leave(Kept one) {
    synchronized (kept) {
      one.readers--;
      if (!one.gone || one.readers > 0) {
        return;
      }
    }
    drop(one);
  }

  private static void drop(Kept one) {
    if (one.index.isDone() && !one.index.isCompletedExceptionally()) {
      try {
        one.index.join().close();
      } catch (IOException e) {
        LOG.warn("a temporary file is not closed: {}", e.getMessage());
      }
    }
  }

  @Override
  public void close() {
    List<Kept> all;
    synchronized (kept) {
      all = List.copyOf(kept.values());
      kept.clear();
      all.forEach(one -> one.gone = true);
    }
    all.forEach(Manifests::drop);
  }
}
