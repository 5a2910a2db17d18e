package resguardo.core;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Duration;
import java.time.ZoneId;

/** When a registration is due. The coordinator makes slots of it. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Schedule.Every.class, name = "every"),
  @JsonSubTypes.Type(value = Schedule.Cron.class, name = "cron")
})
public sealed interface Schedule {

  /**
   * At the registration and then again each time this many whole seconds have gone by.
   *
   * @param seconds 1 or more, at most ten years
   */
  record Every(long seconds) implements Schedule {
    private static final long LONGEST = Duration.ofDays(3660).toSeconds();

    public Every {
      if (seconds < 1 || seconds > LONGEST) {
        throw new IllegalArgumentException(
            "a frequency is 1 to " + LONGEST + " whole seconds; this is not: " + seconds);
      }
    }

    @Override
    public String toString() {
      return "every " + seconds + " s";
    }
  }

  /**
   * At the times of a five-field Unix cron expression, read in a time zone. Whether the expression
   * can be read is checked by the coordinator, when it takes the registration.
   *
   * @param expression minute, hour, day of month, month, day of week
   * @param zone for example {@code Europe/Madrid}; UTC where the operator gave none
   */
  record Cron(String expression, ZoneId zone) implements Schedule {
    /** No real expression is longer; parsers have been slow on long ones. */
    private static final int LONGEST = 256;

    public Cron {
      if (expression.isBlank() || expression.length() > LONGEST) {
        throw new IllegalArgumentException("a cron expression has 1 to " + LONGEST + " characters");
      }
    }

    @Override
    public String toString() {
      return "cron " + expression + " " + zone;
    }
  }
}
