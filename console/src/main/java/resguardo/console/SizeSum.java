package resguardo.console;

/** Sums of sizes of files. Those of holes may be any number: a node says them itself. */
final class SizeSum {
  private SizeSum() {}

  /** Both together, or the largest number that there is; neither is below 0. */
  static long of(long one, long other) {
    return one > Long.MAX_VALUE - other ? Long.MAX_VALUE : one + other;
  }
}
