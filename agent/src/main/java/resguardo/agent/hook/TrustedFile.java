package resguardo.agent.hook;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/** Whether a file can be changed by nobody but root and the user that this process runs as. */
final class TrustedFile {
  private static final int WRITABLE_BY_OTHERS = 0022;
  private static final int STICKY = 01000;
  private static final int ROOT = 0;

  private TrustedFile() {}

  /**
   * Looks at the file, and at each folder above it: whoever may write to one could put another file
   * in its place.
   *
   * @throws IllegalArgumentException when somebody else could
   */
  static void check(Path file) throws IOException {
    int self = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    for (Path at = file.toRealPath(); at != null; at = at.getParent()) {
      Map<String, Object> seen = Files.readAttributes(at, "unix:uid,mode");
      int owner = (Integer) Objects.requireNonNull(seen.get("uid"));
      int mode = (Integer) Objects.requireNonNull(seen.get("mode"));
      if (owner != ROOT && owner != self) {
        throw new IllegalArgumentException(
            at + " belongs to another user, who could change what is run: chown it to root");
      }
      boolean sticky = Files.isDirectory(at) && (mode & STICKY) != 0;
      if ((mode & WRITABLE_BY_OTHERS) != 0 && !sticky) {
        throw new IllegalArgumentException(
            at + " can be written by others, who could change what is run: chmod go-w it");
      }
    }
  }
}
