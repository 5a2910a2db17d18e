package resguardo.core;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What else decides when a slot of a registration begins. Part of a registration; of no matter to
 * workers and agents.
 *
 * @param jitterSeconds each slot begins up to so many seconds later than it is due, always by the
 *     same time for the same registration; absent: none
 * @param blackouts when no slot begins; absent: none
 * @param startWithinSeconds a slot that could not begin within so many seconds is missed; absent:
 *     the newest slot begins as soon as it can, however late
 * @param priority absent: normal
 * @param labels what the node belongs to, such as {@code rack=r7}, by the name of the label;
 *     absent: nothing
 */
public record SchedulingOptions(
    @Nullable Long jitterSeconds,
    @Nullable List<Blackout> blackouts,
    @Nullable Long startWithinSeconds,
    @Nullable Priority priority,
    @Nullable Map<String, String> labels) {
  /** As usual. */
  public static final SchedulingOptions NONE = new SchedulingOptions(null, null, null, null, null);

  private static final long LONGEST = Duration.ofDays(366).toSeconds();
  private static final int MOST_BLACKOUTS = 16;
  private static final int MOST_LABELS = 16;

  /** As label names and values of Kubernetes, but for prefixes. */
  private static final Pattern LABEL =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?");

  /** Which of several that are due is backed up first. */
  public enum Priority {
    @JsonProperty("high")
    HIGH,
    @JsonProperty("normal")
    NORMAL,
    @JsonProperty("low")
    LOW;

    /** As it is written. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public SchedulingOptions {
    refuse(jitterSeconds, "a jitter");
    refuse(startWithinSeconds, "the time to start within");
    blackouts = blackouts == null || blackouts.isEmpty() ? null : List.copyOf(blackouts);
    priority = priority == Priority.NORMAL ? null : priority;
    if (blackouts != null && blackouts.size() > MOST_BLACKOUTS) {
      throw new IllegalArgumentException("at most " + MOST_BLACKOUTS + " blackouts");
    }
    labels =
        labels == null || labels.isEmpty()
            ? null
            : Collections.unmodifiableMap(new TreeMap<>(labels));
    if (labels != null) {
      labels.forEach(SchedulingOptions::refuseNoLabel);
      if (labels.size() > MOST_LABELS) {
        throw new IllegalArgumentException("at most " + MOST_LABELS + " labels");
      }
    }
  }

  private static void refuse(@Nullable Long seconds, String what) {
    if (seconds != null && (seconds < 1 || seconds > LONGEST)) {
      throw new IllegalArgumentException(what + " is 1 second to 366 days: " + seconds + " s");
    }
  }

  private static void refuseNoLabel(String name, String value) {
    refuseNoLabel(name);
    refuseNoLabel(value);
  }

  /**
   * Refuses what is no name or value of a label.
   *
   * @throws IllegalArgumentException when it is none
   */
  public static void refuseNoLabel(String part) {
    if (!LABEL.matcher(part).matches()) {
      throw new IllegalArgumentException(
          "a label is NAME=VALUE, each of 1 to 63 letters, digits, '.', '_' and '-', first and last a"
              + " letter or digit: "
              + Texts.shown(part));
    }
  }

  /** The options that this stands for, where absent means as usual. */
  public static SchedulingOptions orNone(@Nullable SchedulingOptions options) {
    return options == null ? NONE : options;
  }

  /** The form in which they are stored and sent: absent where all is as usual. */
  public static @Nullable SchedulingOptions orAbsent(@Nullable SchedulingOptions options) {
    return NONE.equals(options) ? null : options;
  }

  /** When no slot begins. */
  public List<Blackout> notDuring() {
    return blackouts == null ? List.of() : blackouts;
  }

  /** Which of several is first. */
  public Priority rank() {
    return priority == null ? Priority.NORMAL : priority;
  }

  /** What the node belongs to. */
  public Map<String, String> belongsTo() {
    return labels == null ? Map.of() : labels;
  }
}
