package resguardo.worker;

import java.util.Comparator;
import java.util.List;
import resguardo.core.version.ArchiveRef;

/**
 * Keeps the number of archives that a version needs small. When there are many, the smallest are
 * retired together: what still lives in them goes into the next archive. So content is written
 * again only along with much that is as large, as in a log-structured merge tree, and the large
 * first archive stays where it is.
 */
final class Chain {
  /** A version never needs more archives. */
  static final int LONGEST = 16;

  /** So many stay when the others are retired. */
  private static final int KEPT = 4;

  private Chain() {}

  /**
   * Which archives the next version is not to need any more.
   *
   * @param archives that the newest version needs
   * @return their numbers, ascending; none while there are few
   */
  static List<Integer> retired(List<ArchiveRef> archives) {
    if (archives.size() < LONGEST) {
      return List.of();
    }
    return archives.stream()
        .sorted(Comparator.comparingLong(ArchiveRef::bytes).thenComparing(ArchiveRef::number))
        .limit(archives.size() - KEPT)
        .map(ArchiveRef::number)
        .sorted()
        .toList();
  }
}
