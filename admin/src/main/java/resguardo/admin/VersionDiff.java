package resguardo.admin;

import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.version.Entry;
import resguardo.core.version.EntryCodec;

/**
 * Compares the entries of two versions, both in the order of their names. Memory stays the same for
 * any number of them; entries that are the same are not parsed.
 */
public final class VersionDiff {
  private final Older older;
  private final Taker taker;
  private byte @Nullable [] head;
  private @Nullable Entry parsed;

  /** The entries of the older version. */
  public interface Older {
    /** The next; empty after the last. */
    Optional<byte[]> next() throws IOException;
  }

  /** Takes differences in the order of names. */
  public interface Taker {
    /** Takes the next. */
    void take(Difference difference) throws IOException;
  }

  /** Of two versions whose entries are still to come. */
  public VersionDiff(Older older, Taker taker) throws IOException {
    this.older = older;
    this.taker = taker;
    advance();
  }

  private void advance() throws IOException {
    head = older.next().orElse(null);
    parsed = null;
  }

  /** The next entry of the newer version: the first bytes of a line. */
  public void newer(byte[] line, int length) throws IOException, MalformedMessageException {
    if (head != null && Arrays.equals(head, 0, head.length, line, 0, length)) {
      advance();
      return;
    }
    Entry after = EntryCodec.read(Arrays.copyOf(line, length)).entry();
    for (Entry before = parsed(); before != null; before = parsed()) {
      int order = before.name().compareTo(after.name());
      if (order > 0) {
        break;
      }
      advance();
      if (order == 0) {
        if (!before.equals(after)) {
          taker.take(Difference.between(before, after));
        }
        return;
      }
      taker.take(new Difference(Difference.Change.GONE, before, null));
    }
    taker.take(new Difference(Difference.Change.NEW, null, after));
  }

  private @Nullable Entry parsed() throws MalformedMessageException {
    if (parsed == null && head != null) {
      parsed = EntryCodec.read(head).entry();
    }
    return parsed;
  }

  /** The newer version has no more. */
  public void end() throws IOException, MalformedMessageException {
    for (Entry before = parsed(); before != null; before = parsed()) {
      taker.take(new Difference(Difference.Change.GONE, before, null));
      advance();
    }
  }
}
