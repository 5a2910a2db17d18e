package resguardo.agent;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import resguardo.agent.cache.CachedLine;
import resguardo.core.RawPath;
import resguardo.core.version.Entry;

/**
 * Something that a walk came upon. What is to be recorded of it is put together only when somebody
 * asks: of a file that is as it was, nobody does. For one thread.
 */
final class Found {
  private final Entries entries;
  private final RawPath name;
  private final Path path;
  private final FileState state;
  private final Entry.Type type;
  private final @Nullable RawPath link;
  private final Entry.@Nullable Warning warning;
  private @Nullable Entry entry;

  /**
   * @param path where it can be opened, for as long as it is being visited
   * @param state what tells whether it was changed meanwhile
   * @param link of a link, where it points
   * @param warning what is known to be wrong with it before it is read; absent: nothing
   */
  Found(
      Entries entries,
      RawPath name,
      Path path,
      FileState state,
      Entry.Type type,
      @Nullable RawPath link,
      Entry.@Nullable Warning warning) {
    this.entries = entries;
    this.name = name;
    this.path = path;
    this.state = state;
    this.type = type;
    this.link = link;
    this.warning = warning;
  }

  /** What it is called in the archive. */
  RawPath name() {
    return name;
  }

  Path path() {
    return path;
  }

  FileState state() {
    return state;
  }

  Entry.Type type() {
    return type;
  }

  /**
   * Of a file with several names, whether this one is, or is a link to, what a line of the base
   * says. Its state does not tell: nothing of the file changes where a folder above another of its
   * names is renamed, or left out from now on.
   */
  boolean isLinkedAs(CachedLine line) throws IOException {
    if (state.links() < 2 || type == Entry.Type.FOLDER) {
      return true;
    }
    Entry before = line.placed().entry();
    return before.type() == type && Objects.equals(before.link(), link);
  }

  /** Whether something is known to be wrong with it, whatever its state says. */
  boolean marked() {
    return warning != null;
  }

  /** The same, of which this is known to be wrong. */
  Found marked(Entry.Warning known) {
    return new Found(entries, name, path, state, type, link, known);
  }

  /** The same in another state. */
  Found again(FileState now) {
    return new Found(entries, name, path, now, type, link, warning);
  }

  /**
   * To be called when it is read.
   *
   * @param read the state of the very file that is; absent: it cannot be read
   */
  void isReadAs(@Nullable FileState read) throws IOException {
    if (read == null || read.device() != state.device() || read.inode() != state.inode()) {
      entries.notRead(state); // by another of its names it may be
    }
  }

  /** What is to be recorded of it; without a digest. */
  Entry entry() {
    if (entry == null) {
      Entry made = entries.entry(name, type, path, state, link);
      boolean marked = warning != null && made.warning() != Entry.Warning.UNREADABLE;
      entry = marked ? made.read(null, warning) : made;
    }
    return entry;
  }

  /** Whether its data lies in more parts than there is room for: it is not to be read. */
  boolean scattered() {
    return warning != Entry.Warning.UNREADABLE && entry().warning() == Entry.Warning.UNREADABLE;
  }
}
