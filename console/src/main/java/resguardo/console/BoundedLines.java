package resguardo.console;

import java.io.IOException;
import resguardo.admin.ManifestLines;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.version.VersionHeader;

/**
 * Passes lines of a version on, as many as are read for a page: a node may have some MiB in the
 * bucket unpack to more than can be read in hours. For one thread.
 */
final class BoundedLines implements ManifestLines.Taker {
  /** In bytes, as they come: some ten times what 2,000,000 usual entries have; minutes. */
  static final long MOST = 8L << 30;

  private final ManifestLines.Taker taker;
  private final long most;
  private long left;

  /** Of one version. */
  BoundedLines(ManifestLines.Taker taker) {
    this(taker, MOST);
  }

  BoundedLines(ManifestLines.Taker taker, long most) {
    this.taker = taker;
    this.most = most;
    left = most;
  }

  @Override
  public void opened(VersionHeader header) {
    taker.opened(header);
  }

  @Override
  public void take(byte[] line, int length) throws IOException, MalformedMessageException {
    left -= line.length;
    if (left < 0) {
      throw TooLargeException.of(most + " bytes of entries");
    }
    taker.take(line, length);
  }
}
