package resguardo.archive;

import com.sun.jna.Native;
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
   * More parts than these are not kept apart: each is a line in the manifest and in the tar's map.
   * Then the smallest holes count as data.
   */
  static final int MOST = 4096;

  /** GNU tar reads the data of each part in whole blocks, but for the last of the file. */
  private static final int BLOCK = TarHeaders.BLOCK;

  /**
   * In the last page before the largest offset there is, Linux tells of no data where there is some
   * (tmpfs). Pages have up to 64 KiB.
   */
  private static final long UNTOLD = (Long.MAX_VALUE >> 16) << 16;

  private final List<Extent> parts = new ArrayList<>();
  private final int most;
  private long smallestHole = 1;

  private DataParts(int most) {
    this.most = most;
  }

  /**
   * Looks.
   *
   * @param size of the file: what lies beyond it is not looked at
   * @return in order, none when all of it is a hole; absent when it has no holes, or none can be
   *     told
   */
  public static @Nullable List<Extent> of(Path path, long size) {
    return of(path, size, MOST);
  }

  static @Nullable List<Extent> of(Path path, long size, int most) {
    if (size < SPARSE_FROM) {
      return null;
    }
    int file = LinuxFiles.open(LinuxFiles.path(path), LinuxFiles.TO_READ);
    if (file < 0) {
      return null; // the reading tells why
    }
    try {
      long hole = LinuxFiles.lseek(file, 0, LinuxFiles.SEEK_HOLE);
      return hole < 0 || hole >= size ? null : new DataParts(most).read(file, size);
    } finally {
      LinuxFiles.close(file);
    }
  }

  private @Nullable List<Extent> read(int file, long size) {
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
      add(start / BLOCK * BLOCK, end > size - BLOCK ? size : (end + BLOCK - 1) / BLOCK * BLOCK);
      at = end;
    }
    if (size > UNTOLD && lastEnd() < size) {
      add(Math.max(UNTOLD, lastEnd()), size);
    }
    while (parts.size() > most) {
      closeSmallHoles();
    }
    boolean noHoles = parts.size() == 1 && parts.get(0).length() == size;
    return noHoles ? null : List.copyOf(parts);
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
    if (parts.size() > 2 * most) {
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
