package resguardo.core.protocol;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.catalog.Acceptance;
import resguardo.core.catalog.AuditRecord;
import resguardo.core.catalog.Status;
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
  @JsonSubTypes.Type(value = Answer.Alarms.class, name = "alarms")
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
   */
  record RegistrationLine(
      Registration registration,
      @Nullable Status status,
      @Nullable Instant agentSeen,
      @Nullable Instant nextDue,
      @Nullable Instant openSince,
      @Nullable List<Serial> alarms) {
    public RegistrationLine {
      alarms = alarms == null || alarms.isEmpty() ? null : List.copyOf(alarms);
    }

    /** What is registered. */
    public RegistrationKey key() {
      return registration.key();
    }
  }

  /**
   * A page of versions, newest first.
   *
   * @param more whether there are older ones than the last of these
   * @param accepted the words of operators about those of them that are suspicious; absent: none
   */
  record Versions(List<VersionHeader> versions, boolean more, @Nullable List<Acceptance> accepted)
      implements Answer {
    public Versions {
      versions = List.copyOf(versions);
      accepted = accepted == null || accepted.isEmpty() ? null : List.copyOf(accepted);
    }

    /** Of which none was accepted. */
    public Versions(List<VersionHeader> versions, boolean more) {
      this(versions, more, null);
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
}
