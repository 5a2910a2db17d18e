package resguardo.worker;

import java.io.IOException;
import java.nio.file.Path;

/**
 * What is needed beside the work cannot be kept where temporary files lie. It says nothing of what
 * is stored; a repeat is of use when there is room again, or by another worker.
 */
final class SpoolException extends IOException {
  private static final long serialVersionUID = 1;

  SpoolException(Path folder, String why) {
    super("what is kept beside a query has no room in " + folder + " of a worker: " + why);
  }

  SpoolException(Path folder, IOException cause) {
    super("what is kept beside a query cannot be kept in " + folder + " of a worker: " + cause);
    initCause(cause);
  }
}
