package resguardo.core.retention;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Why a version is kept.
 *
 * @param number of the rules that count: the how manieth it keeps, from the newest on; absent with
 *     others
 * @param until of a lock: when it ends; absent with others
 */
public record KeepReason(Rule rule, @Nullable Integer number, @Nullable Instant until) {
  /** What keeps versions: the rules of a policy, and what stands above all policies. */
  public enum Rule {
    /** It is the newest: the base of the next, which gets its number from it. */
    @JsonProperty("latest")
    LATEST,
    /** It is the newest of which all archives are there. */
    @JsonProperty("last-good")
    LAST_GOOD,
    /** It is one of the last so many. */
    @JsonProperty("last")
    LAST,
    /** It is the newest of its hour. */
    @JsonProperty("hourly")
    HOURLY,
    /** It is the newest of its day. */
    @JsonProperty("daily")
    DAILY,
    /** It is the newest of its week. */
    @JsonProperty("weekly")
    WEEKLY,
    /** It is the newest of its month. */
    @JsonProperty("monthly")
    MONTHLY,
    /** It is the newest of its year. */
    @JsonProperty("yearly")
    YEARLY,
    /** It is not much older than the newest. */
    @JsonProperty("within")
    WITHIN,
    /** It is the newest that a drill has proven restorable. */
    @JsonProperty("proven")
    PROVEN,
    /** It, or one after it, is suspicious, and nobody has accepted that. */
    @JsonProperty("alarm")
    ALARM,
    /** It is of a time that is still to come: a clock was wrong, and it takes no other's place. */
    @JsonProperty("future")
    FUTURE,
    /**
     * A newer version is of an earlier slot, or of the same: whoever wrote that was no worker, so
     * it takes no other's place, and this one stays.
     */
    @JsonProperty("out-of-order")
    OUT_OF_ORDER,
    /** It is locked in the store. */
    @JsonProperty("locked")
    LOCKED;

    /** As it is written. */
    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** One that neither counts nor ends. */
  static KeepReason of(Rule rule) {
    return new KeepReason(rule, null, null);
  }

  /** A lock. */
  static KeepReason lockedUntil(Instant time) {
    return new KeepReason(Rule.LOCKED, null, time);
  }

  /** For a person: {@code daily 2}, {@code locked until …}. */
  @Override
  public String toString() {
    return rule.word()
        + (number == null ? "" : " " + number)
        + (until == null ? "" : " until " + until);
  }
}
