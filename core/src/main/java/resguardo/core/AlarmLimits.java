package resguardo.core;

/**
 * From where on a version is suspicious against the one before it: it may be that a disaster was
 * backed up, such as files that malware has encrypted. Part of the options of a registration; what
 * is compared with these, and how small things have to be for no rule to count, is said at {@link
 * resguardo.core.version.Alarm}.
 *
 * @param shrink how many percent of its files, or of its bytes, have to be gone; 0: never
 * @param changed for how many percent of its files something else has to be there; 0: never
 * @param entropy how many percent of its files, or of its bytes, have to be such that they could be
 *     compressed and cannot any more; 0: never
 */
public record AlarmLimits(int shrink, int changed, int entropy) {
  /**
   * As usual. Half of a set is more than what a day's work deletes or writes anew; that a fifth of
   * it cannot be compressed any more is rarer than either.
   */
  public static final AlarmLimits USUAL = new AlarmLimits(50, 50, 20);

  /** No version is suspicious. */
  public static final AlarmLimits NEVER = new AlarmLimits(0, 0, 0);

  private static final int ALL = 100;

  public AlarmLimits {
    refuseNoPercentage(shrink);
    refuseNoPercentage(changed);
    refuseNoPercentage(entropy);
  }

  private static void refuseNoPercentage(int percent) {
    if (percent < 0 || percent > ALL) {
      throw new IllegalArgumentException(
          "from where on there is an alarm is 1 to 100 percent, or 0 for never: " + percent);
    }
  }
}
