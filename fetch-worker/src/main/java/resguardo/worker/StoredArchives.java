package resguardo.worker;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import resguardo.core.Sha256;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.Platform;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;
import resguardo.core.version.ArchiveRef;

/**
 * Whether archives lie in the bucket as they should: as far as that can be told without reading
 * them, or all of it.
 */
final class StoredArchives {
  /**
   * A version has up to 16; so many are looked at at once, so that it takes no time to speak of.
   */
  private static final int AT_ONCE = 4;

  private static final int BUFFER = 256 * 1024;

  private StoredArchives() {}

  /** Hears how much of an archive has been read since it heard last. */
  interface Read {
    /** So many bytes more. */
    void more(int bytes) throws IOException;
  }

  /**
   * Whether an archive is as it was written, by its digest: all of it is read. Of one that is
   * encrypted no more can be seen.
   *
   * @throws StoreException when it could not be read
   * @throws IOException as {@link Read#more}
   */
  static boolean isAsWritten(ArchiveStore store, ArchiveRef archive, Read read) throws IOException {
    MessageDigest digest = Sha256.newDigest();
    byte[] buffer = new byte[BUFFER];
    try (InputStream in = store.read(new ObjectKey(archive.key()), 0, archive.bytes())) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
        read.more(n);
      }
    }
    return Sha256.ofDigest(digest.digest()).equals(archive.digest());
  }

  /** What is wrong with an archive, in words; empty: it is there, as long as it should be. */
  static Optional<String> problem(ArchiveStore store, ArchiveRef archive) throws StoreException {
    Optional<StoredObject> stored = store.head(new ObjectKey(archive.key()));
    if (stored.isEmpty()) {
      return Optional.of(archive.key() + " is not there");
    }
    long size = stored.get().size();
    return size == archive.bytes()
        ? Optional.empty()
        : Optional.of(archive.key() + " has " + size + " bytes instead of " + archive.bytes());
  }

  /**
   * What is wrong with the first of these that is not as it should be; empty: all are.
   *
   * @throws StoreException when one could not be looked at
   */
  static Optional<String> firstProblem(
      ArchiveStore store, List<ArchiveRef> archives, Platform platform)
      throws StoreException, InterruptedException {
    if (archives.isEmpty()) {
      return Optional.empty();
    }
    ExecutorService threads =
        platform.pool("looks at archives", Math.min(AT_ONCE, archives.size()));
    try {
      List<Callable<Optional<String>>> looks =
          archives.stream()
              .map(archive -> (Callable<Optional<String>>) () -> problem(store, archive))
              .toList();
      for (Future<Optional<String>> look : threads.invokeAll(looks)) {
        Optional<String> problem = look.get();
        if (problem.isPresent()) {
          return problem;
        }
      }
      return Optional.empty();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof StoreException told
          ? told
          : new StoreException.Unavailable("Failed to look at archives: " + e.getCause(), e);
    } finally {
      threads.shutdownNow();
    }
  }
}
