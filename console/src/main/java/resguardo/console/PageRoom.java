package resguardo.console;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import resguardo.core.RawPath;
import resguardo.core.version.Entry;

/**
 * How many entries go on one page, by what they take: a node may have names as long as it likes,
 * and each stands on a page several times, as text and in addresses. For one thread.
 */
final class PageRoom {
  /** Bytes of names, and of all else that an entry has besides; 200 of usual ones take a tenth. */
  static final long MOST = 256 * 1024;

  /** What one takes besides. */
  private static final int OBJECTS = 100;

  private static final int OF_AN_EXTENT = 40;

  private long taken;

  /** Whether these go on the page too, which takes room for them; the first always do. */
  boolean takes(@Nullable Entry... entries) {
    long bytes = 0;
    for (Entry entry : entries) {
      bytes += entry == null ? 0 : bytes(entry);
    }
    if (taken > 0 && taken + bytes > MOST) {
      return false;
    }
    taken += bytes;
    return true;
  }

  /** How much of it is taken. */
  long taken() {
    return taken;
  }

  private static long bytes(Entry entry) {
    RawPath link = entry.link();
    long bytes = OBJECTS + entry.name().length() + (link == null ? 0 : link.length());
    // Of versions that were made before there was a bound, these have any length.
    bytes += length(entry.user()) + length(entry.group());
    if (entry.attributes() != null) {
      for (Map.Entry<String, String> one : entry.attributes().entrySet()) {
        bytes += one.getKey().length() + one.getValue().length();
      }
    }
    return bytes + (entry.data() == null ? 0 : (long) OF_AN_EXTENT * entry.data().size());
  }

  private static int length(@Nullable String text) {
    return text == null ? 0 : text.length();
  }
}
