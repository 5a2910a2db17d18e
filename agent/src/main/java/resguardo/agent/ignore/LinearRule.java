package resguardo.agent.ignore;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jgit.ignore.FastIgnoreRule;
import org.jspecify.annotations.Nullable;
import resguardo.core.Glob;

/**
 * A rule with several {@code *} in one name. The library tries all ways in which they could match,
 * which takes the third power of a name's length for three; this takes what one after the other
 * leaves, in a time that grows with the length of pattern and name multiplied. It matches what the
 * library does. Characters are bytes, as everywhere in rules.
 */
final class LinearRule extends FastIgnoreRule {
  /** What a name of a pattern is made of; anything else is no pattern that is in use. */
  private static final Pattern PART =
      Pattern.compile(
          "\\*+|\\?|\\\\[*?\\[]|\\[[!^]?(?:\\[:[a-z]+:]|[^\\[\\]\\\\!^])+]|[^*?\\[\\]\\\\]",
          Pattern.DOTALL);

  /** A name with several, that is not one that stands for any folders. */
  private static final Pattern SEVERAL =
      Pattern.compile("(?:^|/)(?!\\*\\*(?:/|\\z))[^/]*\\*[^/]*\\*");

  private static final Pattern SLASH = Pattern.compile("/");
  private static final String ANY_FOLDERS = "**";
  private static final int BYTES = 256;
  private static final int IN_ANY_FOLDERS = 8;

  /** Fits one byte. */
  private interface Part {
    boolean fits(char c);
  }

  private static final Part ANY = c -> true;

  /** Any number of bytes. */
  private static final Part STAR = c -> true;

  /** The pattern of one name of a path. */
  private static final class Name {
    static final Name ONE = new Name(List.of(STAR));

    private final List<Part> parts;
    private final boolean[] stars;

    Name(List<Part> parts) {
      this.parts = List.copyOf(parts);
      this.stars = new boolean[parts.size()];
      for (int i = 0; i < stars.length; i++) {
        stars[i] = parts.get(i) == STAR;
      }
    }

    boolean matches(String path, int start, int end) {
      return Glob.fits(
          stars, end - start, (part, at) -> parts.get(part).fits(path.charAt(start + at)));
    }
  }

  private final List<Name> names;
  private final boolean[] many;

  /** Whether it is matched from the folder of the rules on; else it is one name, anywhere. */
  private final boolean rooted;

  private LinearRule(String pattern, List<Name> names, boolean[] many, boolean rooted) {
    super(pattern);
    this.names = names;
    this.many = many;
    this.rooted = rooted;
  }

  /**
   * The rule of a pattern.
   *
   * @return one of the library where that takes no time to speak of; absent: it has several {@code
   *     *} in a name, and something beside that cannot be matched so
   */
  static @Nullable FastIgnoreRule of(String pattern) {
    FastIgnoreRule rule = new FastIgnoreRule(pattern);
    return rule.isEmpty() || !hasSeveral(rule) ? rule : linear(pattern, rule);
  }

  /** What the library has read is asked, and not the line: it takes off some blanks, not all. */
  private static boolean hasSeveral(FastIgnoreRule rule) {
    Matcher several = SEVERAL.matcher(withoutMarks(rule));
    return several.find();
  }

  /**
   * What it takes at the most to hold a rule against a name, in bytes of patterns that are each
   * held against each byte of the name. One that may begin at any folder is held against all names
   * of a path, and counts as several.
   *
   * @param rule what {@link #of} made of it; one that it could not use was work to read
   */
  static int cost(String pattern, @Nullable FastIgnoreRule rule) {
    if (rule == null) {
      return pattern.length();
    } else if (rule instanceof LinearRule linear) {
      return pattern.length() * (linear.inAnyFolders() ? IN_ANY_FOLDERS : 1);
    }
    return 0;
  }

  private boolean inAnyFolders() {
    for (boolean any : many) {
      if (any) {
        return true;
      }
    }
    return false;
  }

  private static @Nullable LinearRule linear(String pattern, FastIgnoreRule rule) {
    String text = withoutMarks(rule);
    List<Name> names = new ArrayList<>();
    List<Boolean> many = new ArrayList<>();
    String[] segments = SLASH.split(text.startsWith("/") ? text.substring(1) : text);
    for (String segment : segments) {
      boolean anyFolders = segment.equals(ANY_FOLDERS);
      Name name = anyFolders ? Name.ONE : name(segment);
      if (name == null) {
        return null;
      }
      names.add(name);
      many.add(anyFolders);
    }
    if (many.get(many.size() - 1)) { // what is in a folder, and not the folder
      names.add(Name.ONE);
      many.add(false);
    }
    boolean[] asArray = new boolean[many.size()];
    for (int i = 0; i < asArray.length; i++) {
      asArray[i] = many.get(i);
    }
    return new LinearRule(pattern, names, asArray, text.indexOf('/') >= 0);
  }

  /** What is left of a pattern when the library has taken off what does not stand for names. */
  private static String withoutMarks(FastIgnoreRule rule) {
    String text = rule.toString();
    int start = rule.getNegation() ? 1 : 0;
    return text.substring(start, text.length() - (rule.dirOnly() ? 1 : 0));
  }

  private static @Nullable Name name(String segment) {
    List<Part> parts = new ArrayList<>();
    Matcher next = PART.matcher(segment);
    int at = 0;
    while (at < segment.length() && next.region(at, segment.length()).lookingAt()) {
      Part part = part(next.group());
      if (part == null) {
        return null;
      }
      parts.add(part);
      at = next.end();
    }
    boolean whole = at == segment.length() && at > 0; // none between slashes is no pattern
    return whole ? new Name(parts) : null;
  }

  private static @Nullable Part part(String text) {
    char last = text.charAt(text.length() - 1);
    return switch (text.charAt(0)) {
      case '*' -> STAR;
      case '?' -> ANY;
      case '[' -> set(text);
      default -> c -> c == last;
    };
  }

  /** The library says which bytes are in it. */
  private static @Nullable Part set(String text) {
    FastIgnoreRule rule = new FastIgnoreRule(text);
    if (rule.isEmpty()) {
      return null;
    }
    BitSet in = new BitSet(BYTES);
    for (char c = 1; c < BYTES; c++) {
      in.set(c, c != PATH_SEPARATOR && rule.isMatch(String.valueOf(c), false, true));
    }
    return in::get;
  }

  @Override
  public boolean isMatch(String path, boolean directory, boolean pathMatch) {
    if (dirOnly() && !directory) {
      return false;
    }
    if (!rooted) {
      return names.get(0).matches(path, path.lastIndexOf(PATH_SEPARATOR) + 1, path.length());
    }
    List<Integer> ends = new ArrayList<>();
    for (int at = path.indexOf(PATH_SEPARATOR);
        at >= 0;
        at = path.indexOf(PATH_SEPARATOR, at + 1)) {
      ends.add(at);
    }
    ends.add(path.length());
    return Glob.fits(
        many,
        ends.size(),
        (name, item) ->
            names.get(name).matches(path, item == 0 ? 0 : ends.get(item - 1) + 1, ends.get(item)));
  }
}
