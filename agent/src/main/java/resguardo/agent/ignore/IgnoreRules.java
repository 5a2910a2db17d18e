package resguardo.agent.ignore;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.eclipse.jgit.ignore.FastIgnoreRule;
import org.eclipse.jgit.ignore.IgnoreNode;
import org.jspecify.annotations.Nullable;
import resguardo.core.RawPath;

/**
 * The rules that count in one folder. Those of the operator decide first, then those of the nearest
 * {@link IgnoreFile}, then of the next one above; among those of one place the last that matches.
 *
 * <p>Names are bytes, and are matched so: pattern and name are taken as Latin-1, in which each byte
 * is one character. So {@code ?} is one byte, as it is for git.
 */
public final class IgnoreRules {
  /** Nothing is left out. */
  public static final IgnoreRules NONE = new IgnoreRules(null, null, 0, 0, 0);

  /** So many take a few megabytes; files of rules in use have some dozens. */
  static final int MOST_RULES = 10_000;

  /** In all rules of files that count in a folder: each takes some dozens of bytes of memory. */
  static final int MOST_BYTES = 256 * 1024;

  /**
   * The cost of all rules of files that count in a folder and have several {@code *} in a name, in
   * bytes: each is held against each byte of a name. So many take some milliseconds for the longest
   * one; files of rules in use have a few such rules.
   */
  static final int MOST_STARS = 4 * 1024;

  private final @Nullable Place operator;
  private final @Nullable Place nearest;
  private final int count;
  private final int bytes;
  private final int stars;

  /**
   * The rules of one place.
   *
   * @param start of the names that they match, within the names of the archive
   * @param outer the next place above; absent: there is none
   */
  private record Place(IgnoreNode rules, int start, @Nullable Place outer) {
    Place(List<FastIgnoreRule> rules, RawPath folder, @Nullable Place outer) {
      this(new IgnoreNode(rules), folder.length() == 0 ? 0 : folder.length() + 1, outer);
    }

    @Nullable Boolean decision(String name, boolean folder) {
      return rules.checkIgnored(name.substring(start), folder);
    }
  }

  private IgnoreRules(
      @Nullable Place operator, @Nullable Place nearest, int count, int bytes, int stars) {
    this.operator = operator;
    this.nearest = nearest;
    this.count = count;
    this.bytes = bytes;
    this.stars = stars;
  }

  /**
   * Those of the operator.
   *
   * @param patterns as lines of a {@code .gitignore} file
   * @param root the path they are relative to, as it is called in the archive
   */
  public static IgnoreRules of(List<String> patterns, RawPath root) {
    if (patterns.isEmpty()) {
      return NONE;
    }
    List<FastIgnoreRule> rules = patterns.stream().map(IgnoreRules::rule).toList();
    return new IgnoreRules(new Place(rules, root, null), null, rules.size(), 0, 0);
  }

  /** Those of the operator's patterns that cannot be used: they match nothing. */
  public static List<String> unusable(List<String> patterns) {
    return patterns.stream().filter(pattern -> rule(pattern).isEmpty()).toList();
  }

  private static FastIgnoreRule rule(String pattern) {
    String bytes = latin1(pattern.getBytes(StandardCharsets.UTF_8));
    FastIgnoreRule rule = LinearRule.of(bytes);
    return rule == null ? new FastIgnoreRule(bytes) : rule; // an operator's own time
  }

  static String latin1(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /**
   * These and those of a file in this folder.
   *
   * @param more how many bytes it has of them
   * @param cost of those with several {@code *} in a name
   */
  IgnoreRules with(List<FastIgnoreRule> rules, int more, int cost, RawPath folder) {
    return rules.isEmpty()
        ? this
        : new IgnoreRules(
            operator,
            new Place(rules, folder, nearest),
            count + rules.size(),
            bytes + more,
            stars + cost);
  }

  /** How many more there may be. */
  int room() {
    return Math.max(0, MOST_RULES - count);
  }

  /** How many bytes more they may have. */
  int bytesRoom() {
    return Math.max(0, MOST_BYTES - bytes);
  }

  /** How much more those with several {@code *} in a name may cost. */
  int starsRoom() {
    return Math.max(0, MOST_STARS - stars);
  }

  /**
   * Whether something is left out; of a folder, that all in it is, whatever rules it has itself.
   *
   * @param name in the archive, of something in the folder in which these rules count
   */
  public boolean leaveOut(RawPath name, boolean folder) {
    if (count == 0) {
      return false;
    }
    String whole = latin1(name.bytes());
    Boolean decision = operator == null ? null : operator.decision(whole, folder);
    for (Place at = nearest; decision == null && at != null; at = at.outer()) {
      decision = at.decision(whole, folder);
    }
    return Boolean.TRUE.equals(decision);
  }
}
