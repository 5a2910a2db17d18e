package resguardo.console;

import java.util.Locale;

/** Numbers of things, as people write them. */
final class Counts {
  private Counts() {}

  /** The number, with its thousands apart. */
  static String number(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  /** The word for so many. */
  static String word(long count, String one, String many) {
    return count == 1 ? one : many;
  }

  /** Both. */
  static String of(long count, String one, String many) {
    return number(count) + " " + word(count, one, many);
  }
}
