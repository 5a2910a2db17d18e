package resguardo.core;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;

/**
 * What is backed up on a node: an absolute path in its plainest form, so that one place has one
 * name. Doubled and trailing slashes are taken off; {@code .} and {@code ..} are refused, because
 * what they mean depends on links on the node.
 */
public final class SourcePath implements Comparable<SourcePath> {
  /**
   * Deep enough for any tree in use, short enough for a message: a registration with more is a
   * mistake or an attack.
   */
  public static final int LONGEST_BYTES = 16 * 1024;

  private static final RawPath ROOT = RawPath.parse("/");
  private static final RawPath DOT = RawPath.parse(".");
  private static final RawPath DOT_DOT = RawPath.parse("..");

  private final RawPath raw;

  private SourcePath(RawPath raw) {
    this.raw = raw;
  }

  /**
   * The path of this text form (see {@link RawPath}).
   *
   * @throws IllegalArgumentException when it is not absolute, too long, or has a part {@code .} or
   *     {@code ..}
   */
  @JsonCreator
  public static SourcePath parse(String text) {
    return of(RawPath.parse(text));
  }

  /**
   * The path of these bytes.
   *
   * @throws IllegalArgumentException as {@link #parse}
   */
  public static SourcePath of(RawPath path) {
    if (path.length() == 0 || path.bytes()[0] != '/') {
      throw new IllegalArgumentException(
          "a path to back up is absolute (begins with /); this is not: '" + path + "'");
    }
    if (path.length() > LONGEST_BYTES) {
      throw new IllegalArgumentException(
          "a path to back up has at most " + LONGEST_BYTES + " bytes");
    }
    List<RawPath> components = path.components();
    if (components.contains(DOT) || components.contains(DOT_DOT)) {
      throw new IllegalArgumentException(
          "a path to back up has no part '.' or '..'; this has: '" + path + "'");
    }
    RawPath plain = ROOT;
    for (RawPath component : components) {
      plain = plain.resolve(component);
    }
    return new SourcePath(plain);
  }

  /** The bytes. */
  public RawPath raw() {
    return raw;
  }

  /** The text form (see {@link RawPath}). */
  @JsonValue
  public String text() {
    return raw.text();
  }

  /** The parts between the slashes; none for {@code /}. */
  public List<RawPath> components() {
    return raw.components();
  }

  /**
   * The name that the path's own entry has in archives: the path without its leading slash, as tar
   * writes it, so that {@code tar -C / -x} puts everything back in place. Empty for {@code /}.
   */
  public RawPath memberName() {
    byte[] bytes = raw.bytes();
    return RawPath.ofBytes(java.util.Arrays.copyOfRange(bytes, 1, bytes.length));
  }

  @Override
  public int compareTo(SourcePath other) {
    return raw.compareTo(other.raw);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SourcePath path && raw.equals(path.raw);
  }

  @Override
  public int hashCode() {
    return raw.hashCode();
  }

  @Override
  public String toString() {
    return raw.toString();
  }
}
