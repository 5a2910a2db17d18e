package resguardo.core;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
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
 */
public record Registration(
    RegistrationKey key,
    Schedule schedule,
    @Nullable BackupOptions options,
    long generation,
    Instant since,
    State state,
    @Nullable SchedulingOptions scheduling,
    @Nullable RunOrder order) {
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

  /** One whose slots begin when they are due, and no other run asked for. */
  public Registration(
      RegistrationKey key,
      Schedule schedule,
      @Nullable BackupOptions options,
      long generation,
      Instant since,
      State state) {
    this(key, schedule, options, generation, since, state, null, null);
  }

  /** One whose options are as usual. */
  public Registration(
      RegistrationKey key, Schedule schedule, long generation, Instant since, State state) {
    this(key, schedule, null, generation, since, state);
  }

  /** The next generation, with a run that an operator asks for; absent: with none. */
  public Registration ordered(@Nullable RunOrder run) {
    return new Registration(key, schedule, options, generation + 1, since, state, scheduling, run);
  }

  /** The scheduling options that are in force. */
  public SchedulingOptions rules() {
    return SchedulingOptions.orNone(scheduling);
  }

  /** Whether slots of it become due. */
  public boolean active() {
    return state == State.ACTIVE;
  }
}
