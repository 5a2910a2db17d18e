package resguardo.core.port;

import java.util.Arrays;
import java.util.regex.Pattern;
import resguardo.core.Texts;

/**
 * The name of an object in the store: parts of {@code [A-Za-z0-9._~@%-]} between single slashes, no
 * part {@code .} or {@code ..}, at most 1024 bytes (the limit of S3). So it is safe as an object
 * key and as a relative path in a folder.
 */
public record ObjectKey(String value) implements Comparable<ObjectKey> {
  private static final Pattern RULE = Pattern.compile("[A-Za-z0-9._~@%-]+(/[A-Za-z0-9._~@%-]+)*");
  private static final int LONGEST = 1024;

  /**
   * @throws IllegalArgumentException when it is not of this form
   */
  public ObjectKey {
    if (value.length() > LONGEST || !RULE.matcher(value).matches()) {
      throw new IllegalArgumentException("not an object key: '" + Texts.shown(value) + "'");
    }
    if (Arrays.stream(value.split("/")).anyMatch(part -> part.equals(".") || part.equals(".."))) {
      throw new IllegalArgumentException(
          "an object key has no part '.' or '..': '" + Texts.shown(value) + "'");
    }
  }

  @Override
  public int compareTo(ObjectKey other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
