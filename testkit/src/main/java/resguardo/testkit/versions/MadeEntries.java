package resguardo.testkit.versions;

import org.jspecify.annotations.Nullable;
import resguardo.core.RawPath;
import resguardo.core.version.Entry;

/** Entries of root's, as plain as can be, of what was never read. */
public final class MadeEntries {
  private MadeEntries() {}

  /** A file of so many bytes. */
  public static Entry file(String name, long size) {
    return of(name, Entry.Type.FILE, size);
  }

  /**
   * Anything else too.
   *
   * @param size 0 for all but files
   */
  public static Entry of(String name, Entry.Type type, long size) {
    return owned(name, type, size, null, null);
  }

  /** The same with names of its user and its group. */
  public static Entry owned(
      String name, Entry.Type type, long size, @Nullable String user, @Nullable String group) {
    return new Entry(
        RawPath.parse(name), type, 0644, 0, 0, user, group, 1, 0, size, null, null, null, null);
  }
}
