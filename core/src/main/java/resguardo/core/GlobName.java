package resguardo.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The pattern of one name of a path. */
final class GlobName {
  private static final RawPath MANY = RawPath.parse("**");

  /** Fits characters. */
  private interface Part {
    boolean fits(int character);
  }

  /** Any number of characters. */
  private static final Part STAR = character -> true;

  private final List<Part> parts = new ArrayList<>();
  private final int[] pattern;
  private final boolean many;
  private RawPath begin = RawPath.ofBytes(new byte[0]);
  private boolean literal = true;

  private GlobName(RawPath name, boolean special) {
    pattern = Characters.of(name);
    many = special && name.equals(MANY);
    int[] plain = new int[pattern.length];
    int length = 0;
    for (int at = 0; at < pattern.length; ) {
      int end = special ? take(at) : plain(at);
      if (literal) {
        plain[length++] = pattern[end - 1];
      }
      at = end;
    }
    begin = Characters.path(Arrays.copyOf(plain, length));
  }

  /** The pattern that only this name fits. */
  static GlobName literal(RawPath name) {
    return new GlobName(name, false);
  }

  static GlobName parse(RawPath name) {
    return new GlobName(name, true);
  }

  /** Takes the part that begins here. Returns where the next one does. */
  private int take(int at) {
    return switch (pattern[at]) {
      case '*' -> special(STAR, at + 1);
      case '?' -> special(character -> true, at + 1);
      case '[' -> set(at);
      case '\\' -> plain(Math.min(at + 1, pattern.length - 1));
      default -> plain(at);
    };
  }

  private int special(Part part, int end) {
    literal = false;
    parts.add(part);
    return end;
  }

  private int plain(int at) {
    int wanted = pattern[at];
    parts.add(character -> character == wanted);
    return at + 1;
  }

  /** A set of characters; without its end it is only a bracket. */
  private int set(int at) {
    boolean not = at + 1 < pattern.length && (pattern[at + 1] == '!' || pattern[at + 1] == '^');
    int first = at + (not ? 2 : 1);
    int end = first + 1; // a ] that comes first is one of the set
    while (end < pattern.length && pattern[end] != ']') {
      end++;
    }
    if (end >= pattern.length) {
      return plain(at);
    }
    int last = end;
    return special(character -> isIn(first, last, character) != not, end + 1);
  }

  private boolean isIn(int first, int end, int character) {
    for (int i = first; i < end; i++) {
      boolean range = i + 2 < end && pattern[i + 1] == '-';
      int to = range ? pattern[i + 2] : pattern[i];
      if (pattern[i] <= character && character <= to) {
        return true;
      }
      i += range ? 2 : 0;
    }
    return false;
  }

  /** Whether it stands for any number of names, and not for one. */
  boolean standsForMany() {
    return many;
  }

  /** Whether only one name fits. */
  boolean isLiteral() {
    return literal;
  }

  /** What each name that fits begins with. */
  RawPath begin() {
    return begin;
  }

  boolean matches(RawPath name) {
    int[] characters = Characters.of(name);
    boolean[] stars = new boolean[parts.size()];
    for (int i = 0; i < stars.length; i++) {
      stars[i] = parts.get(i) == STAR;
    }
    return Glob.fits(
        stars, characters.length, (part, item) -> parts.get(part).fits(characters[item]));
  }
}
