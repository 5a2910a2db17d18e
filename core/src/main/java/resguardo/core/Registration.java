package resguardo.core;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an operator asked for: back up this path of this node on this schedule.
 *
 * @param generation 1 for the first registration of the key, one more each time it is changed,
 *     removed or taken up again; a job knows by it which wish it serves
 * @param since when this generation began, whole seconds: the slots of {@link Schedule.Every} are
 *     counted from here, and all are later than those of the generation before
 * @param options absent: all as usual
 * @param state whether it is to be run; a removed one is kept so that the generation goes on
 *     growing and its versions can still be queried
 * @param scheduling absent: slots begin when they are due
 * @param order a run that an operator asked for last; absent: none
 * @param retention which versions are kept while it is active; absent: all. Once it is removed all
 *     that is there stays
 * @param drills how often it is tried whether it can be restored; absent: as the fleet has it
 */
public record Registration(
    RegistrationKey key,
    Schedule schedule,
    @Nullable BackupOptions options,
    long generation,
    Instant since,
    State state,
    @Nullable SchedulingOptions scheduling,
    @Nullable RunOrder order,
    @Nullable RetentionPolicy retention,
    @Nullable DrillPolicy drills) {
  /** Whether a registration is to be run. */
  public enum State {
    ACTIVE,
    REMOVED
  }

  public Registration {
    if (generation < 1) {
      throw new IllegalArgumentException("a generation is 1 or more: " + generation);
    }
    since = since.truncatedTo(ChronoUnit.SECONDS);
    options = BackupOptions.orAbsent(options);
    scheduling = SchedulingOptions.orAbsent(scheduling);
  }

  /** One whose drills are as the fleet has them. */
  public Registration(
      RegistrationKey key,
      Schedule schedule,
      @Nullable BackupOptions options,
      long generation,
      Instant since,
      State state,
      @Nullable SchedulingOptions scheduling,
      @Nullable RunOrder order,
      @Nullable RetentionPolicy retention) {
    this(key, schedule, options, generation, since, state, scheduling, order, retention, null);
  }

  /** One that keeps all its versions. */
  public Registration(
      RegistrationKey key,
      Schedule schedule,
      @Nullable BackupOptions options,
      long generation,
      Instant since,
      State state,
      @Nullable SchedulingOptions scheduling,
      @Nullable RunOrder order) {
    this(key, schedule, options, generation, since, state, scheduling, order, null, null);
  }

  /** One that keeps all its versions, whose slots begin when they are due, and no other run. */
  public Registration(
      RegistrationKey key,
      Schedule schedule,
      @Nullable BackupOptions options,
      long generation,
      Instant since,
      State state) {
    this(key, schedule, options, generation, since, state, null, null, null, null);
  }

  /** One whose options are as usual. */
  public Registration(
      RegistrationKey key, Schedule schedule, long generation, Instant since, State state) {
    this(key, schedule, null, generation, since, state);
  }

  /** The next generation, with a run that an operator asks for; absent: with none. */
  public Registration ordered(@Nullable RunOrder run) {
    return new Registration(
        key, schedule, options, generation + 1, since, state, scheduling, run, retention, drills);
  }

  /** The scheduling options that are in force. */
  public SchedulingOptions rules() {
    return SchedulingOptions.orNone(scheduling);
  }

  /** What expires its versions now; empty: nothing does. */
  public Optional<RetentionPolicy> retentionNow() {
    return active() ? Optional.ofNullable(retention) : Optional.empty();
  }

  /** Whether slots of it become due. */
  public boolean active() {
    return state == State.ACTIVE;
  }
}
