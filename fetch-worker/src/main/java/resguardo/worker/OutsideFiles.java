package resguardo.worker;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import resguardo.core.RawPath;

/**
 * Files that are not asked for and have other names among what is. A set may have millions of them,
 * as one of snapshots by hard links has, and a node may give them names as long as it likes: so
 * what is kept of them lies in a file, and all that is in memory is some hundred KiB. For one
 * thread: they are noted, then settled, then looked up.
 */
final class OutsideFiles implements AutoCloseable {
  /** So many bytes of names are in memory until it is known which of them are outside. */
  static final int FEW = 256 * 1024;

  /** What each takes in a set besides its bytes. */
  private static final int OVERHEAD = 100;

  private final Lookup lookup;
  private Set<RawPath> few = new HashSet<>();
  private long fewBytes;
  private @Nullable NameTable table;

  OutsideFiles(Lookup lookup) {
    this.lookup = lookup;
  }

  /**
   * Another name of a file is asked for, and this name of it, as it seems, is not.
   *
   * @throws SpoolException when it cannot be kept
   */
  void note(RawPath name) throws SpoolException {
    if (few.add(name)) {
      fewBytes += OVERHEAD + name.length();
      if (fewBytes > FEW) {
        toTable();
      }
    }
  }

  private void toTable() throws SpoolException {
    NameTable names = table == null ? new NameTable(new SpoolFile(lookup.spool())) : table;
    table = names;
    for (RawPath name : few) {
      names.note(name);
    }
    few = new HashSet<>();
    fewBytes = 0;
  }

  /**
   * All are noted. Those that are asked for after all are left out where they are few; else whoever
   * looks them up has to see to it.
   */
  void settle(Predicate<RawPath> asked) throws SpoolException {
    if (table == null) {
      few.removeIf(asked);
    }
    if (!few.isEmpty()) {
      toTable();
    }
  }

  /** How many bytes of names are in memory. */
  long inMemory() {
    return fewBytes;
  }

  /** Whether there are none; to be asked when they are settled. */
  boolean isEmpty() {
    return table == null;
  }

  /** What is known of a file by its name; absent when it was not noted. */
  NameTable.@Nullable Known find(RawPath name) throws IOException {
    if (table == null) {
      return null;
    }
    if (!table.isLooking()) {
      table.look(lookup.progress());
    }
    return table.find(name);
  }

  /** Keeps bytes of a file that was found, in the place of what was kept of it before. */
  void keep(NameTable.Known file, NameTable.State state, byte[] bytes) throws SpoolException {
    there().keep(file, state, bytes);
  }

  /** What is kept of a file that was found. */
  byte[] kept(NameTable.Known file) throws SpoolException {
    return there().kept(file);
  }

  private NameTable there() {
    if (table == null) {
      throw new IllegalStateException("found where nothing is");
    }
    return table;
  }

  @Override
  public void close() throws IOException {
    if (table != null) {
      table.close();
    }
  }
}
