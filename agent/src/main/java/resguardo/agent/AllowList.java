package resguardo.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import resguardo.archive.RawPaths;
import resguardo.core.SourcePath;

/**
 * The agent's own word on what may be read, given where it is started and never over the wire. What
 * counts is where a path really is, links followed.
 */
public final class AllowList {
  private final List<Path> roots;

  /**
   * @param roots absolute; what is at or below one of them may be read. None: nothing may be
   */
  public AllowList(List<Path> roots) {
    this.roots = roots.stream().map(root -> root.toAbsolutePath().normalize()).toList();
  }

  /** Why a path cannot be read. */
  public static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1;

    private final boolean missing;

    private RefusedException(String why, boolean missing) {
      super(why);
      this.missing = missing;
    }

    /** Whether it may be read, but is not there. */
    public boolean missing() {
      return missing;
    }
  }

  /** Whether a real path is at or below one of these, wherever they really are. */
  static boolean isBelow(List<Path> roots, Path real) throws IOException {
    for (Path root : roots) {
      if (Files.exists(root) && real.startsWith(root.toRealPath())) {
        return true;
      }
    }
    return false;
  }

  /**
   * Looks whether a path may be read, if it is there.
   *
   * @throws RefusedException when it is not allowed
   */
  void check(SourcePath source) throws RefusedException {
    try {
      resolve(source);
    } catch (RefusedException e) {
      if (!e.missing()) {
        throw e;
      }
    }
  }

  /**
   * Where an allowed path really is, without links.
   *
   * @throws RefusedException when it is not allowed, or not there
   */
  Path resolve(SourcePath source) throws RefusedException {
    Path path = RawPaths.path(source.raw());
    boolean named = roots.stream().anyMatch(path::startsWith);
    try {
      Path real = path.toRealPath();
      if (isBelow(roots, real)) {
        return real;
      }
      throw new RefusedException(source + " is not below what this agent allows (--allow)", false);
    } catch (IOException e) {
      // Whether something is there is told only of what may be read.
      throw named
          ? new RefusedException(source + " is not there", true)
          : new RefusedException(source + " is not below what this agent allows (--allow)", false);
    }
  }
}
