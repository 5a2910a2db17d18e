package resguardo.core;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Pattern;

/**
 * The name of a machine with an agent: {@code [a-z0-9][a-z0-9-]{0,62}}, as a DNS label, so that it
 * can stand in a queue name, a routing key word and a folder of the bucket without escaping.
 */
public record NodeName(@JsonValue String value) implements Comparable<NodeName> {
  /**
   * Also the rule for the names of process instances, which stand at the same place in routing
   * keys.
   */
  static final Pattern RULE = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

  /**
   * @throws IllegalArgumentException when the name breaks the rule; the message can be shown to a
   *     person
   */
  @JsonCreator
  public NodeName {
    if (!RULE.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "a node name is 1 to 63 of a-z, 0-9 and -, beginning with a letter or digit; this is not: '"
              + Texts.shown(value)
              + "'");
    }
  }

  @Override
  public int compareTo(NodeName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
