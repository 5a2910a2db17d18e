package resguardo.core.protocol;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import resguardo.core.FetchJob;
import resguardo.core.Peer;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.Serial;
import resguardo.core.Texts;
import resguardo.core.catalog.Proof;
import resguardo.core.catalog.Status;
import resguardo.core.port.Sender;
import resguardo.core.version.Alarm;

/** A change of state, told by who made it. Its routing key is {@code <role>.<instance>.<type>}. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Event.ProcessAlive.class, name = "processAlive"),
  @JsonSubTypes.Type(value = Event.ProcessStopped.class, name = "processStopped"),
  @JsonSubTypes.Type(value = Event.RegistrationChanged.class, name = "registrationChanged"),
  @JsonSubTypes.Type(value = Event.SlotsMissed.class, name = "slotsMissed"),
  @JsonSubTypes.Type(value = Event.JobPublished.class, name = "jobPublished"),
  @JsonSubTypes.Type(value = Event.JobRunning.class, name = "jobRunning"),
  @JsonSubTypes.Type(value = Event.JobSliced.class, name = "jobSliced"),
  @JsonSubTypes.Type(value = Event.JobEnded.class, name = "jobEnded"),
  @JsonSubTypes.Type(value = Event.RestoreEnded.class, name = "restoreEnded"),
  @JsonSubTypes.Type(value = Event.JobReturned.class, name = "jobReturned"),
  @JsonSubTypes.Type(value = Event.AlarmRaised.class, name = "alarmRaised"),
  @JsonSubTypes.Type(value = Event.AlarmAccepted.class, name = "alarmAccepted"),
  @JsonSubTypes.Type(value = Event.DrillRunning.class, name = "drillRunning"),
  @JsonSubTypes.Type(value = Event.DrillEnded.class, name = "drillEnded"),
  @JsonSubTypes.Type(value = Event.VersionExpired.class, name = "versionExpired")
})
public sealed interface Event {
  /** When, by the clock of the process that tells it. */
  Instant time();

  /** Who tells it; a receiver checks it against the routing key. */
  Peer by();

  /**
   * Whether it is for whoever tells it to tell: of registrations, and of jobs that are published,
   * only coordinators do, of what becomes of jobs only workers, of versions that are gone only who
   * expires them. An agent, which may be in the hands of somebody else, speaks of itself alone. A
   * receiver drops what else any of them says.
   */
  default boolean mayBeTold() {
    boolean ofItself = this instanceof ProcessAlive || this instanceof ProcessStopped;
    return ofItself
        || switch (by().role()) {
          case COORDINATOR ->
              this instanceof RegistrationChanged
                  || this instanceof SlotsMissed
                  || this instanceof JobPublished
                  || this instanceof AlarmAccepted;
          case WORKER ->
              this instanceof JobRunning
                  || this instanceof JobSliced
                  || this instanceof JobReturned
                  || this instanceof JobEnded
                  || this instanceof RestoreEnded
                  || this instanceof AlarmRaised
                  || this instanceof DrillRunning
                  || this instanceof DrillEnded;
          case RETENTION -> this instanceof VersionExpired;
          default -> false;
        };
  }

  /**
   * A process lives; said at its start and every 5 seconds. What a reader does not know of it is
   * passed over: it is how processes of different versions see each other.
   *
   * @param since when it started, by its clock
   * @param program which build it is of; absent: one that did not say so yet
   * @param concerns what it finds wrong with how it is set up, a sentence each; absent: nothing
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  record ProcessAlive(
      Instant time,
      Peer by,
      Instant since,
      @Nullable String program,
      @Nullable List<String> concerns)
      implements Event {
    private static final int MOST_CONCERNS = 5;

    /** One that says neither. */
    public ProcessAlive(Instant time, Peer by, Instant since) {
      this(time, by, since, null, null);
    }

    public ProcessAlive {
      program = program == null ? null : Texts.shown(program);
      concerns =
          concerns == null || concerns.isEmpty()
              ? null
              : concerns.stream().limit(MOST_CONCERNS).map(Texts::shown).toList();
    }
  }

  /** A process ends in order. */
  record ProcessStopped(Instant time, Peer by) implements Event {}

  /** A registration was made, changed or removed. */
  record RegistrationChanged(Instant time, Peer by, Registration registration) implements Event {}

  /** Slots went by without being run; only the newest of those due is. */
  record SlotsMissed(
      Instant time,
      Peer by,
      RegistrationKey registration,
      List<Instant> slots,
      long count,
      String why)
      implements Event {
    public SlotsMissed {
      slots = List.copyOf(slots);
    }
  }

  /** A job is on the queue. */
  record JobPublished(Instant time, Peer by, FetchJob job) implements Event {}

  /** A worker has a job in hand; said when it takes it and every 5 seconds. */
  record JobRunning(Instant time, Peer by, FetchJob job, long entries, long bytes)
      implements Event {}

  /**
   * A worker has brought one more slice of a set into the bucket; the coordinator publishes the job
   * again at once.
   *
   * @param slice its number: how many there are of the version in the making
   * @param entries of the set that are known so far, those of the version before among them
   * @param bytes of the archives that came for the version so far
   */
  record JobSliced(Instant time, Peer by, FetchJob job, Serial slice, long entries, long bytes)
      implements Event {}

  /**
   * A job ended for good, and the status in the bucket says so. A coordinator looks there, and
   * takes no worker's word for it.
   */
  record JobEnded(Instant time, Peer by, FetchJob job, Status status) implements Event {}

  /**
   * A restore on a node ended.
   *
   * @param registration of what was restored
   * @param serial of the version
   * @param to where
   * @param files how many were restored; 0 where it failed
   * @param bytes of their content
   * @param why it failed; absent: it did not
   */
  record RestoreEnded(
      Instant time,
      Peer by,
      RegistrationKey registration,
      Serial serial,
      RestoreTarget to,
      long files,
      long bytes,
      @Nullable String why)
      implements Event {}

  /**
   * A worker could not do a job now; the coordinator publishes it again.
   *
   * @param agentSilent whether the reason is that the node's agent did not answer: then it waits
   *     for a sign of life
   */
  record JobReturned(Instant time, Peer by, FetchJob job, @Nullable String why, boolean agentSilent)
      implements Event {}

  /**
   * A version was committed that is suspicious. Told again by whoever finds a version committed of
   * which nobody was told.
   */
  record AlarmRaised(
      Instant time, Peer by, RegistrationKey registration, Serial serial, Alarm alarm)
      implements Event {}

  /**
   * An operator has said that a suspicious version is as it should be.
   *
   * @param sender who said so
   */
  record AlarmAccepted(
      Instant time, Peer by, RegistrationKey registration, Serial serial, Sender sender)
      implements Event {}

  /**
   * A drill is being made; said at its beginning and every 5 seconds.
   *
   * @param id of the order for it
   * @param entries that were compared so far
   * @param bytes that were compared so far
   */
  record DrillRunning(
      Instant time,
      Peer by,
      RegistrationKey registration,
      Serial serial,
      ReplyId id,
      long entries,
      long bytes)
      implements Event {}

  /**
   * A drill has ended, and what it has shown stands in the bucket. A coordinator looks there, and
   * takes no worker's word for it.
   *
   * @param id of the order for it
   * @param proof what stands there now; absent: it came to no result
   * @param why it came to none, such as a version that was expired meanwhile; absent: it did
   */
  record DrillEnded(
      Instant time,
      Peer by,
      RegistrationKey registration,
      Serial serial,
      ReplyId id,
      @Nullable Proof proof,
      @Nullable String why)
      implements Event {}

  /**
   * A version is gone, as the policy of its registration wanted none of it any more. Told again
   * when the process died right after it.
   *
   * @param slot the due time that it was for
   */
  record VersionExpired(
      Instant time, Peer by, RegistrationKey registration, Serial serial, Instant slot)
      implements Event {}
}
