package resguardo.worker;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.stream.Progress;
import resguardo.core.version.ManifestReader;

/**
 * How it is looked up in a manifest what is asked for, which may have tens of millions of lines.
 *
 * @param spool a folder for what has no room in memory
 * @param progress told that it goes on, with neither entries nor bytes
 */
record Lookup(Path spool, Progress progress) {
  /** It is told after so many bytes of lines, which take some tenths of a second. */
  private static final long STEP = 16L << 20;

  /** The lines of a manifest; what is told of progress may come from between any two. */
  VersionArchive.Lines lines(ManifestReader manifest) {
    return new Stepping(manifest);
  }

  private final class Stepping implements VersionArchive.Lines {
    private final ManifestReader manifest;
    private long since;

    Stepping(ManifestReader manifest) {
      this.manifest = manifest;
    }

    @Override
    public Optional<byte[]> next() throws IOException, MalformedMessageException {
      Optional<byte[]> line = manifest.nextLine();
      since += line.isPresent() ? line.get().length : 0;
      if (since >= STEP) {
        since = 0;
        progress.at(0, 0);
      }
      return line;
    }
  }
}
