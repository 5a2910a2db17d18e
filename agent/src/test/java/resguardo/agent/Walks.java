package resguardo.agent;

import java.io.IOException;
import java.nio.file.Path;
import resguardo.core.BackupOptions;
import resguardo.core.RawPath;

/** Walks with room for more names than any test makes. */
final class Walks {
  static final SourceWalker.Room AMPLE =
      new SourceWalker.Room(1 << 24, 1 << 24, Path.of(System.getProperty("java.io.tmpdir")));

  private Walks() {}

  static void walk(Path root, RawPath name, BackupOptions options, SourceWalker.Visitor visitor)
      throws IOException, InterruptedException {
    SourceWalker.walk(root, name, options, visitor, AMPLE);
  }
}
