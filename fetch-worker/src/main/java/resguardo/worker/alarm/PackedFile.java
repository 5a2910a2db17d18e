package resguardo.worker.alarm;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import resguardo.archive.ArchiveWriter;
import resguardo.core.RawPath;
import resguardo.core.Sha256;
import resguardo.core.version.Chunk;
import resguardo.core.version.Entry;
import resguardo.core.version.Piece;
import resguardo.core.version.Place;
import resguardo.core.version.Placed;

/**
 * A file of a version, and how well its content was compressed, as its place in the manifest tells:
 * no byte of it has to be read. Of a large file the members are its own. A small one shares a
 * member with others, so that the mean of its member is taken for it: exact enough where many files
 * are counted.
 *
 * <p>Memory is 16 bytes a chunk.
 */
final class PackedFile {
  /** At most: what had text, records or code in it. */
  private static final double WELL = 0.75;

  /** At least: what is encrypted, or was compressed before. */
  private static final double HARDLY = 0.9;

  /** Of less content the headers of tar and of members would be most of what is counted. */
  private static final long TOO_SMALL = 1024;

  private static final int TAR_BLOCK = 512;
  private static final int HEX = 16;
  private static final int DIGITS = 16;

  /** What one takes besides its name and its chunks. */
  private static final int OBJECTS = 240;

  private static final int OF_A_CHUNK = Long.BYTES + 2 * Integer.BYTES;

  private final RawPath name;
  private final Sha256 digest;
  private final long bytes;
  private final double ratio;

  /**
   * Where its content lies, when it is not cut into chunks; absent: it is, or that is of no matter.
   */
  private final @Nullable Piece where;

  /** Each by its digest, and by where it lies where that is of any matter. */
  private final long[] chunks;

  private final int[] lengths;
  private final int[] raws;

  private PackedFile(Entry entry, Sha256 digest, Place place, boolean anew) {
    this.name = entry.name();
    this.digest = digest;
    this.bytes = entry.stored();
    List<Chunk> large = place.chunks();
    this.where = anew || !large.isEmpty() ? null : where(entry, place);
    MessageDigest places = Sha256.newDigest();
    this.chunks =
        large.stream()
            .mapToLong(chunk -> anew ? beginning(chunk.digest()) : placed(chunk, places))
            .toArray();
    this.lengths = large.stream().mapToInt(Chunk::length).toArray();
    this.raws = large.stream().mapToInt(Chunk::raw).toArray();
    this.ratio =
        large.isEmpty()
            ? ofMember(entry, place)
            : (double) Arrays.stream(lengths).asLongStream().sum()
                / Arrays.stream(raws).asLongStream().sum();
  }

  /**
   * The file of an entry; absent where it is no file, or has no content that could be read.
   *
   * @param anew whether what stays may lie elsewhere than before
   */
  static @Nullable PackedFile of(Placed placed, boolean anew) {
    Entry entry = placed.entry();
    Sha256 digest = entry.digest();
    return entry.type() == Entry.Type.FILE && digest != null && entry.stored() > 0
        ? new PackedFile(entry, digest, placed.place(), anew)
        : null;
  }

  /** The first 64 bits of a digest: enough to know it by among some millions. */
  static long beginning(Sha256 digest) {
    return Long.parseUnsignedLong(digest.hex(), 0, DIGITS, HEX);
  }

  /** Where whoever restores it looks for it. */
  private static @Nullable Piece where(Entry entry, Place place) {
    try {
      return ArchiveWriter.contentOf(entry, place).content();
    } catch (RuntimeException noHeader) {
      return place.block(); // of an entry that no node has, or that is said to lie beyond a member
    }
  }

  /** A chunk by its digest and its place: nobody makes another that is taken for it. */
  private static long placed(Chunk chunk, MessageDigest places) {
    ByteBuffer numbers = ByteBuffer.allocate(3 * Integer.BYTES + Long.BYTES);
    numbers.putInt(chunk.archive()).putLong(chunk.offset());
    places.update(numbers.putInt(chunk.length()).putInt(chunk.raw()).array());
    places.update(chunk.digest().hex().getBytes(StandardCharsets.US_ASCII));
    return ByteBuffer.wrap(places.digest()).getLong();
  }

  private static double ofMember(Entry entry, Place place) {
    Piece piece = place.content() == null ? place.block() : place.content();
    if (piece == null || piece.raw() == 0) {
      return Double.NaN; // which is neither good nor bad
    }
    // What stands in the member of headers and padding compresses to next to nothing; in a small
    // file's share it would hide that the content does not compress at all.
    double share = (double) piece.length() / piece.raw() * inTar(entry);
    return share / entry.stored();
  }

  /** How many bytes of tar a file takes: with parts of seconds it has a PAX header too. */
  private static long inTar(Entry entry) {
    long headers = entry.mtimeNanos() == 0 ? TAR_BLOCK : 3 * TAR_BLOCK;
    return headers + (entry.stored() + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
  }

  RawPath name() {
    return name;
  }

  Sha256 digest() {
    return digest;
  }

  /** How many bytes of memory it takes. */
  long weight() {
    return OBJECTS + name.length() + (long) OF_A_CHUNK * chunks.length;
  }

  /**
   * Whether content that is said to be the same lies where that of before does, as far as that is
   * of any matter.
   *
   * @param before of the same digest
   */
  boolean liesLike(PackedFile before) {
    if (chunks.length == 0) {
      return Objects.equals(where, before.where);
    }
    long[] known = before.chunks.clone();
    Arrays.sort(known);
    return Arrays.stream(chunks).allMatch(chunk -> Arrays.binarySearch(known, chunk) >= 0);
  }

  /** Whether it was worth it to compress the content. */
  boolean isGood() {
    return bytes >= TOO_SMALL && ratio <= WELL;
  }

  /** Whether it was not. */
  boolean isBad() {
    return bytes >= TOO_SMALL && ratio >= HARDLY;
  }

  /**
   * How many bytes of it could be compressed before and cannot any more; 0: what is new in it can,
   * or what was there before could not either. Of a large file only chunks count that are new.
   *
   * @param before the same file in the version before
   */
  long spoilt(PackedFile before) {
    if (!before.isGood()) {
      return 0;
    } else if (chunks.length == 0) {
      return isBad() ? bytes : 0;
    }
    long[] known = before.chunks.clone();
    Arrays.sort(known);
    long length = 0;
    long raw = 0;
    for (int i = 0; i < chunks.length; i++) {
      if (Arrays.binarySearch(known, chunks[i]) < 0) {
        length += lengths[i];
        raw += raws[i];
      }
    }
    return raw >= TOO_SMALL && length >= HARDLY * raw ? raw : 0;
  }

  /**
   * Whether it has only grown, as a log does: it is larger, and what is encrypted it is not.
   *
   * @param before as of {@link #spoilt}
   */
  boolean hasGrown(PackedFile before) {
    return bytes > before.bytes && (!isBad() || beginsLike(before));
  }

  private boolean beginsLike(PackedFile before) {
    return chunks.length > 0 && before.chunks.length > 0 && chunks[0] == before.chunks[0];
  }
}
