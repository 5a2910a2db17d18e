package resguardo.core;

/** What a pattern in the form of a {@code .gitignore} file may be, whatever it is to match. */
public final class IgnorePattern {
  /**
   * How many {@code *} may stand in one name of a pattern. Agents that are not renewed yet have
   * them matched by a library that tries all ways: with three the longest name takes some
   * milliseconds, with each more a hundred times as long.
   */
  private static final int MOST_ASTERISKS = 3;

  private static final String ANY_FOLDERS = "**";

  private IgnorePattern() {}

  /**
   * Looks at a pattern.
   *
   * @throws IllegalArgumentException when it is more than one line, or would take too long to match
   */
  public static void check(String pattern) {
    if (pattern.chars().anyMatch(c -> c == '\n' || c == 0)) {
      throw new IllegalArgumentException("a pattern is one line: " + Texts.shown(pattern));
    }
    for (String name : pattern.split("/")) {
      if (!name.equals(ANY_FOLDERS) && asterisks(name) > MOST_ASTERISKS) {
        throw new IllegalArgumentException(
            "a pattern has at most three * between slashes: " + Texts.shown(pattern));
      }
    }
  }

  private static long asterisks(String name) {
    return name.chars().filter(c -> c == '*').count();
  }
}
