package resguardo.core.version;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * A part of a sparse file that holds data; what lies between two of them is a hole, which reads as
 * zeros and takes no space. Written as an array, in this order.
 *
 * @param offset in the file, in bytes
 * @param length in bytes, 1 or more
 */
@JsonFormat(shape = JsonFormat.Shape.ARRAY)
@JsonPropertyOrder({"offset", "length"})
public record Extent(long offset, long length) {
  /** More than any sparse file has of them: no more are restored. */
  public static final int MOST = 64 * 1024;

  public Extent {
    if (offset < 0 || length < 1 || offset + length < 0) {
      throw new IllegalArgumentException("data that cannot be: " + length + " at " + offset);
    }
  }

  /** Where the next byte after it lies. */
  public long end() {
    return offset + length;
  }
}
