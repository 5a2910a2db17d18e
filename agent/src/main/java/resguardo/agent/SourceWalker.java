package resguardo.agent;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import resguardo.agent.ignore.IgnoreFile;
import resguardo.agent.ignore.IgnoreRules;
import resguardo.agent.names.FirstNames;
import resguardo.agent.names.Names;
import resguardo.agent.names.NamesRoom;
import resguardo.archive.ExtendedAttributes;
import resguardo.archive.RawPaths;
import resguardo.archive.SourceFolder;
import resguardo.core.BackupOptions;
import resguardo.core.RawPath;
import resguardo.core.version.Entry;

/**
 * Walks over a set of files in the order of the format: a folder before what is in it, names by
 * their bytes. It follows no link and opens nothing but folders. What vanishes while it walks is
 * left out; a folder that cannot be read is marked so, and what cannot even be looked at, as where
 * a user has mounted something for nobody else, is taken for one.
 */
final class SourceWalker {
  /** In a folder with this bit only the owner of something may remove it. */
  private static final int STICKY = 01000;

  private static final long ROOT = 0;

  /**
   * Folders in each other that are looked into: more than any path that can be named has. Each is
   * held open, and a process may have only so many: without any left, the files of other sets could
   * not be read either.
   */
  static final int DEEPEST = 1000;

  static final String TOO_LONG =
      "it has a name whose path would be longer than " + RawPath.LONGEST / 1024 + " KiB";

  static final String NO_ROOM =
      "there is no room for the names in it, in memory and where this agent has its caches";

  /** What a level takes beside names, in bytes. */
  private static final int BESIDE = 256;

  /**
   * Where a walk keeps what somebody on the node gives names to. With the memory that agents are
   * started with there are 4 MiB for the names in all folders that are open, and 7 MiB for 390,000
   * files with several names: two walks at once leave two thirds of it to all else.
   *
   * @param names how much memory the names in folders may take, in bytes
   * @param links how much may be taken by what is remembered of files with several names, in bytes
   * @param scratch a folder for what there is no memory for
   */
  record Room(long names, long links, Path scratch) {
    static Room of(long memory, Path scratch) {
      return new Room(memory / 16, memory / 10, scratch);
    }
  }

  /** Takes what is found, in order. What it throws ends the walk. */
  interface Visitor {
    void visit(Found found) throws IOException, InterruptedException;

    /** This is looked at next; it may not be there any more. */
    default void comesTo(RawPath name) {}

    /** Something was looked at and is left out. */
    default void leftOut() throws IOException {}

    /** A folder, which is visited next, has a bound of this agent's against it. */
    default void notLookedInto(RawPath folder, String why) {}

    /** Of so many files with several names each name is a file: there was no room for more. */
    default void linksForgotten(long files) {}
  }

  /**
   * A folder that is being walked over.
   *
   * @param rest the names that are still to be looked at: the paths are made one by one
   * @param folder held open, so that nothing of another is taken for what is in it
   * @param rules that count in it
   * @param rulesUsed whether all that its own file of rules says is among them
   */
  private record Level(
      Names rest, RawPath name, SourceFolder folder, IgnoreRules rules, boolean rulesUsed) {}

  private record Child(RawPath name, Path path) {}

  private final FirstNames firstNames;
  private final Entries entries;
  private final NamesRoom names;
  private final Visitor visitor;
  private final IgnoreRules operatorsRules;
  private final @Nullable Long onlyDevice;

  /**
   * @param onlyDevice no folder of another is looked into; absent: of all
   */
  private SourceWalker(
      Visitor visitor, IgnoreRules operatorsRules, @Nullable Long onlyDevice, Room room) {
    this.firstNames = new FirstNames(room.links(), room.scratch());
    this.entries = new Entries(firstNames);
    this.names = new NamesRoom(room.names(), room.scratch(), IgnoreFile.NAME.bytes());
    this.visitor = visitor;
    this.operatorsRules = operatorsRules;
    this.onlyDevice = onlyDevice;
  }

  /**
   * Walks.
   *
   * @param root where it begins; itself visited first, whatever is to be left out
   * @param name what the root is called in the archive
   * @param options what is to be left out
   * @param room for names
   * @throws NoSuchFileException when the root is not there
   * @throws IOException when it cannot be looked at, or extended attributes cannot be read at all
   */
  static void walk(Path root, RawPath name, BackupOptions options, Visitor visitor, Room room)
      throws IOException, InterruptedException {
    ExtendedAttributes.require();
    FileState state = FileState.of(root);
    Long onlyDevice = options.oneFileSystem() ? state.device() : null;
    new SourceWalker(visitor, IgnoreRules.of(options.exclude(), name), onlyDevice, room)
        .walk(root, name, state);
  }

  private void walk(Path root, RawPath name, FileState state)
      throws IOException, InterruptedException {
    Deque<Level> levels = new ArrayDeque<>();
    try {
      visit(new Child(name, root), name, state, levels);
      while (!levels.isEmpty()) {
        Level level = levels.peek();
        byte[] next = level.rest().next();
        if (next != null) {
          visitIfThere(child(level.folder().path(), next), level, levels);
        } else {
          Level done = levels.pop();
          done.folder().close();
          done.rest().close();
        }
      }
      if (firstNames.forgotten() > 0) {
        visitor.linksForgotten(firstNames.forgotten());
      }
    } finally {
      levels.forEach(level -> level.folder().close());
      names.close();
      firstNames.close();
    }
  }

  private void visitIfThere(Child child, Level level, Deque<Level> levels)
      throws IOException, InterruptedException {
    RawPath name = level.name().resolve(child.name());
    visitor.comesTo(name);
    FileState state;
    try {
      state = FileState.of(level.folder(), child.name().bytes(), child.path());
    } catch (NoSuchFileException vanished) {
      return;
    } catch (FileSystemException unknown) {
      state = FileState.UNKNOWN;
    }
    boolean folder = Entries.isFolder(state);
    // Before it is known as the first name of a file: nothing is to be a link to what is left out.
    if (level.rules().leaveOut(name, folder) && !child.name().equals(IgnoreFile.NAME)) {
      visitor.leftOut();
    } else {
      visit(child, name, state, levels);
    }
  }

  private void visit(Child child, RawPath name, FileState state, Deque<Level> levels)
      throws IOException, InterruptedException {
    Found found;
    try {
      found = entries.found(name, child.path(), state);
    } catch (NoSuchFileException vanished) {
      return;
    } catch (FileSystemException unreadable) {
      if (levels.isEmpty()) {
        throw unreadable;
      }
      found = entries.found(name, child.path(), FileState.UNKNOWN);
    }
    if (found.state() == FileState.UNKNOWN) {
      visitor.visit(found.marked(Entry.Warning.UNREADABLE));
    } else if (found.type() == Entry.Type.FOLDER) {
      folder(found, levels);
    } else if (child.name().equals(IgnoreFile.NAME) && !rulesUsed(levels)) {
      visitor.visit(found.marked(Entry.Warning.RULES_NOT_USED));
    } else {
      visitor.visit(found);
    }
  }

  private static boolean rulesUsed(Deque<Level> levels) {
    return levels.isEmpty() || levels.element().rulesUsed();
  }

  private void folder(Found found, Deque<Level> levels) throws IOException, InterruptedException {
    // Folders only: files of an overlay may say that they are of the file system below it.
    if (onlyDevice != null && found.state().device() != onlyDevice) {
      visitor.visit(found);
      return;
    }
    if (levels.size() >= DEEPEST) {
      notLookedInto(found, DEEPEST + " folders in each other are looked into, and no more");
      return;
    }
    SourceFolder folder;
    try {
      folder = SourceFolder.open(found.path());
    } catch (NoSuchFileException vanished) {
      return;
    } catch (IOException unreadable) { // or no folder any more
      visitor.visit(found.marked(Entry.Warning.UNREADABLE));
      return;
    }
    Names within;
    try {
      within = names.of(folder, found.name().length() + BESIDE);
    } catch (NamesRoom.NoRoomException tooMany) {
      folder.close();
      notLookedInto(found, NO_ROOM);
      return;
    } catch (IOException unreadable) {
      folder.close();
      visitor.visit(found.marked(Entry.Warning.UNREADABLE));
      return;
    }
    // What cannot be named cannot be told: so its folder is.
    if (found.name().length() + 1 + within.longest() > RawPath.LONGEST) {
      folder.close();
      within.close();
      notLookedInto(found, TOO_LONG);
      return;
    }
    IgnoreRules above = levels.isEmpty() ? operatorsRules : levels.element().rules();
    levels.push(level(within, found, folder, above));
    visitor.visit(found);
  }

  private void notLookedInto(Found found, String why) throws IOException, InterruptedException {
    visitor.notLookedInto(found.name(), why);
    visitor.visit(found.marked(Entry.Warning.UNREADABLE));
  }

  private static Level level(Names names, Found found, SourceFolder folder, IgnoreRules above) {
    RawPath name = found.name();
    byte[] file = IgnoreFile.NAME.bytes();
    if (!names.sawNoticed()) {
      return new Level(names, name, folder, above, true);
    }
    if (!mayLeaveOut(file, found.state(), folder)) {
      return new Level(names, name, folder, above, false);
    }
    IgnoreFile read = IgnoreFile.read(child(folder.path(), file).path(), name, above);
    return new Level(names, name, folder, read.rules(), read.complete());
  }

  /**
   * Whether somebody's rules count for what others have in a folder. Where it is sticky, as {@code
   * /tmp} is, anybody may put files and nobody remove those of others: nor have them left out.
   */
  private static boolean mayLeaveOut(byte[] file, FileState folder, SourceFolder open) {
    if ((folder.mode() & STICKY) == 0) {
      return true;
    }
    try {
      long owner = FileState.of(open, file, child(open.path(), file).path()).uid();
      return owner == ROOT || owner == folder.uid();
    } catch (IOException gone) {
      return false;
    }
  }

  private static Child child(Path folder, byte[] bytes) {
    RawPath name = RawPath.ofBytes(bytes);
    return new Child(name, RawPaths.below(folder, name));
  }
}
