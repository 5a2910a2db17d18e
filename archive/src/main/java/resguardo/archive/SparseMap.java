package resguardo.archive;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import resguardo.core.RawPath;
import resguardo.core.version.Entry;
import resguardo.core.version.Extent;

/**
 * The map of a sparse file in a tar, as GNU tar writes it since 2006 (PAX, version 1.0): PAX
 * records say that there is one, and before the data stand the number of parts and for each its
 * offset and length, as decimal numbers, a line each, filled up to whole blocks. A part of length 0
 * at the end says that the file ends in a hole.
 */
final class SparseMap {
  static final String MAJOR = "GNU.sparse.major";
  static final String MINOR = "GNU.sparse.minor";
  static final String NAME = "GNU.sparse.name";
  static final String SIZE = "GNU.sparse.realsize";

  /**
   * What tars that do not know it make instead, map and all, is put into a folder of this name, so
   * that nobody takes it for the file. GNU tar puts its process number there; ours is always 0.
   */
  private static final byte[] FOLDER = "GNUSparseFile.0/".getBytes(StandardCharsets.US_ASCII);

  private static final int LONGEST_NUMBER = 19;

  private SparseMap() {}

  /** The blocks of the map of an entry that has one. */
  static byte[] blocks(Entry entry, List<Extent> data) {
    boolean hole = data.isEmpty() || data.get(data.size() - 1).end() < entry.size();
    StringBuilder map = new StringBuilder().append(data.size() + (hole ? 1 : 0)).append('\n');
    data.forEach(p -> map.append(p.offset()).append('\n').append(p.length()).append('\n'));
    if (hole) {
      map.append(entry.size()).append("\n0\n");
    }
    byte[] bytes = map.toString().getBytes(StandardCharsets.US_ASCII);
    return Arrays.copyOf(bytes, bytes.length + TarHeaders.padding(bytes.length));
  }

  /** Adds the records that say that there is a map. */
  static void addRecords(ByteArrayOutputStream out, Entry entry) {
    PaxRecords.add(out, MAJOR, new byte[] {'1'});
    PaxRecords.add(out, MINOR, new byte[] {'0'});
    PaxRecords.add(out, NAME, entry.name().bytes());
    PaxRecords.add(out, SIZE, String.valueOf(entry.size()).getBytes(StandardCharsets.US_ASCII));
  }

  /** What stands for its name in the header. */
  static byte[] standIn(RawPath name) {
    byte[] bytes = name.bytes();
    int slash = bytes.length;
    while (slash > 0 && bytes[slash - 1] != '/') {
      slash--;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(bytes, 0, slash);
    out.writeBytes(FOLDER);
    out.write(bytes, slash, bytes.length - slash);
    return out.toByteArray();
  }

  /**
   * A map that was read, and how long it was.
   *
   * @param data the parts, in order, all within the file
   */
  record Read(List<Extent> data, long bytes) {}

  /**
   * Reads a map.
   *
   * @param size of the file
   * @throws IOException when it is none, or parts lie in each other or beyond the file's end
   */
  static Read read(InputStream tar, long size) throws IOException {
    Numbers numbers = new Numbers(tar);
    long count = numbers.next();
    if (count > Extent.MOST) {
      throw new IOException("a sparse file of " + count + " parts");
    }
    List<Extent> data = new ArrayList<>();
    long end = 0;
    for (long i = 0; i < count; i++) {
      long offset = numbers.next();
      long length = numbers.next();
      if (offset < end || offset > size || length > size - offset) {
        throw new IOException("a sparse file whose parts cannot be: " + length + " at " + offset);
      }
      end = offset + length;
      if (length > 0) {
        data.add(new Extent(offset, length));
      }
    }
    int padding = TarHeaders.padding(numbers.read);
    if (tar.readNBytes(padding).length < padding) {
      throw new EOFException("the archive ends within a map");
    }
    return new Read(data, numbers.read + padding);
  }

  private static final class Numbers {
    private final InputStream tar;
    private long read;

    Numbers(InputStream tar) {
      this.tar = tar;
    }

    long next() throws IOException {
      long number = 0;
      for (int digits = 0; digits <= LONGEST_NUMBER; digits++) {
        int digit = tar.read();
        read++;
        if (digit == '\n' && digits > 0) {
          return number;
        }
        if (digit < '0' || digit > '9' || number > (Long.MAX_VALUE - (digit - '0')) / 10) {
          break;
        }
        number = number * 10 + digit - '0';
      }
      throw new IOException("a map of a sparse file that is none");
    }
  }
}
