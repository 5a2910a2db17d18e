package resguardo.core.protocol;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import resguardo.core.BackupOptions;
import resguardo.core.NodeName;
import resguardo.core.OperatorName;
import resguardo.core.Permission;
import resguardo.core.RawPath;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.Schedule;
import resguardo.core.Serial;
import resguardo.core.SourcePath;
import resguardo.core.Texts;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.port.ObjectKey;

/**
 * What an operator asks of the coordinator, over {@code resguardo.commands}. Each may carry a reply
 * id, under which the coordinator (or, for a query, the worker that serves it) answers; absent
 * means that nobody waits. A repeat of any of them is harmless: it finds its wish fulfilled.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Command.Register.class, name = "register"),
  @JsonSubTypes.Type(value = Command.Unregister.class, name = "unregister"),
  @JsonSubTypes.Type(value = Command.Query.class, name = "query"),
  @JsonSubTypes.Type(value = Command.Restore.class, name = "restore"),
  @JsonSubTypes.Type(value = Command.Shutdown.class, name = "shutdown"),
  @JsonSubTypes.Type(value = Command.ListRegistrations.class, name = "list"),
  @JsonSubTypes.Type(value = Command.History.class, name = "history"),
  @JsonSubTypes.Type(value = Command.Checkup.class, name = "checkup"),
  @JsonSubTypes.Type(value = Command.Audit.class, name = "audit"),
  @JsonSubTypes.Type(value = Command.AccessChanged.class, name = "accessChanged"),
  @JsonSubTypes.Type(value = Command.Alarms.class, name = "alarms"),
  @JsonSubTypes.Type(value = Command.AcceptAlarm.class, name = "acceptAlarm"),
  @JsonSubTypes.Type(value = Command.OperatorChanged.class, name = "operatorChanged")
})
public sealed interface Command {
  /** Where to answer; absent: nowhere. */
  @Nullable ReplyId replyTo();

  /** The word for its kind, last in its routing key. */
  default String word() {
    return wordOf(getClass()).value();
  }

  /** The words of all that somebody with this permission may send, in no particular order. */
  static List<String> wordsFor(Permission permission) {
    return Arrays.stream(Command.class.getPermittedSubclasses())
        .map(Command::wordOf)
        .filter(word -> permission.covers(word.needs()))
        .map(Word::value)
        .toList();
  }

  /** What says where a page begins is a key of what is listed, and nothing else of the bucket. */
  private static void refuseOther(@Nullable String after, String prefix) {
    if (after != null && !new ObjectKey(after).value().startsWith(prefix)) {
      throw new IllegalArgumentException(
          "no page of " + prefix + " ends so: " + Texts.shown(after));
    }
  }

  private static Word wordOf(Class<?> kind) {
    return Objects.requireNonNull(kind.getAnnotation(Word.class), kind::getName);
  }

  /** The routing key word of a command, and who may send it. */
  @java.lang.annotation.Retention(java.lang.annotation.RetentionPolicy.RUNTIME)
  @interface Word {
    /** One word, as in the JSON {@code type}. */
    String value();

    /** What its sender has to be allowed. The broker sees to it, by the routing key. */
    Permission needs();
  }

  /**
   * Back up this path of this node on this schedule. A registration of the same key is replaced by
   * it, unless it has the same schedule and options already. Answered by {@link Answer.Done}.
   *
   * @param options absent: all as usual
   */
  @Word(value = "register", needs = Permission.WRITE)
  record Register(
      NodeName node,
      SourcePath path,
      Schedule schedule,
      @Nullable BackupOptions options,
      @Nullable ReplyId replyTo)
      implements Command {
    public Register {
      options = BackupOptions.orAbsent(options);
    }

    /** What is to be backed up. */
    public RegistrationKey key() {
      return new RegistrationKey(node, path);
    }
  }

  /**
   * Back it up no more; what is stored stays and can be queried. Answered by {@link Answer.Done} or
   * a not-found.
   */
  @Word(value = "unregister", needs = Permission.WRITE)
  record Unregister(NodeName node, SourcePath path, @Nullable ReplyId replyTo) implements Command {
    /** What is no longer to be backed up. */
    public RegistrationKey key() {
      return new RegistrationKey(node, path);
    }
  }

  /**
   * Send one version as a complete {@code .tgz}, or what else is wanted of it, as a stream of
   * chunks to {@code replyTo}. Refused by an {@link Answer.Refused} in its place when there is no
   * such version.
   *
   * @param which absent: the latest
   * @param what of the version is wanted; absent: the archive
   * @param entries only these files and folders (with what is below them) of the version, each by
   *     its name from the path on, by its absolute path, or by a pattern (see {@link
   *     resguardo.core.Glob}); absent: all. Each must be there
   * @param packing of the archive; absent: gzip
   */
  @Word(value = "query", needs = Permission.READ)
  record Query(
      NodeName node,
      SourcePath path,
      @Nullable VersionChoice which,
      QueryJob.@Nullable What what,
      @Nullable List<RawPath> entries,
      QueryJob.@Nullable Packing packing,
      @Nullable ReplyId replyTo)
      implements Command {
    public Query {
      entries = entries == null || entries.isEmpty() ? null : List.copyOf(entries);
    }

    /** What was backed up. */
    public RegistrationKey key() {
      return new RegistrationKey(node, path);
    }
  }

  /**
   * Restore one version, or a part of it, on a node, through its agent. Answered as a {@link Query}
   * is, by a stream that ends with {@link StreamMessage.Restored}. A repeat finds the folder full.
   *
   * @param which absent: the latest
   * @param entries as of {@link Query}
   * @param to where
   */
  @Word(value = "restore", needs = Permission.WRITE)
  record Restore(
      NodeName node,
      SourcePath path,
      @Nullable VersionChoice which,
      @Nullable List<RawPath> entries,
      RestoreTarget to,
      @Nullable ReplyId replyTo)
      implements Command {
    public Restore {
      entries = entries == null || entries.isEmpty() ? null : List.copyOf(entries);
    }

    /** What was backed up. */
    public RegistrationKey key() {
      return new RegistrationKey(node, path);
    }
  }

  /**
   * Stop every process: coordinator, workers, agents, loggers. Answered by {@link Answer.Done} once
   * all that were known have said that they stop.
   */
  @Word(value = "shutdown", needs = Permission.WRITE)
  record Shutdown(@Nullable ReplyId replyTo) implements Command {}

  /**
   * Which registrations there are and how they stand; answered by {@link Answer.Registrations}, a
   * page at a time.
   *
   * @param after the key after which the page begins; absent: from the first
   */
  @Word(value = "list", needs = Permission.READ)
  record ListRegistrations(@Nullable RegistrationKey after, @Nullable ReplyId replyTo)
      implements Command {}

  /**
   * Which versions a key has, newest first; answered by {@link Answer.Versions}, a page at a time.
   *
   * @param before only versions numbered below this; absent: from the newest
   */
  @Word(value = "history", needs = Permission.READ)
  record History(NodeName node, SourcePath path, @Nullable Long before, @Nullable ReplyId replyTo)
      implements Command {
    /** What was backed up. */
    public RegistrationKey key() {
      return new RegistrationKey(node, path);
    }
  }

  /**
   * Whether all is as it should be, as far as the coordinator can see. Answered by {@link
   * Answer.Findings}.
   */
  @Word(value = "checkup", needs = Permission.READ)
  record Checkup(@Nullable ReplyId replyTo) implements Command {}

  /**
   * Who asked for what; answered by {@link Answer.Audited}, a page at a time, oldest first.
   *
   * @param since no older ones
   * @param after as the page before said; absent: the first page
   */
  @Word(value = "audit", needs = Permission.READ)
  record Audit(Instant since, @Nullable String after, @Nullable ReplyId replyTo)
      implements Command {
    public Audit {
      refuseOther(after, BucketLayout.AUDIT);
    }
  }

  /**
   * Keep on record what was done at the broker for a node's user. Answered by {@link Answer.Done}.
   */
  @Word(value = "accessChanged", needs = Permission.ADMINISTER)
  record AccessChanged(NodeName node, Access access, @Nullable ReplyId replyTo)
      implements Command {}

  /**
   * Keep on record what was done at the broker for an operator's user. Answered by {@link
   * Answer.Done}.
   *
   * @param may what the operator may do now; absent: nothing any more
   */
  @Word(value = "operatorChanged", needs = Permission.ADMINISTER)
  record OperatorChanged(
      OperatorName operator, Access access, @Nullable Permission may, @Nullable ReplyId replyTo)
      implements Command {}

  /** What was done for a user at the broker. */
  enum Access {
    /** It was made. */
    @JsonProperty("enrolled")
    ENROLLED,
    /** It has another password. */
    @JsonProperty("rotated")
    ROTATED,
    /** It is gone. */
    @JsonProperty("revoked")
    REVOKED;

    /** As it is written. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Which versions are suspicious; answered by {@link Answer.Alarms}, a page at a time.
   *
   * @param accepted whether those are wanted too that an operator has accepted
   * @param after as the page before said; absent: the first page
   */
  @Word(value = "alarms", needs = Permission.READ)
  record Alarms(boolean accepted, @Nullable String after, @Nullable ReplyId replyTo)
      implements Command {
    public Alarms {
      refuseOther(after, BucketLayout.ALARMS);
    }
  }

  /**
   * A suspicious version is as it should be. Answered by {@link Answer.Done}, also where it was
   * accepted before, or a not-found where there is no such version or nothing was suspicious.
   *
   * @param serial of the version; absent: all that are open now
   */
  @Word(value = "acceptAlarm", needs = Permission.WRITE)
  record AcceptAlarm(
      NodeName node, SourcePath path, @Nullable Serial serial, @Nullable ReplyId replyTo)
      implements Command {
    /** What was backed up. */
    public RegistrationKey key() {
      return new RegistrationKey(node, path);
    }
  }
}
