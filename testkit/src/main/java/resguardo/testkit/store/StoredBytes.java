package resguardo.testkit.store;

import java.io.IOException;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;

/** What tests read of a store whole: they know what they have put there. */
public final class StoredBytes {
  /** Larger than any archive of a test, smaller than the memory that tests have. */
  private static final int MOST = 256 * 1024 * 1024;

  private StoredBytes() {}

  /** The whole content of an object. */
  public static byte[] of(ArchiveStore store, ObjectKey key) throws IOException {
    return store.readAll(key, MOST);
  }
}
