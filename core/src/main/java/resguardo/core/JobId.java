package resguardo.core;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.regex.Pattern;

/**
 * The name of the work for one slot of one registration. The same slot always has the same id, so
 * that whoever repeats a step can see that it was done: {@code <node>.<12 hex digits of the path's
 * SHA-256>.<generation>.<slot in epoch seconds>}.
 */
public record JobId(@JsonValue String value) {
  private static final Pattern RULE =
      Pattern.compile("[a-z0-9][a-z0-9-]{0,62}\\.[0-9a-f]{12}\\.[0-9]{1,19}\\.-?[0-9]{1,19}");
  private static final int PATH_DIGITS = 12;

  /**
   * @throws IllegalArgumentException when it is not of this form
   */
  @JsonCreator
  public JobId {
    if (!RULE.matcher(value).matches()) {
      throw new IllegalArgumentException("not a job id: '" + Texts.shown(value) + "'");
    }
  }

  /** The id of the job for this slot. */
  public static JobId of(RegistrationKey key, long generation, Instant slot) {
    String path = Sha256.of(key.path().raw().bytes()).hex().substring(0, PATH_DIGITS);
    return new JobId(key.node() + "." + path + "." + generation + "." + slot.getEpochSecond());
  }

  @Override
  public String toString() {
    return value;
  }
}
