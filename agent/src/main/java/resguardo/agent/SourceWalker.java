package resguardo.agent;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import resguardo.archive.RawPaths;
import resguardo.core.RawPath;
import resguardo.core.version.Entry;

/**
 * Walks over a set of files in the order of the format: a folder before what is in it, names by
 * their bytes. It follows no link and opens nothing but folders. What vanishes while it walks is
 * left out; a folder that cannot be read is marked so.
 */
final class SourceWalker {
  /** Takes what is found, in order. What it throws ends the walk. */
  interface Visitor {
    void visit(Found found) throws IOException, InterruptedException;
  }

  /**
   * Linux takes no path of 4096 bytes or more; before that, a folder is held open and paths begin
   * anew from there.
   */
  private static final int ANCHOR_AT = 3000;

  /** A folder that is being walked over. */
  private record Level(Iterator<Child> rest, RawPath name, FolderAnchor anchor) {}

  private record Child(RawPath name, Path path) {}

  private final Entries entries = new Entries();
  private final Visitor visitor;

  private SourceWalker(Visitor visitor) {
    this.visitor = visitor;
  }

  /**
   * Walks.
   *
   * @param root where it begins; itself visited first
   * @param name what the root is called in the archive
   * @throws NoSuchFileException when the root is not there
   */
  static void walk(Path root, RawPath name, Visitor visitor)
      throws IOException, InterruptedException {
    new SourceWalker(visitor).walk(root, name, FileState.of(root));
  }

  private void walk(Path root, RawPath name, FileState state)
      throws IOException, InterruptedException {
    Deque<Level> levels = new ArrayDeque<>();
    try {
      visit(root, name, state, levels);
      while (!levels.isEmpty()) {
        Level level = levels.peek();
        if (level.rest().hasNext()) {
          Child child = level.rest().next();
          visitIfThere(child, level, levels);
        } else {
          levels.pop().anchor().close();
        }
      }
    } finally {
      levels.forEach(level -> level.anchor().close());
    }
  }

  private void visitIfThere(Child child, Level level, Deque<Level> levels)
      throws IOException, InterruptedException {
    FileState state;
    try {
      state = FileState.of(child.path());
    } catch (NoSuchFileException vanished) {
      return;
    }
    visit(child.path(), level.name().resolve(child.name()), state, levels);
  }

  private void visit(Path path, RawPath name, FileState state, Deque<Level> levels)
      throws IOException, InterruptedException {
    Found found;
    try {
      found = entries.found(name, path, state);
    } catch (NoSuchFileException vanished) {
      return;
    }
    if (found.type() != Entry.Type.FOLDER) {
      visitor.visit(found);
      return;
    }
    FolderAnchor anchor = FolderAnchor.of(path, ANCHOR_AT);
    List<Child> children;
    try {
      children = children(anchor.path());
    } catch (NoSuchFileException vanished) {
      anchor.close();
      return;
    } catch (IOException | DirectoryIteratorException unreadable) {
      anchor.close();
      visitor.visit(found.marked());
      return;
    }
    levels.push(new Level(children.iterator(), name, anchor));
    visitor.visit(found);
  }

  private static List<Child> children(Path folder) throws IOException {
    List<Child> children = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
      for (Path path : stream) {
        children.add(new Child(RawPaths.name(path), path));
      }
    }
    children.sort(Comparator.comparing(Child::name));
    return children;
  }
}
