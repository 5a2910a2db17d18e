package resguardo.core.retention;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import resguardo.core.RetentionPolicy;

/**
 * Decides of versions, which come newest first, one after another, whether a policy keeps them, and
 * why. It looks at no clock but to know what cannot be true: "within" counts from the newest
 * version, so what is no longer backed up is not expired by waiting. What it remembers from one
 * version to the next is small and can be handed on, so it can stop anywhere and go on elsewhere.
 *
 * <p>Each rule counts for itself: a version may be kept by several, and takes its place in each. So
 * whoever keeps more by any rule keeps all that was kept before, and deciding once more about what
 * was kept keeps all of it.
 */
public final class Keeping {
  /** How wrong a clock may be before a slot that it made is taken for none. */
  private static final Duration CLOCKS_APART = Duration.ofDays(1);

  private final RetentionPolicy policy;
  private final Instant notAfter;
  private final List<Tally> tallies;
  private @Nullable Instant newest;
  private @Nullable Instant earliest;
  private boolean begun;
  private boolean good;
  private boolean alarm;

  /**
   * A version to be decided about.
   *
   * @param alarm whether it is suspicious, and nobody has accepted that
   * @param proven whether it is the newest that a drill has proven restorable
   * @param good whether all that it leans on is there; to be known only while {@link #seeksGood}
   */
  public record Candidate(Instant slot, boolean alarm, boolean proven, boolean good) {}

  /**
   * How far a rule has counted.
   *
   * @param kept how many it has kept
   * @param period the hour, day, week, month or year of the last of them; absent: none yet
   */
  public record Tally(int kept, @Nullable Long period) {
    static final Tally NONE = new Tally(0, null);
  }

  /**
   * All that is to be known of newer versions.
   *
   * @param newest the slot that "within" counts from; absent: none yet
   * @param earliest the earliest slot; absent: there was none, or who wrote this did not know of it
   * @param begun whether there were any
   * @param good whether a good one was among them
   * @param alarm whether one with an open alarm was among them
   * @param tallies of the rules that count, in their order
   */
  public record State(
      @Nullable Instant newest,
      @Nullable Instant earliest,
      boolean begun,
      boolean good,
      boolean alarm,
      List<Tally> tallies) {
    /** Before the newest version. */
    public static final State NONE =
        new State(
            null,
            null,
            false,
            false,
            false,
            Collections.nCopies(Counting.values().length, Tally.NONE));

    public State {
      tallies = List.copyOf(tallies);
      if (tallies.size() != Counting.values().length) {
        throw new IllegalArgumentException("so many rules count: " + Counting.values().length);
      }
    }
  }

  /** The rules that count, in the order in which they are told. */
  private enum Counting {
    LAST(KeepReason.Rule.LAST),
    HOURLY(KeepReason.Rule.HOURLY),
    DAILY(KeepReason.Rule.DAILY),
    WEEKLY(KeepReason.Rule.WEEKLY),
    MONTHLY(KeepReason.Rule.MONTHLY),
    YEARLY(KeepReason.Rule.YEARLY);

    private final KeepReason.Rule rule;

    Counting(KeepReason.Rule rule) {
      this.rule = rule;
    }

    private @Nullable Integer most(RetentionPolicy policy) {
      return switch (this) {
        case LAST -> policy.last();
        case HOURLY -> policy.hourly();
        case DAILY -> policy.daily();
        case WEEKLY -> policy.weekly();
        case MONTHLY -> policy.monthly();
        case YEARLY -> policy.yearly();
      };
    }

    /** The same for all times that this rule keeps one of, and for no other. */
    private long period(ZonedDateTime time, int kept) {
      return switch (this) {
        case LAST -> kept; // each version is a period of its own
        // Of the two hours of the same name when clocks are set back, each is one.
        case HOURLY -> time.truncatedTo(ChronoUnit.HOURS).toEpochSecond();
        case DAILY -> time.toLocalDate().toEpochDay();
        case WEEKLY ->
            time.toLocalDate()
                .with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY))
                .toEpochDay();
        case MONTHLY -> time.getLong(ChronoField.PROLEPTIC_MONTH);
        case YEARLY -> time.getYear();
      };
    }
  }

  /**
   * @param now by a clock that may be some hours wrong
   * @param newer what was handed on by whoever decided about newer versions
   */
  public Keeping(RetentionPolicy policy, Instant now, State newer) {
    this.policy = policy;
    this.notAfter = now.plus(CLOCKS_APART);
    this.newest = newer.newest();
    this.earliest = newer.earliest();
    this.begun = newer.begun();
    this.good = newer.good();
    this.alarm = newer.alarm();
    this.tallies = new ArrayList<>(newer.tallies());
  }

  /** Whether it matters of the next version whether it is good. */
  public boolean seeksGood() {
    return !good;
  }

  /** What is to be handed on to whoever goes on with older versions. */
  public State state() {
    return new State(newest, earliest, begun, good, alarm, tallies);
  }

  /**
   * Decides about the next version, which is older than all before.
   *
   * @return why it is kept; none: it is to be expired
   */
  public List<KeepReason> decide(Candidate version) {
    List<KeepReason> reasons = new ArrayList<>();
    if (!begun) {
      reasons.add(KeepReason.of(KeepReason.Rule.LATEST));
    } else if (!good && version.good()) {
      reasons.add(KeepReason.of(KeepReason.Rule.LAST_GOOD));
    }
    begun = true;
    good |= version.good();
    if (version.slot().isAfter(notAfter)) {
      reasons.add(KeepReason.of(KeepReason.Rule.FUTURE));
    } else if (earliest != null && !version.slot().isBefore(earliest)) {
      // Slots grow with the numbers. A row of forged versions whose slots go back would take the
      // places of those that were there before it.
      reasons.add(KeepReason.of(KeepReason.Rule.OUT_OF_ORDER));
    } else {
      byPolicy(version.slot(), reasons);
    }
    if (earliest == null || version.slot().isBefore(earliest)) {
      earliest = version.slot();
    }
    if (version.proven()) {
      reasons.add(KeepReason.of(KeepReason.Rule.PROVEN)); // takes no other's place either
    }
    alarm |= version.alarm();
    if (alarm) {
      reasons.add(KeepReason.of(KeepReason.Rule.ALARM));
    }
    return reasons;
  }

  private void byPolicy(Instant slot, List<KeepReason> reasons) {
    ZonedDateTime time = slot.atZone(policy.zoneOrUtc());
    for (Counting rule : Counting.values()) {
      Tally tally = tallies.get(rule.ordinal());
      Integer most = rule.most(policy);
      long period = rule.period(time, tally.kept());
      if (most != null
          && tally.kept() < most
          && (tally.period() == null || tally.period() != period)) {
        Tally counted = new Tally(tally.kept() + 1, period);
        tallies.set(rule.ordinal(), counted);
        reasons.add(new KeepReason(rule.rule, counted.kept(), null));
      }
    }
    Instant from = newest == null ? slot : newest;
    newest = from;
    if (policy.within().isPresent() && !slot.isBefore(from.minus(policy.within().get()))) {
      reasons.add(KeepReason.of(KeepReason.Rule.WITHIN));
    }
  }
}
