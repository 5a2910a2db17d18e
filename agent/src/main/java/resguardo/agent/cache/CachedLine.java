package resguardo.agent.cache;

import resguardo.core.RawPath;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.Placed;

/**
 * A line of the base, and the state of its file when it was read.
 *
 * @param name of its entry
 * @param state the mark of the state; 0: it stands for nothing
 * @param line without its newline
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared as a whole
public record CachedLine(RawPath name, long state, byte[] line) {
  /**
   * What the line says.
   *
   * @throws LineCacheReader.DamagedCacheException when it says nothing
   */
  public Placed placed() throws LineCacheReader.DamagedCacheException {
    return placed(line);
  }

  /** What a line of a cache says; as {@link #placed()}. */
  static Placed placed(byte[] line) throws LineCacheReader.DamagedCacheException {
    try {
      return EntryCodec.read(line);
    } catch (MalformedMessageException e) {
      throw new LineCacheReader.DamagedCacheException(String.valueOf(e.getMessage()));
    }
  }
}
