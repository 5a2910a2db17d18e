package resguardo.core.catalog;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import resguardo.core.JobId;
import resguardo.core.Serial;

/**
 * How the last attempt at a registration ended, kept in the bucket so that a coordinator that
 * starts anew knows which slots are done. Written by the worker before it tells anyone.
 *
 * @param lastJob the job that ended last
 * @param lastSlot its slot: no slot up to here is to be run again
 * @param lastOutcome how it ended
 * @param lastReason why it failed, or what is to be known of a version that was committed; absent
 *     where nothing is
 * @param lastEnded when, by the clock of the worker
 * @param lastSuccess the slot of the last attempt that committed a version or found nothing
 *     changed; absent: none yet
 * @param lastVersion the newest version; absent: none yet
 * @param missed how many slots were never run, in all; absent: none
 * @param lastMissed the slot before which some were missed last; absent: none were
 * @param lastBytes of content that the newest version has, as its totals say; absent: there is
 *     none, or it was made before this was noted
 */
public record Status(
    JobId lastJob,
    Instant lastSlot,
    Outcome lastOutcome,
    @Nullable String lastReason,
    Instant lastEnded,
    @Nullable Instant lastSuccess,
    @Nullable Serial lastVersion,
    @Nullable Long missed,
    @Nullable Instant lastMissed,
    @Nullable Long lastBytes) {
  /** Before which no slot was missed. */
  public Status(
      JobId lastJob,
      Instant lastSlot,
      Outcome lastOutcome,
      @Nullable String lastReason,
      Instant lastEnded,
      @Nullable Instant lastSuccess,
      @Nullable Serial lastVersion) {
    this(
        lastJob,
        lastSlot,
        lastOutcome,
        lastReason,
        lastEnded,
        lastSuccess,
        lastVersion,
        null,
        null,
        null);
  }

  /**
   * When it was last good, for whoever asks how old that is: the slot, or, where that was made by a
   * clock that was ahead, when an attempt last ended. Absent: never.
   */
  public @Nullable Instant lastGood() {
    return lastSuccess != null && lastSuccess.isAfter(lastEnded) ? lastEnded : lastSuccess;
  }

  /**
   * The same, after so many slots were missed before the last one.
   *
   * @param count absent: none were
   */
  public Status after(@Nullable Long count) {
    return new Status(
        lastJob,
        lastSlot,
        lastOutcome,
        lastReason,
        lastEnded,
        lastSuccess,
        lastVersion,
        count,
        count == null ? null : lastSlot,
        lastBytes);
  }

  /**
   * The same, where the newest version has so much content.
   *
   * @param bytes absent: not known
   */
  public Status of(@Nullable Long bytes) {
    return new Status(
        lastJob,
        lastSlot,
        lastOutcome,
        lastReason,
        lastEnded,
        lastSuccess,
        lastVersion,
        missed,
        lastMissed,
        bytes);
  }

  /** How a job can end for good. */
  public enum Outcome {
    COMMITTED,
    UNCHANGED,
    FAILED,
    CANCELLED
  }
}
