package resguardo.archive;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import resguardo.core.version.Piece;

/**
 * The members of small files that were sent last. Both ends of a stream keep count of them in the
 * same way, so that the one need not say, nor the other ask, what is not sent again.
 */
final class RecentMembers {
  /**
   * One for each archive that a version may lie in: so entries may alternate between all of them.
   */
  static final int KEPT = 16;

  private record Key(int archive, long offset, int length) {
    static Key of(Piece piece) {
      return new Key(piece.archive(), piece.offset(), piece.length());
    }
  }

  /** In the order of their coming: to be looked at changes nothing. */
  private final Map<Key, byte[]> members =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, byte[]> eldest) {
          return size() > KEPT;
        }
      };

  /** The bytes that were kept with it; absent when it is not among the last. */
  byte @Nullable [] find(Piece piece) {
    return members.get(Key.of(piece));
  }

  /** Keeps it, in place of the first that came. */
  void add(Piece piece, byte[] bytes) {
    members.put(Key.of(piece), bytes);
  }
}
