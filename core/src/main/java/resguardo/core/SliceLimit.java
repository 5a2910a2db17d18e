package resguardo.core;

/**
 * How much of a set goes in one attempt. What was brought until then is kept, and another attempt
 * goes on from there: so whatever breaks, no more than this is done again.
 *
 * @param bytes of the archive after which a slice ends, counted from where the slice before it
 *     ended; what is being compressed then still comes
 * @param seconds after which it ends, counted from the first new content after there
 */
public record SliceLimit(long bytes, long seconds) {
  /** Large enough that few sets have more than one, small enough to be done again. */
  public static final SliceLimit USUAL = new SliceLimit(8L << 30, 600);

  /**
   * What an attempt leaves behind is freed after six hours: until then each one must have come to
   * its end.
   */
  private static final long LONGEST_SECONDS = 2 * 60 * 60;

  public SliceLimit {
    if (bytes < 1) {
      throw new IllegalArgumentException("a slice has 1 byte or more: " + bytes);
    }
    if (seconds < 1 || seconds > LONGEST_SECONDS) {
      throw new IllegalArgumentException(
          "a slice takes 1 to " + LONGEST_SECONDS + " seconds: " + seconds);
    }
  }
}
