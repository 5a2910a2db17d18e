package resguardo.core.stream;

import java.io.IOException;

/** Told of every step of long work, so that whoever waits hears that something is done. */
@FunctionalInterface
public interface Progress {
  /**
   * So far.
   *
   * @param entries that were looked at
   * @param bytes of content that were read
   * @throws IOException when nobody waits any more
   */
  void at(long entries, long bytes) throws IOException;
}
