package resguardo.archive;

import java.util.Arrays;

/**
 * Members of one archive, each once, by ascending offset: 8 bytes of memory for each. They mostly
 * come in that order; what does not is sorted when room is needed, or an answer.
 */
final class MemberSet {
  /** A member is at most 8 MiB long (see {@link resguardo.core.version.Piece}). */
  private static final int LENGTH_BITS = 23;

  /** What is left for the offset: archives up to 1 TiB. */
  static final long LARGEST_OFFSET = Long.MAX_VALUE >> LENGTH_BITS;

  private static final int FIRST_ROOM = 64;

  private long[] members = new long[FIRST_ROOM];
  private int size;
  private boolean settled = true;

  /** Adds one, which may be there already. */
  void add(long offset, int length) {
    long member = offset << LENGTH_BITS | (length - 1);
    if (size > 0 && members[size - 1] == member) {
      return;
    }
    if (size == members.length) {
      makeRoom();
    }
    settled &= size == 0 || members[size - 1] < member;
    members[size++] = member;
  }

  private void makeRoom() {
    settle();
    if (size > members.length / 2) {
      members = Arrays.copyOf(members, members.length + members.length / 2);
    }
  }

  private void settle() {
    if (settled) {
      return;
    }
    settled = true;
    Arrays.sort(members, 0, size);
    int kept = 1;
    for (int i = 1; i < size; i++) {
      if (members[i] != members[kept - 1]) {
        members[kept++] = members[i];
      }
    }
    size = kept;
  }

  /** How many there are; some perhaps counted twice until {@link #count} has sorted them. */
  int room() {
    return size;
  }

  /** How many there are. */
  int count() {
    settle();
    return size;
  }

  /** How long they are together. */
  long bytes() {
    settle();
    long bytes = 0;
    for (int i = 0; i < size; i++) {
      bytes += length(i);
    }
    return bytes;
  }

  private long length(int index) {
    return (members[index] & ((1L << LENGTH_BITS) - 1)) + 1;
  }

  /** Whether one begins before another ends: no archive is written so. */
  boolean overlaps() {
    settle();
    for (int i = 1; i < size; i++) {
      if ((members[i - 1] >> LENGTH_BITS) + length(i - 1) > members[i] >> LENGTH_BITS) {
        return true;
      }
    }
    return false;
  }

  /** Which one in their order lies at this offset; negative: none. */
  int index(long offset) {
    settle();
    int found = Arrays.binarySearch(members, 0, size, offset << LENGTH_BITS);
    int at = found < 0 ? -found - 1 : found;
    return at < size && members[at] >> LENGTH_BITS == offset ? at : -1;
  }
}
