package resguardo.agent;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import resguardo.archive.RawPaths;
import resguardo.core.SourcePath;
import resguardo.core.protocol.RestoreTarget;
import resguardo.core.protocol.StreamMessage;

/**
 * The agent's own word on where a restore may write, given where it is started and never over the
 * wire; what may be read is another matter ({@link AllowList}). What counts is where a folder
 * really is, links followed.
 */
public final class RestoreTargets {
  private final List<Path> roots;

  /**
   * @param roots absolute; folders at or below one of them may be restored into. None: none may
   */
  public RestoreTargets(List<Path> roots) {
    this.roots = roots.stream().map(root -> root.toAbsolutePath().normalize()).toList();
  }

  /** Why a folder is not restored into. */
  static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1;

    private final StreamMessage.Failed.Kind kind;

    private RefusedException(StreamMessage.Failed.Kind kind, String why) {
      super(why);
      this.kind = kind;
    }

    StreamMessage.Failed.Kind kind() {
      return kind;
    }
  }

  /**
   * The folder to restore into, where it really is. It is made, if it is not there.
   *
   * @throws RefusedException when it is not allowed, no folder, or not empty as it should be
   * @throws IOException when it cannot be made
   */
  Path prepare(RestoreTarget to) throws RefusedException, IOException {
    Path made = made(to.folder());
    if (!to.overwrite() && !isEmpty(made)) {
      throw new RefusedException(StreamMessage.Failed.Kind.NOT_EMPTY, to + " is not empty");
    }
    return made;
  }

  private Path made(SourcePath folder) throws RefusedException, IOException {
    Path path = RawPaths.path(folder.raw());
    Path there = path;
    while (!Files.exists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    Path below = allowed(folder, there.toRealPath());
    if (!Files.isDirectory(below)) {
      throw refused(below + " is no folder");
    }
    try {
      Path made = Files.createDirectories(below.resolve(there.relativize(path)));
      // Looked at again: somebody on the node may have put a link in the way meanwhile.
      return allowed(folder, made.toRealPath());
    } catch (FileAlreadyExistsException e) {
      throw refused(folder + " is no folder");
    }
  }

  private Path allowed(SourcePath folder, Path real) throws RefusedException, IOException {
    if (!AllowList.isBelow(roots, real)) {
      throw refused(folder + " is not below what this agent restores into (--restore-to)");
    }
    return real;
  }

  private static RefusedException refused(String why) {
    return new RefusedException(StreamMessage.Failed.Kind.NOT_ALLOWED, why);
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (DirectoryStream<Path> in = Files.newDirectoryStream(folder)) {
      return !in.iterator().hasNext();
    }
  }

  /** The roots, for people. */
  @Override
  public String toString() {
    return roots.toString();
  }
}
