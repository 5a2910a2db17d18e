package resguardo.worker;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import resguardo.core.FetchJob;
import resguardo.core.RawPath;
import resguardo.core.Serial;
import resguardo.core.catalog.Status;
import resguardo.core.version.Alarm;

/** How a worker's attempt at a job ended. */
sealed interface JobOutcome {
  /** The slot is done: nothing is to be tried again. */
  sealed interface Ended extends JobOutcome {
    /** What is kept of it in the bucket. */
    Status status(FetchJob job, Instant now);

    /** In words for a person. */
    String text();
  }

  /**
   * A version was committed, by this attempt or by another at the same job.
   *
   * @param bytes of content that the version has
   * @param note what is to be known of it; absent: nothing
   * @param alarm why it is suspicious; absent: it is not
   */
  record Committed(
      Serial serial,
      long archiveBytes,
      long entries,
      long bytes,
      @Nullable String note,
      @Nullable Alarm alarm)
      implements Ended {
    @Override
    public Status status(FetchJob job, Instant now) {
      return new Status(
              job.id(), job.slot(), Status.Outcome.COMMITTED, toBeKnown(), now, job.slot(), serial)
          .of(bytes);
    }

    @Override
    public String text() {
      return String.format(
          "committed version %s: %d entries, %d bytes%s",
          serial, entries, archiveBytes, toBeKnown() == null ? "" : "; " + toBeKnown());
    }

    /** All that is to be known of it, in words; absent: nothing. */
    @Nullable String toBeKnown() {
      if (alarm == null) {
        return note;
      }
      String suspicious = "suspicious " + alarm.text();
      return note == null ? suspicious : suspicious + "; " + note;
    }
  }

  /**
   * What is on the node is what the newest version has.
   *
   * @param serial of that version
   * @param bytes of content that it has
   */
  record Unchanged(Serial serial, long entries, long bytes) implements Ended {
    @Override
    public Status status(FetchJob job, Instant now) {
      return new Status(
              job.id(), job.slot(), Status.Outcome.UNCHANGED, null, now, job.slot(), serial)
          .of(bytes);
    }

    @Override
    public String text() {
      return "unchanged: " + entries + " entries, nothing written";
    }
  }

  /** It cannot be done, and the next slot will be tried instead. */
  record Failed(String why) implements Ended {
    @Override
    public Status status(FetchJob job, Instant now) {
      return new Status(job.id(), job.slot(), Status.Outcome.FAILED, why, now, null, null);
    }

    @Override
    public String text() {
      return "failed: " + why;
    }
  }

  /** Nobody wants it any more. */
  record Cancelled(String why) implements Ended {
    @Override
    public Status status(FetchJob job, Instant now) {
      return new Status(job.id(), job.slot(), Status.Outcome.CANCELLED, why, now, null, null);
    }

    @Override
    public String text() {
      return "cancelled: " + why;
    }
  }

  /**
   * One more slice of the set is in the bucket, by this attempt or another: the job goes on.
   *
   * @param number of the slice
   * @param upTo the last name that is in it
   * @param archiveBytes that came for the version so far
   * @param entries of the set that are known so far
   */
  record Sliced(Serial number, @Nullable RawPath upTo, long archiveBytes, long entries)
      implements JobOutcome {}

  /** The status says that it was done before. */
  record DoneBefore() implements JobOutcome {}

  /** It could not be done now; another attempt may. */
  record Returned(Reason reason, @Nullable String why) implements JobOutcome {
    /** What was in the way, which says how often another attempt is worth it. */
    enum Reason {
      /** The agent did not answer at all: when it does, the job is done. */
      AGENT_SILENT,
      /** The store or the broker cannot be used, or this worker ends: that passes. */
      UNAVAILABLE,
      /** What came was not what should have come: if that goes on, the job fails. */
      BROKEN
    }
  }
}
