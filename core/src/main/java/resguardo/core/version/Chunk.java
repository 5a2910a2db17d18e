package resguardo.core.version;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import resguardo.core.Sha256;

/**
 * A part of a large file's content: a member of its own. Written as an array, in this order.
 *
 * @param archive number of the archive
 * @param offset of the member's first byte in the archive
 * @param length of the member in bytes, as it lies in the archive
 * @param raw how many bytes of content it is
 * @param digest of the content
 */
@JsonFormat(shape = JsonFormat.Shape.ARRAY)
@JsonPropertyOrder({"archive", "offset", "length", "raw", "digest"})
public record Chunk(int archive, long offset, int length, int raw, Sha256 digest) {
  public Chunk {
    if (raw < 1) {
      throw new IllegalArgumentException("a chunk has content");
    }
    new Piece(archive, offset, length, raw, 0);
  }

  /** The member it is. */
  public Piece piece() {
    return new Piece(archive, offset, length, raw, 0);
  }
}
