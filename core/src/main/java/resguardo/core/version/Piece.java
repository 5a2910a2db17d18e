package resguardo.core.version;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * Where something lies: in a member of an archive, from an offset within what the member inflates
 * to. Written as an array of five numbers, in this order.
 *
 * @param archive number of the archive (see {@link ArchiveRef#number})
 * @param offset of the member's first byte in the archive
 * @param length of the member in bytes, as it lies in the archive
 * @param raw how many bytes the member inflates to
 * @param start offset within these
 */
@JsonFormat(shape = JsonFormat.Shape.ARRAY)
@JsonPropertyOrder({"archive", "offset", "length", "raw", "start"})
public record Piece(int archive, long offset, int length, int raw, int start) {
  /**
   * More than any member of ours inflates to: whoever reads one keeps it in memory. Chunks of large
   * files are the largest, 2 MiB.
   */
  public static final int LARGEST_RAW = 4 * 1024 * 1024;

  /** So that sums of offsets and lengths can be counted; no store has an object as long. */
  private static final long FARTHEST = 1L << 60;

  public Piece {
    if (archive < 1 || offset < 0 || offset > FARTHEST || length < 1 || length > 2 * LARGEST_RAW) {
      throw new IllegalArgumentException("a member that cannot be: " + length + " at " + offset);
    }
    if (raw < 0 || raw > LARGEST_RAW || start < 0 || start > raw) {
      throw new IllegalArgumentException("a place in a member that cannot be: " + start);
    }
  }

  /** Whether it is in the same member as another. */
  public boolean sameMember(Piece other) {
    return archive == other.archive && offset == other.offset;
  }
}
