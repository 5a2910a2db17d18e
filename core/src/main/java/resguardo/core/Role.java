package resguardo.core;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;

/** What a process is for. Its word stands in routing keys, log lines and events. */
public enum Role {
  COORDINATOR("coordinator"),
  WORKER("fetch-worker"),
  RETENTION("retention"),
  AGENT("agent"),
  ADMIN("admin"),
  LOGGER("logger");

  private final String word;

  Role(String word) {
    this.word = word;
  }

  /** The word for it; no dot, so that it is one word of a routing key. */
  @JsonValue
  public String word() {
    return word;
  }

  /**
   * The role of this word.
   *
   * @throws IllegalArgumentException when no role has it
   */
  @JsonCreator
  public static Role parse(String word) {
    return Arrays.stream(values())
        .filter(role -> role.word.equals(word))
        .findAny()
        .orElseThrow(() -> new IllegalArgumentException("not a role: '" + Texts.shown(word) + "'"));
  }

  @Override
  public String toString() {
    return word;
  }
}
