package resguardo.core.stream;

import java.io.IOException;
import resguardo.core.RawPath;

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

  /** This is looked at next, which may take its time, or for ever. */
  default void comesTo(RawPath name) {}
}
