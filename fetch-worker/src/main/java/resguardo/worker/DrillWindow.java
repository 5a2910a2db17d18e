package resguardo.worker;

import org.jspecify.annotations.Nullable;
import resguardo.core.RawPath;
import resguardo.core.catalog.Proof;
import resguardo.core.version.Entry;

/**
 * Which entries of a version a drill looks at: from a name on, until they have so much content
 * together; always one at least. To be asked for all entries, in their order.
 */
final class DrillWindow {
  private final @Nullable RawPath after;
  private final long most;
  private boolean leftOut;
  private boolean cut;
  private long bytes;
  private @Nullable RawPath last;

  /**
   * @param after the last name before the window; absent: it begins with the first
   * @param most bytes of content, but for the last of its entries
   */
  DrillWindow(@Nullable RawPath after, long most) {
    this.after = after;
    this.most = most;
  }

  /** Whether this is in it. */
  boolean has(Entry entry) {
    if (after != null && entry.name().compareTo(after) <= 0) {
      leftOut = true;
      return false;
    }
    if (cut || bytes >= most) {
      cut = true;
      return false;
    }
    last = entry.name();
    bytes += entry.digest() == null ? 0 : entry.stored();
    return true;
  }

  /** Whether nothing was in it. */
  boolean isEmpty() {
    return last == null;
  }

  /** How much of all it was. */
  Proof.Extent extent() {
    return leftOut || cut ? Proof.Extent.SAMPLE : Proof.Extent.WHOLE;
  }

  /** The last name in it; absent: the last of all is. */
  @Nullable RawPath upTo() {
    return cut ? last : null;
  }
}
