package resguardo.core;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers of bytes as people write them: {@code 500KiB}, {@code 10MiB}, {@code 65536}. */
public final class Sizes {
  private static final Pattern WRITTEN = Pattern.compile("(\\d{1,9})(B|KiB|MiB|GiB)?");
  private static final List<String> UNITS = List.of("B", "KiB", "MiB", "GiB");
  private static final int BITS_A_UNIT = 10;

  private Sizes() {}

  /**
   * How many bytes a text says.
   *
   * @throws IllegalArgumentException when it says none, with its text in the message
   */
  public static long parse(String text) {
    Matcher written = WRITTEN.matcher(text);
    if (!written.matches()) {
      throw new IllegalArgumentException(
          "'" + Texts.shown(text) + "' is no size: give it such as 10MiB");
    }
    int unit = written.group(2) == null ? 0 : UNITS.indexOf(written.group(2));
    return Long.parseLong(written.group(1)) << (BITS_A_UNIT * unit);
  }

  /** A size as it would be written, in the largest unit of which it is a whole number. */
  public static String text(long bytes) {
    int unit = 0;
    long value = bytes;
    while (unit < UNITS.size() - 1 && value > 0 && value % (1 << BITS_A_UNIT) == 0) {
      value >>= BITS_A_UNIT;
      unit++;
    }
    return value + UNITS.get(unit);
  }
}
