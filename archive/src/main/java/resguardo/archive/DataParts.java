package resguardo.archive;

import com.sun.jna.Native;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import resguardo.core.version.Extent;

/** Finds the parts of a file that hold data; all else of it is holes. */
public final class DataParts {
  /** Smaller files are read as they are: leaving holes out of them would save little. */
  public static final long SPARSE_FROM = 32 * 1024;

  /**
   * What becomes of a file with many parts: each takes room in its line of the manifest and in the
   * tar's map.
   *
   * @param most more parts than these are not kept apart where it can be helped: the smallest holes
   *     count as data
   * @param room more than these there can never be
   * @param waste so much of holes may count as data, in bytes, and as much again as there is data:
   *     of a file whose blocks lie far apart there would be zeros without end. Images of disks have
   *     tens of thousands of parts, and are to be backed up whatever it takes; of 100 GiB a worker
   *     still takes the line
   */
  record Bounds(int most, int room, long waste) {
    static final Bounds USUAL = new Bounds(4096, 16 * 1024, 100L << 30);
  }

  /** A file has more parts than there is room for, and they lie too far apart to be made fewer. */
  public static final class ScatteredException extends IOException {
    private static final long serialVersionUID = 1;

    ScatteredException(Path path) {
      super(path + " has its data in more parts than there is room for");
    }
  }

  /** GNU tar reads the data of each part in whole blocks, but for the last of the file. */
  private static final int BLOCK = TarHeaders.BLOCK;

  /**
   * In the last page before the largest offset there is, Linux tells of no data where there is some
   * (tmpfs). Pages have up to 64 KiB.
   */
  private static final long UNTOLD = (Long.MAX_VALUE >> 16) << 16;

  private final List<Extent> parts = new ArrayList<>();
  private final Bounds bounds;
  private long smallestHole = 1;
  private long data;

  private DataParts(Bounds bounds) {
    this.bounds = bounds;
  }

  /**
   * Looks.
   *
   * @param size of the file: what lies beyond it is not looked at
   * @return in order, none when all of it is a hole; absent when it has no holes, or none can be
   *     told
   * @throws ScatteredException when there is no room for them
   */
  public static @Nullable List<Extent> of(Path path, long size) throws ScatteredException {
    return of(path, size, Bounds.USUAL);
  }

  static @Nullable List<Extent> of(Path path, long size, Bounds bounds) throws ScatteredException {
    if (size < SPARSE_FROM) {
      return null;
    }
    int file = LinuxFiles.open(LinuxFiles.path(path), LinuxFiles.TO_READ);
    if (file < 0) {
      return null; // the reading tells why
    }
    try {
      long hole = LinuxFiles.lseek(file, 0, LinuxFiles.SEEK_HOLE);
      return hole < 0 || hole >= size ? null : new DataParts(bounds).read(file, size, path);
    } finally {
      LinuxFiles.close(file);
    }
  }

  private @Nullable List<Extent> read(int file, long size, Path path) throws ScatteredException {
    long at = 0;
    while (at < size) {
      long start = LinuxFiles.lseek(file, at, LinuxFiles.SEEK_DATA);
      if (start < 0 && Native.getLastError() != LinuxFiles.ENXIO) {
        return null;
      }
      long end = start < 0 ? -1 : LinuxFiles.lseek(file, start, LinuxFiles.SEEK_HOLE);
      if (end < 0 || start >= size) {
        break; // no more data
      }
      found(start / BLOCK * BLOCK, wholeBlocks(end, size));
      at = end;
    }
    if (size > UNTOLD && lastEnd() < size) {
      found(Math.max(UNTOLD, lastEnd()), size);
    }
    if (!becomeFew()) {
      throw new ScatteredException(path);
    }
    boolean noHoles = parts.size() == 1 && parts.get(0).length() == size;
    return noHoles ? null : List.copyOf(parts);
  }

  /** Where the block ends that a part ends in, or the file: there may be no number beyond it. */
  static long wholeBlocks(long end, long size) {
    long whole = (end - 1) / BLOCK * BLOCK + BLOCK;
    return whole < 0 ? size : Math.min(whole, size);
  }

  private void found(long start, long end) {
    data += end - start;
    add(start, end);
  }

  /** Whether there are few enough now. */
  private boolean becomeFew() {
    long bound = data > (Long.MAX_VALUE - bounds.waste()) / 2 ? data : 2 * data + bounds.waste();
    while (parts.size() > bounds.most()) {
      List<Extent> more = List.copyOf(parts);
      closeSmallHoles();
      if (stored() > bound) {
        parts.clear();
        parts.addAll(more);
        break;
      }
    }
    return parts.size() <= bounds.room() && stored() <= bound;
  }

  private long stored() {
    return parts.stream().mapToLong(Extent::length).sum();
  }

  private long lastEnd() {
    return parts.isEmpty() ? 0 : parts.get(parts.size() - 1).end();
  }

  private void add(long start, long end) {
    Extent last = parts.isEmpty() ? null : parts.get(parts.size() - 1);
    if (last != null && start - last.end() < smallestHole) {
      long further = Math.max(end, last.end());
      parts.set(parts.size() - 1, new Extent(last.offset(), further - last.offset()));
      return;
    }
    parts.add(new Extent(start, end - start));
    if (parts.size() > 2 * bounds.room()) {
      closeSmallHoles();
    }
  }

  private void closeSmallHoles() {
    smallestHole *= 2;
    List<Extent> all = List.copyOf(parts);
    parts.clear();
    all.forEach(part -> add(part.offset(), part.end()));
  }
}
