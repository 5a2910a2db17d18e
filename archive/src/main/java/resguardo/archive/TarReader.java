package resguardo.archive;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import resguardo.core.RawPath;
import resguardo.core.version.Entry;
import resguardo.core.version.Extent;

/**
 * Reads a tar as {@link TarHeaders} writes it: ustar, with PAX records for what does not fit. Names
 * stay bytes, which a library that takes them for text would lose. What else there may be in a tar
 * is refused. For one thread.
 */
final class TarReader {
  private static final int BLOCK = TarHeaders.BLOCK;
  private static final byte PAX = 'x';
  private static final byte[] NOTHING = {};

  /** In digits. */
  static final int LONGEST_TIME = 40;

  /** What is above it stands for no user, and no group. */
  private static final long LARGEST_ID = 0xFFFF_FFFEL;

  /** More than any header of ours has: see {@link ExtendedAttributes#MOST_BYTES}. */
  private static final int LARGEST_PAX = 2 * 1024 * 1024;

  private final InputStream tar;
  private long left;
  private int padding;

  TarReader(InputStream tar) {
    this.tar = tar;
  }

  /**
   * An entry.
   *
   * @param type as in the header: {@code 0} a file, {@code 5} a folder, {@code 2} and {@code 1}
   *     links, {@code 3}, {@code 4} and {@code 6} character and block devices and FIFOs
   * @param size of the file, holes included
   * @param data of a sparse file the parts that are no hole; absent: it has no holes
   * @param link empty where there is none
   * @param device its numbers, where it is one
   * @param attributes extended attributes, ACLs among them, by name
   */
  record Item(
      RawPath name,
      char type,
      int mode,
      long uid,
      long gid,
      long mtimeSeconds,
      int mtimeNanos,
      long size,
      @Nullable List<Extent> data,
      RawPath link,
      Entry.Device device,
      SortedMap<RawPath, byte[]> attributes) {}

  /** The next entry; empty after the last. What was not read of the one before is passed over. */
  Optional<Item> next() throws IOException {
    skip(left + padding);
    left = 0;
    padding = 0;
    byte[] block = block();
    PaxRecords pax = PaxRecords.NONE;
    if (block[156] == PAX) {
      pax = pax(block);
      block = block();
    }
    if (Arrays.equals(block, new byte[BLOCK])) {
      return Optional.empty();
    }
    long stored = sized(pax, "size", block, 124, 136);
    if (stored < 0) {
      throw new IOException("an entry of a negative size");
    }
    SparseMap.Read map = block[156] == '0' ? map(pax) : null;
    left = block[156] == '0' ? stored - (map == null ? 0 : map.bytes()) : 0;
    if (map != null && left != map.data().stream().mapToLong(Extent::length).sum()) {
      throw new IOException("a sparse file whose map is not that of its data");
    }
    padding = TarHeaders.padding(left);
    return Optional.of(item(block, pax, stored, map));
  }

  /** The map of a sparse file, which is read; absent when it is none. */
  private SparseMap.@Nullable Read map(PaxRecords pax) throws IOException {
    byte @Nullable [] major = pax.get(SparseMap.MAJOR);
    if (major == null) {
      return null;
    }
    if (!isDigit(major, '1') || !isDigit(pax.get(SparseMap.MINOR), '0')) {
      throw new IOException("a sparse file in a form that is not known");
    }
    return SparseMap.read(tar, sparseSize(pax));
  }

  private static boolean isDigit(byte @Nullable [] value, char digit) {
    return value != null && value.length == 1 && value[0] == digit;
  }

  private static long sparseSize(PaxRecords pax) throws IOException {
    long size = number(or(pax.get(SparseMap.SIZE), NOTHING), 10);
    if (size < 0) {
      throw new IOException("a sparse file of a negative size");
    }
    return size;
  }

  /** The next bytes of the content of the entry; -1 at its end. */
  int read(byte[] into) throws IOException {
    return read(into, into.length);
  }

  /** The same, not more than so many. */
  int read(byte[] into, long most) throws IOException {
    if (left == 0) {
      return -1;
    }
    int read = tar.read(into, 0, (int) Math.min(left, Math.min(most, into.length)));
    if (read < 0) {
      throw new EOFException("the archive ends within an entry");
    }
    left -= read;
    return read;
  }

  private void skip(long bytes) throws IOException {
    try {
      tar.skipNBytes(bytes);
    } catch (EOFException e) {
      throw new EOFException("the archive ends within an entry");
    }
  }

  private byte[] block() throws IOException {
    byte[] block = tar.readNBytes(BLOCK);
    if (block.length < BLOCK) {
      throw new EOFException("the archive ends without its end");
    }
    return block;
  }

  private PaxRecords pax(byte[] header) throws IOException {
    long size = number(field(header, 124, 136), 8);
    if (size < 0 || size > LARGEST_PAX) {
      throw new IOException("a header of " + size + " bytes");
    }
    byte[] records = tar.readNBytes((int) size);
    if (records.length < size) {
      throw new EOFException("the archive ends within a header");
    }
    skip(TarHeaders.padding(size));
    return PaxRecords.parse(records);
  }

  private static Item item(byte[] block, PaxRecords pax, long stored, SparseMap.@Nullable Read map)
      throws IOException {
    String path = map == null ? "path" : SparseMap.NAME;
    byte[] name = or(pax.get(path), field(block, 0, 100));
    byte @Nullable [] time = pax.get("mtime");
    boolean folder = name.length > 1 && name[name.length - 1] == '/';
    long seconds = field8(block, 136, 148);
    int nanos = 0;
    if (time != null) {
      java.math.BigDecimal exact = decimal(time);
      java.math.BigDecimal whole = exact.setScale(0, java.math.RoundingMode.FLOOR);
      seconds = whole.longValue();
      nanos = exact.subtract(whole).movePointRight(9).intValue();
    }
    return new Item(
        RawPath.ofBytes(folder ? Arrays.copyOf(name, name.length - 1) : name),
        (char) block[156],
        (int) number(field(block, 100, 108), 8) & 07777,
        id(pax, "uid", block, 108, 116),
        id(pax, "gid", block, 116, 124),
        seconds,
        nanos,
        map == null ? stored : sparseSize(pax),
        map == null ? null : map.data(),
        RawPath.ofBytes(or(pax.get("linkpath"), field(block, 157, 257))),
        new Entry.Device(
            (int) number(field(block, 329, 337), 8), (int) number(field(block, 337, 345), 8)),
        pax.attributes());
  }

  /**
   * A time.
   *
   * @throws IOException when it is none, or none that can be reckoned with
   */
  static java.math.BigDecimal decimal(byte[] text) throws IOException {
    try {
      if (text.length > LONGEST_TIME) {
        throw new IOException("a time of " + text.length + " digits");
      }
      java.math.BigDecimal time =
          new java.math.BigDecimal(new String(text, StandardCharsets.ISO_8859_1));
      if (Math.abs((long) time.scale()) > LONGEST_TIME) {
        // An exponent: to cut it at the point would make a number of so many digits.
        throw new IOException("a time that none has");
      }
      return time;
    } catch (NumberFormatException e) {
      throw new IOException("a time that is none", e);
    }
  }

  private static long sized(PaxRecords pax, String key, byte[] block, int from, int to)
      throws IOException {
    byte @Nullable [] large = pax.get(key);
    return large != null ? number(large, 10) : field8(block, from, to);
  }

  /** A user or group: one of more than 32 bits would be cut to another, which may be root. */
  private static long id(PaxRecords pax, String key, byte[] block, int from, int to)
      throws IOException {
    long id = sized(pax, key, block, from, to);
    if (id < 0 || id > LARGEST_ID) {
      throw new IOException("a " + key + " that none has: " + id);
    }
    return id;
  }

  /** A number of a header: octal digits, or binary where these do not suffice. */
  private static long field8(byte[] block, int from, int to) throws IOException {
    if ((block[from] & 0x80) == 0) {
      return number(field(block, from, to), 8);
    }
    return new java.math.BigInteger(Arrays.copyOfRange(block, from, to))
        .clearBit((to - from) * Byte.SIZE - 1)
        .longValue();
  }

  private static byte[] or(byte @Nullable [] first, byte[] second) {
    return first != null ? first : second;
  }

  static long number(byte[] digits, int radix) throws IOException {
    String text = new String(digits, StandardCharsets.ISO_8859_1).strip();
    try {
      return text.isEmpty() ? 0 : Long.parseLong(text, radix);
    } catch (NumberFormatException e) {
      throw new IOException("a number in a header that is none", e);
    }
  }

  private static byte[] field(byte[] block, int from, int to) {
    int end = from;
    while (end < to && block[end] != 0) {
      end++;
    }
    return Arrays.copyOfRange(block, from, end);
  }
}
