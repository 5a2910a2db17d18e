package resguardo.worker.alarm;

/**
 * What became of the files of a version in the next, as {@link resguardo.core.version.Alarm}
 * counts.
 *
 * @param changed contents in whose place others are
 * @param incompressible files that could be compressed and cannot any more
 * @param incompressibleBytes content of those of them that are known by their names
 */
record Changes(long changed, long incompressible, long incompressibleBytes) {
  /** None. */
  static final Changes NONE = new Changes(0, 0, 0);
}
