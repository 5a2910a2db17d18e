package resguardo.transfer.tarball;

import java.nio.file.Path;
import java.time.Instant;

/**
 * A file of a folder that is to become a version.
 *
 * @param name of the file, as text
 * @param bytes its size
 * @param slot the time of its version, whole seconds; of one that is numbered that of the file, and
 *     later than that of the one before
 * @param numbered whether its name has a number, and no time
 */
public record Tarball(Path file, String name, long bytes, Instant slot, boolean numbered) {
  /** The same at another time. */
  Tarball at(Instant other) {
    return new Tarball(file, name, bytes, other, numbered);
  }
}
