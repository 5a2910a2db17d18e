package resguardo.archive;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.core.RawPath;
import resguardo.core.version.Entry;
import resguardo.core.version.Extent;

/**
 * Reads a tar of any program in use: of v7, ustar, PAX or GNU, with long names, sparse files,
 * extended attributes and ACLs, as entries of a version. Names stay bytes, which a library that
 * takes them for text would lose. Names are taken as {@code tar -x} takes them: a leading slash and
 * parts {@code .} do not count. What leads out, what is damaged and what ends early is refused. For
 * one thread.
 */
public final class ForeignTar {
  private static final int BLOCK = TarHeaders.BLOCK;

  /** Of names and of PAX headers, so that a number in a header takes no more memory than this. */
  private static final int LARGEST_HEADER = 2 * 1024 * 1024;

  static final int TYPE = 156;
  private static final int CHECKSUM = 148;
  private static final int CHECKSUM_END = 156;

  private final InputStream tar;
  private PaxRecords global = PaxRecords.NONE;
  private long left;
  private int padding;

  /**
   * @param tar not compressed
   */
  public ForeignTar(InputStream tar) {
    this.tar = tar;
  }

  /** Said of a tar that cannot be taken as a version. */
  public static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1;

    RefusedException(String why) {
      super(why);
    }
  }

  /** What stands before an entry in headers of their own. */
  static final class Before {
    PaxRecords pax = PaxRecords.NONE;
    byte @Nullable [] name;
    byte @Nullable [] link;
  }

  /**
   * The next entry, without a digest; empty after the last, when all was read to the end of the
   * file. What was not read of the one before is passed over.
   *
   * @throws RefusedException when it is no tar, ends early, or has an entry that cannot be taken
   */
  public Optional<Entry> next() throws IOException {
    Before before = new Before();
    while (true) {
      skip(left + padding);
      left = 0;
      padding = 0;
      byte[] block = block();
      if (isZero(block)) {
        drain();
        return Optional.empty();
      }
      checkSum(block);
      switch ((char) block[TYPE]) {
        case 'x', 'X' ->
            before.pax = PaxRecords.parse(extra(block)).joined(before.pax, LARGEST_HEADER);
        case 'g' -> global = PaxRecords.parse(extra(block)).joined(global, LARGEST_HEADER);
        case 'L' -> before.name = ended(extra(block));
        case 'K' -> before.link = ended(extra(block));
        case 'V' -> extra(block); // the name of the volume
        default -> {
          return Optional.of(entry(block, before));
        }
      }
    }
  }

  /**
   * The next bytes of what the entry has: of a sparse file its data alone. As {@link
   * InputStream#read(byte[], int, int)}.
   */
  public int read(byte[] into, int offset, int length) throws IOException {
    if (left == 0) {
      return -1;
    }
    int read = tar.read(into, offset, (int) Math.min(left, length));
    if (read < 0) {
      throw new RefusedException("it ends within a file");
    }
    left -= read;
    return read;
  }

  private Entry entry(byte[] block, Before before) throws IOException {
    PaxRecords pax = before.pax.over(global);
    ForeignHeader header = new ForeignHeader(block, pax, before);
    Entry.Type type = header.type();
    long stored = header.number("size", 124, 136);
    if (stored < 0) {
      throw new RefusedException("an entry of a negative size");
    }
    boolean hasBytes = type == Entry.Type.FILE || block[TYPE] == 'D';
    left = hasBytes ? stored : 0;
    padding = TarHeaders.padding(left);
    Sparse sparse = type == Entry.Type.FILE ? sparse(block, pax) : null;
    if (block[TYPE] == 'D') {
      skip(left + padding); // the list of a folder's names, of a tar --incremental
      left = 0;
      padding = 0;
    }
    try {
      return entry(header, type, sparse);
    } catch (IllegalArgumentException e) {
      throw new RefusedException(header.shownName() + ": " + e.getMessage());
    }
  }

  private Entry entry(ForeignHeader header, Entry.Type type, @Nullable Sparse sparse)
      throws IOException {
    RawPath name = clean(sparse != null && sparse.name() != null ? sparse.name() : header.name());
    boolean device = type == Entry.Type.CHARACTER_DEVICE || type == Entry.Type.BLOCK_DEVICE;
    long size = sparse == null ? left : sparse.size();
    ForeignHeader.Attributes attributes = header.attributes(type);
    BigDecimal time = header.time();
    BigDecimal seconds = time.setScale(0, RoundingMode.FLOOR);
    return new Entry(
        name,
        type,
        header.mode(),
        header.id("uid", 108, 116),
        header.id("gid", 116, 124),
        header.owner("uname", 265, 297),
        header.owner("gname", 297, 329),
        seconds.longValueExact(),
        time.subtract(seconds).movePointRight(9).intValue(),
        type == Entry.Type.FILE ? size : 0,
        null,
        header.link(type),
        device ? header.device() : null,
        attributes.complete() ? null : Entry.Warning.ATTRIBUTES_LEFT_OUT,
        attributes.values(),
        sparse == null || isAll(sparse) ? null : sparse.data());
  }

  private static boolean isAll(Sparse sparse) {
    return sparse.data().stream().mapToLong(Extent::length).sum() == sparse.size();
  }

  /**
   * A name without what does not count.
   *
   * @throws RefusedException when it leads out
   */
  static RawPath clean(byte[] name) throws RefusedException {
    if (name.length > ForeignHeader.LONGEST_NAME) {
      throw new RefusedException("a name of " + name.length + " bytes");
    }
    RawPath clean = RawPath.parse("");
    RawPath raw;
    try {
      raw = RawPath.ofBytes(name);
    } catch (IllegalArgumentException e) {
      throw new RefusedException("a name with a NUL byte");
    }
    for (RawPath part : raw.components()) {
      if (part.text().equals("..")) {
        throw new RefusedException("a name that leads out of the tarball: " + raw);
      } else if (!part.text().equals(".")) {
        clean = clean.resolve(part);
      }
    }
    return clean;
  }

  /**
   * @param name absent: that of the header is its own
   */
  private record Sparse(long size, List<Extent> data, byte @Nullable [] name) {}

  /** What of a file is data, in the three forms that are in use; absent: all of it. */
  private @Nullable Sparse sparse(byte[] block, PaxRecords pax) throws IOException {
    Sparse sparse;
    if (block[TYPE] == 'S') {
      sparse = oldSparse(block);
    } else if (pax.get(SparseMap.MAJOR) != null) {
      sparse = mappedSparse(pax);
    } else if (pax.get("GNU.sparse.map") != null) {
      sparse = listedSparse(pax);
    } else if (pax.get("GNU.sparse.offset") != null) {
      throw new RefusedException(
          "a sparse file in a form that GNU tar wrote for some months of 2004 only");
    } else {
      return null;
    }
    if (sparse.data().stream().mapToLong(Extent::length).sum() != left) {
      throw new RefusedException("a sparse file whose map is not that of its data");
    }
    return sparse;
  }

  private Sparse mappedSparse(PaxRecords pax) throws IOException {
    if (!is(pax, SparseMap.MAJOR, "1") || !is(pax, SparseMap.MINOR, "0")) {
      throw new RefusedException("a sparse file in a form that is not known");
    }
    long size = size(pax, SparseMap.SIZE);
    SparseMap.Read map = SparseMap.read(tar, size);
    left -= map.bytes();
    padding = TarHeaders.padding(Math.max(0, left));
    return new Sparse(size, map.data(), pax.get(SparseMap.NAME));
  }

  private static boolean is(PaxRecords pax, String key, String value) {
    return Arrays.equals(pax.get(key), value.getBytes(StandardCharsets.US_ASCII));
  }

  private static long size(PaxRecords pax, String key) throws IOException {
    byte[] size = pax.get(key);
    long number = size == null ? -1 : TarReader.number(size, 10);
    if (number < 0) {
      throw new RefusedException("a sparse file without a size");
    }
    return number;
  }

  private static Sparse listedSparse(PaxRecords pax) throws IOException {
    byte[] map = pax.get("GNU.sparse.map");
    String[] numbers =
        new String(map == null ? new byte[0] : map, StandardCharsets.US_ASCII).split(",", -1);
    List<Long> parts = new ArrayList<>();
    for (String number : numbers) {
      parts.add(TarReader.number(number.getBytes(StandardCharsets.US_ASCII), 10));
    }
    long size = size(pax, "GNU.sparse.size");
    return new Sparse(size, extents(parts, size), pax.get(SparseMap.NAME));
  }

  /** The form of GNU tar's own headers: four parts in the first, twenty-one in each further one. */
  private Sparse oldSparse(byte[] block) throws IOException {
    List<Long> parts = new ArrayList<>();
    oldParts(block, 386, 4, parts);
    boolean more = block[482] != 0;
    while (more) {
      byte[] further = block();
      oldParts(further, 0, 21, parts);
      more = further[504] != 0;
      if (parts.size() > Extent.MOST) {
        throw new RefusedException("a sparse file of more parts than can be kept");
      }
    }
    long size = ForeignHeader.number(block, 483, 495);
    return new Sparse(size, extents(parts, size), null);
  }

  private static void oldParts(byte[] block, int from, int many, List<Long> parts)
      throws IOException {
    for (int i = 0; i < many; i++) {
      int at = from + i * 24;
      if (block[at] == 0) {
        return;
      }
      parts.add(ForeignHeader.number(block, at, at + 12));
      parts.add(ForeignHeader.number(block, at + 12, at + 24));
    }
  }

  private static List<Extent> extents(List<Long> numbers, long size) throws RefusedException {
    List<Extent> data = new ArrayList<>();
    long end = 0;
    for (int i = 0; i + 1 < numbers.size(); i += 2) {
      long offset = numbers.get(i);
      long length = numbers.get(i + 1);
      if (offset < end || length < 0 || offset > size || length > size - offset) {
        throw new RefusedException("a sparse file whose parts cannot be");
      }
      end = offset + length;
      if (length > 0) {
        data.add(new Extent(offset, length));
      }
    }
    return data;
  }

  private byte[] extra(byte[] header) throws IOException {
    long size = ForeignHeader.number(header, 124, 136);
    if (size < 0 || size > LARGEST_HEADER) {
      throw new RefusedException("a header of " + size + " bytes");
    }
    byte[] bytes = tar.readNBytes((int) size);
    if (bytes.length < size) {
      throw new RefusedException("it ends within a header");
    }
    skip(TarHeaders.padding(size));
    return bytes;
  }

  private static byte[] ended(byte[] name) {
    return field(name, 0, name.length);
  }

  static byte[] field(byte[] block, int from, int to) {
    int end = from;
    while (end < to && block[end] != 0) {
      end++;
    }
    return Arrays.copyOfRange(block, from, end);
  }

  private static boolean isZero(byte[] block) {
    for (byte b : block) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  /** Some old programs added the bytes as signed numbers: both are taken. */
  private static void checkSum(byte[] block) throws IOException {
    long said;
    try {
      said = TarReader.number(field(block, CHECKSUM, CHECKSUM_END), 8);
    } catch (IOException e) {
      throw new RefusedException("it is no tar, or damaged: a header without a checksum");
    }
    long unsigned = 0;
    long signed = 0;
    for (int i = 0; i < BLOCK; i++) {
      byte b = i >= CHECKSUM && i < CHECKSUM_END ? (byte) ' ' : block[i];
      unsigned += b & 0xff;
      signed += b;
    }
    if (said != unsigned && said != signed) {
      throw new RefusedException("it is no tar, or damaged: a header whose checksum is wrong");
    }
  }

  private byte[] block() throws IOException {
    byte[] block = tar.readNBytes(BLOCK);
    if (block.length < BLOCK) {
      throw new RefusedException("it ends without the end of a tar: it was cut off");
    }
    return block;
  }

  private void skip(long bytes) throws IOException {
    try {
      tar.skipNBytes(bytes);
    } catch (EOFException e) {
      throw new RefusedException("it ends within a file: it was cut off");
    }
  }

  /** What comes after the end is nothing of ours, but its checksums are. */
  private void drain() throws IOException {
    byte[] buffer = new byte[64 * 1024];
    while (tar.read(buffer) >= 0) {
      // Read, so that what was compressed is checked to its end.
    }
  }
}
