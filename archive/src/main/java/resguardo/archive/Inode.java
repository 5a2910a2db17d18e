package resguardo.archive;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/**
 * Which file or folder it is, whatever its name: while it is there no other of this machine has the
 * same two numbers.
 *
 * @param device of the file system that it is on
 * @param number there
 */
record Inode(long device, long number) {
  /** Of what nobody asks for again. */
  static final Inode NONE = new Inode(0, 0);

  /** That of what is open. */
  static Inode of(int file) throws IOException {
    Map<String, Object> seen = attributes(file, "dev,ino");
    return new Inode(number(seen, "dev"), number(seen, "ino"));
  }

  /** What Java calls attributes of {@code unix:}, of what is open, which may be a link itself. */
  static Map<String, Object> attributes(int file, String names) throws IOException {
    return Files.readAttributes(Path.of("/proc/self/fd/" + file), "unix:" + names);
  }

  static long number(Map<String, Object> seen, String name) {
    return ((Number) Objects.requireNonNull(seen.get(name))).longValue();
  }

  /**
   * Whether a folder keeps its number for as long as it is there. Where a program of its own serves
   * the file system (FUSE), it may have another when it is looked for again.
   */
  static boolean lastAt(Path folder) {
    try {
      return !Files.getFileStore(folder).type().startsWith("fuse");
    } catch (IOException notKnown) {
      return true; // as on all others
    }
  }
}
