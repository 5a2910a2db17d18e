package resguardo.archive;

import java.io.IOException;
import resguardo.core.version.Placed;

/** What is made of the entries of a version, or of some of them. For one thread. */
public interface Assembly {
  /**
   * Adds the next entry.
   *
   * @throws IOException when its bytes cannot be read, or are not what its digest says, or what is
   *     made cannot be put where it goes
   */
  void add(Placed placed) throws IOException, InterruptedException;

  /** Ends it; to be called once, after the last entry. */
  Composer.Composed finish() throws IOException, InterruptedException;
}
