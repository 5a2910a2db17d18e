package resguardo.worker;

/**
 * Memory for files that are not asked for and have other names among what is. A node may have as
 * many as it likes, with names as long as it likes. For one thread.
 */
final class LinkRoom {
  /** Tens of thousands of files; several queries are under way at a time. */
  static final long MOST = 8 * 1024 * 1024;

  /** What each takes in a table besides its bytes. */
  static final int OVERHEAD = 80;

  private long taken;

  /**
   * One more is kept; the first always is, as the line of one large file may be longer.
   *
   * @param bytes of its name or its line
   * @throws TooManyLinksException when there is no room for it
   */
  void take(int bytes) throws TooManyLinksException {
    long more = (long) bytes + OVERHEAD;
    if (taken > 0 && taken + more > MOST) {
      throw new TooManyLinksException();
    }
    taken += more;
  }

  /** One is kept no more. */
  void give(int bytes) {
    taken -= (long) bytes + OVERHEAD;
  }
}
