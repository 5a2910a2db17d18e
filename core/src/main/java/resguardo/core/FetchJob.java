package resguardo.core;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The work for one slot: bring the state of a path of a node into the bucket, if it changed.
 *
 * @param id made of the registration and the slot
 * @param generation of the registration that the slot was made for
 * @param slot the due time that this work is for, whole seconds
 * @param slices how many slices of the set were brought before it was published
 * @param attempt 1 for the first publication, one more each time the coordinator publishes it again
 *     after a failure; counted anew after each slice
 * @param missed how many slots before it were given up for it; absent: none
 */
public record FetchJob(
    JobId id,
    RegistrationKey registration,
    long generation,
    Instant slot,
    int slices,
    int attempt,
    @Nullable Long missed) {
  public FetchJob {
    if (missed != null && missed < 1) {
      throw new IllegalArgumentException("slots that were missed are 1 or more: " + missed);
    }
    if (slices < 0) {
      throw new IllegalArgumentException("slices are 0 or more: " + slices);
    }
    if (attempt < 1) {
      throw new IllegalArgumentException("an attempt is 1 or more: " + attempt);
    }
    if (!id.equals(JobId.of(registration, generation, slot))) {
      throw new IllegalArgumentException(
          "the job id " + id + " is not that of its registration and slot");
    }
  }

  /** For which no slot was given up. */
  public FetchJob(
      JobId id,
      RegistrationKey registration,
      long generation,
      Instant slot,
      int slices,
      int attempt) {
    this(id, registration, generation, slot, slices, attempt, null);
  }

  /** The first attempt at this slot. */
  public static FetchJob first(Registration registration, Instant slot) {
    return first(registration, slot, 0);
  }

  /**
   * The first attempt at this slot.
   *
   * @param missed how many slots before it are given up for it
   */
  public static FetchJob first(Registration registration, Instant slot, long missed) {
    JobId id = JobId.of(registration.key(), registration.generation(), slot);
    return new FetchJob(
        id, registration.key(), registration.generation(), slot, 0, 1, missed == 0 ? null : missed);
  }

  /** The next attempt at the same slot, under the same id. */
  public FetchJob again() {
    return new FetchJob(id, registration, generation, slot, slices, attempt + 1, missed);
  }

  /** The first attempt at what is left of it after one more slice. */
  public FetchJob afterSlice() {
    return new FetchJob(id, registration, generation, slot, slices + 1, 1, missed);
  }
}
