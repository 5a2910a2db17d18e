package resguardo.agent.cache;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.RawPath;
import resguardo.core.version.EntryCodec;

/**
 * The states that an earlier cache tells of, for lines that come in from elsewhere. A state stands
 * for the entry that it was read with, wherever its bytes lie: so a file need not be read again
 * only because its line has other places now. What is damaged tells nothing. For one thread.
 */
public final class KnownStates implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KnownStates.class);

  private @Nullable LineCacheReader earlier;

  private KnownStates(@Nullable LineCacheReader earlier) {
    this.earlier = earlier;
  }

  /** Those of an earlier cache, if there is one that can be read. */
  public static KnownStates of(Optional<Path> cache) {
    try {
      return new KnownStates(cache.isEmpty() ? null : new LineCacheReader(cache.get()));
    } catch (IOException e) {
      LOG.debug("nothing is known of {}", cache, e);
      return new KnownStates(null);
    }
  }

  /**
   * The state that a line was read with.
   *
   * @param name of its entry; to be asked for in the order of lines
   * @return 0 when none is known
   */
  public long state(RawPath name, byte[] line) {
    try {
      CachedLine known = upTo(name);
      return known != null && known.name().equals(name) && sameEntry(known.line(), line)
          ? known.state()
          : 0;
    } catch (IOException e) {
      LOG.debug("nothing more is known", e);
      close();
      return 0;
    }
  }

  private @Nullable CachedLine upTo(RawPath name) throws IOException {
    LineCacheReader reader = earlier;
    if (reader == null) {
      return null;
    }
    CachedLine next = reader.peek().orElse(null);
    while (next != null && next.name().compareTo(name) < 0) {
      reader.advance();
      next = reader.peek().orElse(null);
    }
    return next;
  }

  private static boolean sameEntry(byte[] one, byte[] other) {
    int length = EntryCodec.entryLength(one);
    return Arrays.equals(one, 0, length, other, 0, EntryCodec.entryLength(other));
  }

  @Override
  public void close() {
    try (LineCacheReader reader = earlier) {
      earlier = null;
    } catch (IOException e) {
      LOG.debug("an earlier cache was not closed", e);
    }
  }
}
