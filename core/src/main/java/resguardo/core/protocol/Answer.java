package resguardo.core.protocol;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import resguardo.core.FetchJob;
import resguardo.core.NodeName;
import resguardo.core.Pause;
import resguardo.core.Peer;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.RetentionPolicy;
import resguardo.core.Serial;
import resguardo.core.catalog.Acceptance;
import resguardo.core.catalog.AuditRecord;
import resguardo.core.catalog.FleetSettings;
import resguardo.core.catalog.Proof;
import resguardo.core.catalog.Status;
import resguardo.core.port.DeadLetter;
import resguardo.core.retention.KeepReason;
import resguardo.core.retention.PlanCursor;
import resguardo.core.retention.RetentionPlan;
import resguardo.core.version.Alarm;
import resguardo.core.version.VersionHeader;

/** What the coordinator says back to a command, in one message. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Answer.Done.class, name = "done"),
  @JsonSubTypes.Type(value = Answer.Refused.class, name = "refused"),
  @JsonSubTypes.Type(value = Answer.Registrations.class, name = "registrations"),
  @JsonSubTypes.Type(value = Answer.Versions.class, name = "versions"),
  @JsonSubTypes.Type(value = Answer.Findings.class, name = "findings"),
  @JsonSubTypes.Type(value = Answer.Audited.class, name = "audited"),
  @JsonSubTypes.Type(value = Answer.Alarms.class, name = "alarms"),
  @JsonSubTypes.Type(value = Answer.Ordered.class, name = "ordered"),
  @JsonSubTypes.Type(value = Answer.Settings.class, name = "settings"),
  @JsonSubTypes.Type(value = Answer.Explained.class, name = "explained"),
  @JsonSubTypes.Type(value = Answer.Nodes.class, name = "nodes"),
  @JsonSubTypes.Type(value = Answer.Dead.class, name = "dead"),
  @JsonSubTypes.Type(value = Answer.Load.class, name = "load"),
  @JsonSubTypes.Type(value = Answer.RetentionPlanned.class, name = "retentionPlanned"),
  @JsonSubTypes.Type(value = Answer.DrillOrdered.class, name = "drillOrdered")
})
public sealed interface Answer {
  /**
   * It is done and durable.
   *
   * @param what one sentence for a person: what was done
   */
  record Done(String what) implements Answer {}

  /**
   * It cannot be done and a repeat will not help.
   *
   * @param why one sentence for a person
   * @param hint what to try; absent where nothing would help
   */
  record Refused(Reason reason, String why, @Nullable String hint) implements Answer {
    /** What kind of refusal; each has its own exit code in the admin. */
    public enum Reason {
      /** The command says something that cannot be. */
      BAD_REQUEST,
      /** There is no such registration, version or entry. */
      NOT_FOUND,
      /** It was tried and went wrong. */
      FAILED
    }
  }

  /**
   * A page of registrations in the order of their keys.
   *
   * @param more whether another page follows after the last of these
   */
  record Registrations(List<RegistrationLine> lines, boolean more) implements Answer {
    public Registrations {
      lines = List.copyOf(lines);
    }
  }

  /**
   * How one registration stands.
   *
   * @param status absent: never attempted
   * @param agentSeen when its node's agent last gave a sign of life to this coordinator; absent: no
   *     agent seen
   * @param nextDue the next slot; absent while a job is open
   * @param openSince when its open job was published; absent: no job is open
   * @param alarms numbers of its versions that are suspicious, and not accepted; absent: none
   * @param pause what keeps it from beginning; absent: it is not paused
   * @param proof what drills have shown; absent: none was made
   * @param drillSeconds the time from one drill to the next; absent: none is made by itself
   * @param drillDue when the next drill is to be made, in the past where it waits; absent: none is,
   *     or there is no version yet
   */
  record RegistrationLine(
      Registration registration,
      @Nullable Status status,
      @Nullable Instant agentSeen,
      @Nullable Instant nextDue,
      @Nullable Instant openSince,
      @Nullable List<Serial> alarms,
      @Nullable Pause pause,
      @Nullable Proof proof,
      @Nullable Long drillSeconds,
      @Nullable Instant drillDue) {
    private static final Duration DAY = Duration.ofDays(1);

    /** Of which no drill is made. */
    public RegistrationLine(
        Registration registration,
        @Nullable Status status,
        @Nullable Instant agentSeen,
        @Nullable Instant nextDue,
        @Nullable Instant openSince,
        @Nullable List<Serial> alarms,
        @Nullable Pause pause) {
      this(registration, status, agentSeen, nextDue, openSince, alarms, pause, null, null, null);
    }

    /** That is not paused. */
    public RegistrationLine(
        Registration registration,
        @Nullable Status status,
        @Nullable Instant agentSeen,
        @Nullable Instant nextDue,
        @Nullable Instant openSince,
        @Nullable List<Serial> alarms) {
      this(registration, status, agentSeen, nextDue, openSince, alarms, null);
    }

    public RegistrationLine {
      alarms = alarms == null || alarms.isEmpty() ? null : List.copyOf(alarms);
    }

    /** What is registered. */
    public RegistrationKey key() {
      return registration.key();
    }

    /** Whether the last drill was not good. */
    public boolean failsDrills() {
      return proof != null && !proof.last().good();
    }

    /**
     * Whether it was not proven for so long that somebody should look: its drill is due for as long
     * as from one to the next, and for a day.
     */
    public boolean unprovenTooLong(Instant now) {
      return unprovenTooLong(drillSeconds, drillDue, now);
    }

    /** As {@link #unprovenTooLong(Instant)}, where there is no line. */
    public static boolean unprovenTooLong(
        @Nullable Long drillSeconds, @Nullable Instant drillDue, Instant now) {
      if (drillDue == null || drillSeconds == null) {
        return false;
      }
      Duration every = Duration.ofSeconds(drillSeconds);
      return drillDue.plus(every.compareTo(DAY) > 0 ? every : DAY).isBefore(now);
    }
  }

  /**
   * A page of versions, newest first.
   *
   * @param more whether there are older ones than the last of these
   * @param accepted the words of operators about those of them that are suspicious; absent: none
   * @param proof what drills of them have shown; absent: none was made
   */
  record Versions(
      List<VersionHeader> versions,
      boolean more,
      @Nullable List<Acceptance> accepted,
      @Nullable Proof proof)
      implements Answer {
    public Versions {
      versions = List.copyOf(versions);
      accepted = accepted == null || accepted.isEmpty() ? null : List.copyOf(accepted);
    }

    /** Of which no drill was made. */
    public Versions(
        List<VersionHeader> versions, boolean more, @Nullable List<Acceptance> accepted) {
      this(versions, more, accepted, null);
    }

    /** Of which none was accepted, and of which no drill was made. */
    public Versions(List<VersionHeader> versions, boolean more) {
      this(versions, more, null, null);
    }

    /** Whether an operator has said of a version that it is as it should be. */
    public boolean accepts(Serial serial) {
      return accepted != null && accepted.stream().anyMatch(word -> word.serial().equals(serial));
    }
  }

  /**
   * A page of suspicious versions.
   *
   * @param next what to ask for the next page with; absent: there is none
   */
  record Alarms(List<AlarmLine> lines, @Nullable String next) implements Answer {
    public Alarms {
      lines = List.copyOf(lines);
    }
  }

  /**
   * A suspicious version.
   *
   * @param slot the due time that it is for
   * @param committed when it was, by the clock of the worker
   * @param alarm what is suspicious
   * @param acceptance the word of an operator; absent: the alarm is open
   */
  record AlarmLine(
      RegistrationKey registration,
      Serial serial,
      Instant slot,
      Instant committed,
      Alarm alarm,
      @Nullable Acceptance acceptance) {}

  /**
   * A page of versions, newest first, with what a policy of retention would do.
   *
   * @param policy that was asked about, or the one of the registration
   * @param next what to ask for the next page with; absent: there is none
   */
  record RetentionPlanned(RetentionPolicy policy, List<PlanLine> lines, @Nullable PlanCursor next)
      implements Answer {
    public RetentionPlanned {
      lines = List.copyOf(lines);
    }
  }

  /**
   * What a policy of retention would do to a version.
   *
   * @param slot the due time that it is for
   * @param committed when it was, by the clock of the worker
   * @param bytes of the archives that it leans on
   * @param frees how many of these would be freed with it; the others are leaned on by versions
   *     that stay, or by an older one that goes, and are counted there
   * @param kept why it is kept; none: it would be expired
   */
  record PlanLine(
      Serial serial,
      Instant slot,
      Instant committed,
      long bytes,
      long frees,
      List<KeepReason> kept) {
    public PlanLine {
      kept = List.copyOf(kept);
    }

    /** As it was decided. */
    public static PlanLine of(RetentionPlan.Decided version) {
      VersionHeader header = version.header();
      return new PlanLine(
          header.serial(),
          header.slot(),
          header.committed(),
          version.bytes(),
          version.frees(),
          version.kept());
    }
  }

  /**
   * A page of what operators asked for, oldest first.
   *
   * @param next what to ask for the next page with; absent: there is none
   */
  record Audited(List<AuditRecord> records, @Nullable String next) implements Answer {
    public Audited {
      records = List.copyOf(records);
    }
  }

  /**
   * What a look at everything has shown.
   *
   * @param now the coordinator's clock
   */
  record Findings(Instant now, List<Finding> findings) implements Answer {
    public Findings {
      findings = List.copyOf(findings);
    }
  }

  /**
   * One thing that was looked at.
   *
   * @param what one sentence for a person
   * @param advice what to do; absent where nothing is to be done
   */
  record Finding(Grade grade, String what, @Nullable String advice) {
    /** How it is. */
    public enum Grade {
      /** As it should be. */
      FINE,
      /** It works, and somebody should look. */
      WARNING,
      /** Backups are not made, or not safe. */
      BROKEN
    }
  }

  /**
   * A run was asked for, and stands in the bucket.
   *
   * @param slot the due time of that run; of the job that is open already, where one is
   * @param openSince when a job was published that was open already: nothing was ordered. Absent:
   *     none was open
   * @param what one sentence for a person
   */
  record Ordered(Instant slot, @Nullable Instant openSince, String what) implements Answer {}

  /** What is set for the whole fleet; pauses that are over are left out. */
  record Settings(FleetSettings settings) implements Answer {}

  /**
   * When a registration is run next.
   *
   * @param line how it stands
   * @param reasons what decides about it now, in no order of importance; empty where it only waits
   *     for its next slot
   * @param upcoming its next slots, the first one first
   */
  record Explained(RegistrationLine line, List<Reason> reasons, List<Upcoming> upcoming)
      implements Answer {
    public Explained {
      reasons = List.copyOf(reasons);
      upcoming = List.copyOf(upcoming);
    }
  }

  /**
   * One thing that decides about when a registration is run.
   *
   * @param what one sentence for a person
   */
  record Reason(Kind kind, String what) {
    /** What kind of thing. */
    public enum Kind {
      /** It was unregistered. */
      REMOVED,
      /** A job of it is under way, or waits on the queue. */
      RUNNING,
      /** A slot is due. */
      DUE,
      /** An operator asked for a run. */
      ORDERED,
      /** An operator said that none is to begin. */
      PAUSED,
      /** It is a time of day in which none begins. */
      BLACKOUT,
      /** The agent of its node is not there. */
      NO_AGENT,
      /** Others with the same label are being backed up. */
      LIMIT,
      /** Slots begin later than they are due. */
      JITTER,
      /** Slots went by and will not be run. */
      MISSED
    }
  }

  /**
   * A slot to come.
   *
   * @param slot its due time
   * @param begins when it begins, if nothing is in the way then that is not there now; absent: it
   *     is missed, or waits for the end of a pause that nobody has said yet. The note says which
   * @param note what is special about it, such as a change of the clock; absent: nothing is
   */
  record Upcoming(Instant slot, @Nullable Instant begins, @Nullable String note) {}

  /**
   * A page of nodes in the order of their names: those that have a registration, and those whose
   * agent is there.
   *
   * @param more whether another page follows after the last of these
   */
  record Nodes(List<NodeLine> lines, boolean more) implements Answer {
    public Nodes {
      lines = List.copyOf(lines);
    }
  }

  /**
   * How one node stands.
   *
   * @param agentSeen when its agent last gave a sign of life to this coordinator; absent: none seen
   * @param clockAheadSeconds how far its clock is ahead; negative: behind; absent: not known
   * @param registrations how many it has
   * @param failing of how many of them the last attempt failed
   * @param neverBackedUp how many of them have no good backup at all
   * @param oldestSuccess the last good backup of the one that was longest without; absent: none has
   *     one
   * @param newestSuccess the newest good backup of any of them; absent: none has one
   * @param nextDue the first slot to come of any of them; absent: none comes
   * @param lagSeconds for how long the slot that waits longest has been due; absent: none waits
   * @param running how many jobs are open
   * @param paused how many of them are paused
   * @param neverProven of how many of them no drill was good yet, though they have a version and
   *     are to have drills
   * @param failingDrills of how many of them the last drill was not good
   * @param oldestProven when the one was proven restorable that was so the longest ago; absent:
   *     none was
   * @param program which build its agent said last that it is of; absent: it was not heard by this
   *     coordinator, or has ended in order
   */
  record NodeLine(
      NodeName node,
      @Nullable Instant agentSeen,
      @Nullable Long clockAheadSeconds,
      int registrations,
      int failing,
      int neverBackedUp,
      @Nullable Instant oldestSuccess,
      @Nullable Instant newestSuccess,
      @Nullable Instant nextDue,
      @Nullable Long lagSeconds,
      int running,
      int paused,
      int neverProven,
      int failingDrills,
      @Nullable Instant oldestProven,
      @Nullable String program) {}

  /**
   * Messages that were given up.
   *
   * @param count how many there are; more than are shown where there are many
   */
  record Dead(List<DeadLetter> letters, long count) implements Answer {
    public Dead {
      letters = List.copyOf(letters);
    }
  }

  /**
   * How much is waiting and under way.
   *
   * @param now the coordinator's clock
   * @param waiting how many jobs wait on the queue for a worker
   * @param dead how many messages were given up
   * @param workers that are there
   * @param open the jobs that have not ended, those that wait on the queue among them; the first
   *     ones where there are very many
   * @param openCount how many there are
   * @param drill that is being made; absent: none is
   */
  record Load(
      Instant now,
      long waiting,
      long dead,
      List<Peer> workers,
      List<OpenJob> open,
      long openCount,
      @Nullable OpenDrill drill)
      implements Answer {
    /** While no drill is made. */
    public Load(
        Instant now,
        long waiting,
        long dead,
        List<Peer> workers,
        List<OpenJob> open,
        long openCount) {
      this(now, waiting, dead, workers, open, openCount, null);
    }

    public Load {
      workers = List.copyOf(workers);
      open = List.copyOf(open);
    }
  }

  /**
   * A job that has not ended.
   *
   * @param published when, by the coordinator's clock
   * @param worker that has it in hand; absent: it waits
   * @param entries of the set that were seen so far; 0 while it waits
   * @param bytes that came so far; 0 while it waits
   */
  record OpenJob(
      FetchJob job, Instant published, @Nullable Peer worker, long entries, long bytes) {}

  /**
   * A drill that has not ended.
   *
   * @param since when it was ordered, by the coordinator's clock
   * @param worker that makes it; absent: it waits for one
   * @param entries that were compared so far
   * @param bytes that were compared so far
   */
  record OpenDrill(
      RegistrationKey registration,
      Serial serial,
      Instant since,
      @Nullable Peer worker,
      long entries,
      long bytes) {}

  /**
   * A drill was asked for, and waits for a worker. How it ends stands in the bucket then, and is
   * told by {@link Event.DrillEnded}.
   *
   * @param id of the drill
   * @param serial of the version
   * @param what one sentence for a person
   */
  record DrillOrdered(ReplyId id, Serial serial, String what) implements Answer {}
}
