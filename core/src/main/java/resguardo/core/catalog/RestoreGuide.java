package resguardo.core.catalog;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Objects;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.TooLongException;

/** Leaves in the bucket how to restore without Resguardo. */
public final class RestoreGuide {
  /** Where it lies. */
  public static final ObjectKey KEY = new ObjectKey("RESTORE.md");

  private RestoreGuide() {}

  /** The guide of the format that this program writes, as UTF-8. */
  public static byte[] text() {
    try (InputStream in =
        Objects.requireNonNull(RestoreGuide.class.getResourceAsStream("/resguardo/RESTORE.md"))) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("what is packed with the program can be read", e);
    }
  }

  /** Writes it, unless it is there as it should be. A repeat does no harm. */
  public static void leave(ArchiveStore store) throws IOException {
    byte[] text = text();
    if (store.head(KEY).isEmpty() || !isWhole(store, text)) {
      store.put(KEY, Content.of(text));
    }
  }

  private static boolean isWhole(ArchiveStore store, byte[] text) throws IOException {
    try {
      return Arrays.equals(store.readAll(KEY, text.length), text);
    } catch (TooLongException another) {
      return false;
    }
  }
}
