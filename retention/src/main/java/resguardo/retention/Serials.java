package resguardo.retention;

import java.util.Arrays;
import resguardo.core.Serial;

/** Numbers of versions, at 8 bytes each: there may be a hundred thousand. */
final class Serials {
  private static final int SOME = 16;

  private long[] values = new long[SOME];
  private int size;

  /** Adds one, which is larger than all before, or smaller than all before. */
  void add(Serial serial) {
    if (size == values.length) {
      values = Arrays.copyOf(values, 2 * size);
    }
    values[size++] = serial.value();
  }

  int size() {
    return size;
  }

  boolean contains(Serial serial) {
    boolean up = size < 2 || values[0] < values[1];
    int low = 0;
    int high = size - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int way = Long.compare(values[middle], serial.value());
      if (way == 0) {
        return true;
      } else if (way < 0 == up) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return false;
  }
}
