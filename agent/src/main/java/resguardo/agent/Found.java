package resguardo.agent;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
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
  private final boolean unreadable;
  private @Nullable Entry entry;

  /**
   * @param path where it can be opened, for as long as it is being visited
   * @param state what tells whether it was changed meanwhile
   * @param link of a link, where it points
   * @param unreadable whether it could not be looked into
   */
  Found(
      Entries entries,
      RawPath name,
      Path path,
      FileState state,
      Entry.Type type,
      @Nullable RawPath link,
      boolean unreadable) {
    this.entries = entries;
    this.name = name;
    this.path = path;
    this.state = state;
    this.type = type;
    this.link = link;
    this.unreadable = unreadable;
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

  boolean unreadable() {
    return unreadable;
  }

  /** The same, of which it is known that it cannot be looked into. */
  Found marked() {
    return new Found(entries, name, path, state, type, link, true);
  }

  /** What is to be recorded of it; without a digest. */
  Entry entry() {
    if (entry == null) {
      Entry made = entries.entry(name, type, path, state, link);
      entry = unreadable ? made.read(null, Entry.Warning.UNREADABLE) : made;
    }
    return entry;
  }
}
