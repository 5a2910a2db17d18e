package resguardo.worker;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Decides which archives of a version are to be merged into one. When there are many, it is the
 * smallest: so content is written again only along with much that is as large, as in a
 * log-structured merge tree, and the large first archive stays where it is. When much of what lies
 * in them is needed no more, it is those that have the most of that.
 */
final class Chain {
  /** A version never needs more archives. */
  static final int LONGEST = 16;

  /** Waste of so few bytes is not worth the work, whatever its part of the whole. */
  static final long LITTLE = 16L * 1024 * 1024;

  /** So many of the old stay when the smallest are merged. */
  private static final int KEPT = 4;

  /**
   * When one byte in so many is waste, it is time: less waste would have what is needed written
   * again more often than it was written in the first place.
   */
  private static final int TOO_MUCH = 2;

  /** It goes on until no more than one byte in so many is waste. */
  private static final int GOOD = 4;

  private Chain() {}

  /**
   * An archive that the version needs.
   *
   * @param bytes its size
   * @param live how many of them are needed
   * @param movable whether it may be merged with others
   */
  record Link(int number, long bytes, long live, boolean movable) {
    long waste() {
      return bytes - live;
    }
  }

  /**
   * Which archives the version is not to need any more.
   *
   * @return their numbers; none when it is good as it is
   */
  static Set<Integer> retired(List<Link> links) {
    List<Link> movable = links.stream().filter(Link::movable).toList();
    return links.size() > LONGEST ? smallest(links, movable) : wasteful(links, movable);
  }

  private static Set<Integer> smallest(List<Link> links, List<Link> movable) {
    int stay = KEPT + links.size() - movable.size();
    Set<Integer> smallest =
        movable.stream()
            .sorted(Comparator.comparingLong(Link::live).thenComparing(Link::number))
            .limit(Math.max(0, Math.min(movable.size(), links.size() - stay)))
            .map(Link::number)
            .collect(Collectors.toCollection(TreeSet::new));
    return smallest.size() < 2 ? Set.of() : smallest; // one for one makes nothing shorter
  }

  private static Set<Integer> wasteful(List<Link> links, List<Link> movable) {
    long whole = links.stream().mapToLong(Link::bytes).sum();
    long waste = movable.stream().mapToLong(Link::waste).sum();
    if (waste <= LITTLE || waste <= whole / TOO_MUCH) {
      return Set.of();
    }
    List<Link> worstFirst = new ArrayList<>(movable);
    worstFirst.sort(
        Comparator.comparingDouble((Link link) -> (double) link.live() / link.bytes())
            .thenComparing(Link::number));
    Set<Integer> worst = new TreeSet<>();
    for (Link link : worstFirst) {
      if (waste <= whole / GOOD) {
        break;
      }
      worst.add(link.number());
      waste -= link.waste();
      whole -= link.waste();
    }
    return worst;
  }
}
