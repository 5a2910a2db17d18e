package resguardo.core;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Pattern;

/**
 * The name of a person or program that tells Resguardo what to do: {@code [a-z0-9][a-z0-9-]{0,53}}.
 * The names of its processes begin with it, so it leaves room for the rest of one.
 */
public record OperatorName(@JsonValue String value) {
  private static final Pattern RULE = Pattern.compile("[a-z0-9][a-z0-9-]{0,53}");

  /**
   * @throws IllegalArgumentException when the name breaks the rule; the message can be shown to a
   *     person
   */
  @JsonCreator
  public OperatorName {
    if (!RULE.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "an operator's name is 1 to 54 of a-z, 0-9 and -, beginning with a letter or digit; this is not: '"
              + Texts.shown(value)
              + "'");
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
