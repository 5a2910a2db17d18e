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
import resguardo.core.DrillPolicy;
import resguardo.core.NodeName;
import resguardo.core.OperatorName;
import resguardo.core.Permission;
import resguardo.core.RawPath;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.RetentionPolicy;
import resguardo.core.Schedule;
import resguardo.core.SchedulingOptions;
import resguardo.core.Serial;
import resguardo.core.SourcePath;
import resguardo.core.Texts;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.port.ObjectKey;
import resguardo.core.retention.PlanCursor;

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
  @JsonSubTypes.Type(value = Command.OperatorChanged.class, name = "operatorChanged"),
  @JsonSubTypes.Type(value = Command.RunNow.class, name = "runNow"),
  @JsonSubTypes.Type(value = Command.Pause.class, name = "pause"),
  @JsonSubTypes.Type(value = Command.Resume.class, name = "resume"),
  @JsonSubTypes.Type(value = Command.Limit.class, name = "limit"),
  @JsonSubTypes.Type(value = Command.ShowSettings.class, name = "settings"),
  @JsonSubTypes.Type(value = Command.Explain.class, name = "explain"),
  @JsonSubTypes.Type(value = Command.ListNodes.class, name = "nodes"),
  @JsonSubTypes.Type(value = Command.DeadLetters.class, name = "deadLetters"),
  @JsonSubTypes.Type(value = Command.SettleDead.class, name = "settleDead"),
  @JsonSubTypes.Type(value = Command.Load.class, name = "load"),
  @JsonSubTypes.Type(value = Command.PlanRetention.class, name = "planRetention"),
  @JsonSubTypes.Type(value = Command.Drill.class, name = "drill"),
  @JsonSubTypes.Type(value = Command.SetDrills.class, name = "setDrills")
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
   * it, unless it has all of that already. Answered by {@link Answer.Done}.
   *
   * @param options absent: all as usual
   * @param scheduling absent: slots begin when they are due
   * @param retention which versions are kept; absent: all
   * @param drills how often it is tried whether it can be restored; absent: as the fleet has it
   */
  @Word(value = "register", needs = Permission.WRITE)
  record Register(
      NodeName node,
      SourcePath path,
      Schedule schedule,
      @Nullable BackupOptions options,
      @Nullable SchedulingOptions scheduling,
      @Nullable RetentionPolicy retention,
      @Nullable DrillPolicy drills,
      @Nullable ReplyId replyTo)
      implements Command {
    /** Whose drills are as the fleet has them. */
    public Register(
        NodeName node,
        SourcePath path,
        Schedule schedule,
        @Nullable BackupOptions options,
        @Nullable SchedulingOptions scheduling,
        @Nullable RetentionPolicy retention,
        @Nullable ReplyId replyTo) {
      this(node, path, schedule, options, scheduling, retention, null, replyTo);
    }

    public Register {
      options = BackupOptions.orAbsent(options);
      scheduling = SchedulingOptions.orAbsent(scheduling);
    }

    /** Whose slots begin when they are due, and of which all versions are kept. */
    public Register(
        NodeName node,
        SourcePath path,
        Schedule schedule,
        @Nullable BackupOptions options,
        @Nullable ReplyId replyTo) {
      this(node, path, schedule, options, null, null, null, replyTo);
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
      if (what == QueryJob.What.DRILL) {
        throw new IllegalArgumentException("a drill is no query: it has a command of its own");
      }
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
   * @param limit no more than so many, 1 or more; absent, and at the most: as many as a page has
   */
  @Word(value = "history", needs = Permission.READ)
  record History(
      NodeName node,
      SourcePath path,
      @Nullable Long before,
      @Nullable Integer limit,
      @Nullable ReplyId replyTo)
      implements Command {
    public History {
      if (limit != null && limit < 1) {
        throw new IllegalArgumentException("versions are 1 or more: " + limit);
      }
    }

    /** As many as a page has. */
    public History(
        NodeName node, SourcePath path, @Nullable Long before, @Nullable ReplyId replyTo) {
      this(node, path, before, null, replyTo);
    }

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
   * @param since no older ones; of a year of four digits
   * @param after as the page before said; absent: the first page
   */
  @Word(value = "audit", needs = Permission.READ)
  record Audit(Instant since, @Nullable String after, @Nullable ReplyId replyTo)
      implements Command {
    /** Names of records are in the order of their times for years of four digits. */
    private static final Instant FIRST = Instant.parse("0000-01-01T00:00:00Z");

    private static final Instant END = Instant.parse("+10000-01-01T00:00:00Z");

    public Audit {
      refuse(since);
      refuseOther(after, BucketLayout.AUDIT);
    }

    /**
     * Whether nothing can be asked for from this time on.
     *
     * @throws IllegalArgumentException when it is so
     */
    public static void refuse(Instant since) {
      if (since.isBefore(FIRST) || !since.isBefore(END)) {
        throw new IllegalArgumentException("nothing is on record of such a year: " + since);
      }
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

  /**
   * Run it once more than its schedule says, at once or as soon as its agent is there. Answered by
   * {@link Answer.Ordered}, also where a job of it is open already: then nothing is ordered.
   *
   * @param waitSeconds how long it may wait for its agent before it counts as missed; 1 or more
   */
  @Word(value = "runNow", needs = Permission.WRITE)
  record RunNow(NodeName node, SourcePath path, long waitSeconds, @Nullable ReplyId replyTo)
      implements Command {
    public RunNow {
      if (waitSeconds < 1 || waitSeconds > LONGEST_WAIT) {
        throw new IllegalArgumentException(
            "an order waits 1 second to 366 days: " + waitSeconds + " s");
      }
    }

    /** What is to be run. */
    public RegistrationKey key() {
      return new RegistrationKey(node, path);
    }
  }

  /**
   * Begin no more backups of it; what is under way goes on. A pause of the same is replaced.
   * Answered by {@link Answer.Done}.
   *
   * @param node absent: of all nodes
   * @param path of the node; absent: of all its paths
   * @param until absent: until it is resumed
   * @param why for those who wonder; absent: not said
   */
  @Word(value = "pause", needs = Permission.WRITE)
  record Pause(
      @Nullable NodeName node,
      @Nullable SourcePath path,
      @Nullable Instant until,
      @Nullable String why,
      @Nullable ReplyId replyTo)
      implements Command {
    public Pause {
      refusePathAlone(node, path);
    }
  }

  /**
   * End the pause that was begun for just this. Answered by {@link Answer.Done}, or a not-found
   * where there is none.
   *
   * @param node as of {@link Pause}
   * @param path as of {@link Pause}
   */
  @Word(value = "resume", needs = Permission.WRITE)
  record Resume(@Nullable NodeName node, @Nullable SourcePath path, @Nullable ReplyId replyTo)
      implements Command {
    public Resume {
      refusePathAlone(node, path);
    }
  }

  /**
   * Of all registrations that have the same value of this label, have at most so many backed up at
   * once. Answered by {@link Answer.Done}.
   *
   * @param label its name, such as {@code rack}
   * @param maxParallel 1 or more; absent: as many as there are
   */
  @Word(value = "limit", needs = Permission.WRITE)
  record Limit(String label, @Nullable Integer maxParallel, @Nullable ReplyId replyTo)
      implements Command {
    public Limit {
      SchedulingOptions.refuseNoLabel(label);
      if (maxParallel != null && maxParallel < 1) {
        throw new IllegalArgumentException("at once are 1 or more: " + maxParallel);
      }
    }
  }

  /** Which pauses and limits there are. Answered by {@link Answer.Settings}. */
  @Word(value = "settings", needs = Permission.READ)
  record ShowSettings(@Nullable ReplyId replyTo) implements Command {}

  /**
   * When it is run next, and why not before. Answered by {@link Answer.Explained}.
   *
   * @param count how many of its next slots are wanted, 1 to 100
   */
  @Word(value = "explain", needs = Permission.READ)
  record Explain(NodeName node, SourcePath path, int count, @Nullable ReplyId replyTo)
      implements Command {
    public Explain {
      if (count < 1 || count > MOST_SLOTS) {
        throw new IllegalArgumentException("slots are 1 to " + MOST_SLOTS + ": " + count);
      }
    }

    /** What is asked about. */
    public RegistrationKey key() {
      return new RegistrationKey(node, path);
    }
  }

  /**
   * Which nodes there are and how they stand. Answered by {@link Answer.Nodes}, a page at a time.
   *
   * @param after the node after which the page begins; absent: from the first
   */
  @Word(value = "nodes", needs = Permission.READ)
  record ListNodes(@Nullable NodeName after, @Nullable ReplyId replyTo) implements Command {}

  /** Which messages were given up. Answered by {@link Answer.Dead}. */
  @Word(value = "deadLetters", needs = Permission.READ)
  record DeadLetters(@Nullable ReplyId replyTo) implements Command {}

  /**
   * Be done with messages that were given up. Answered by {@link Answer.Done}, or a not-found where
   * there is no such message.
   *
   * @param id of the one; absent: all that are there now
   * @param retry whether it goes back to the queue that it came from; else it is thrown away
   */
  @Word(value = "settleDead", needs = Permission.WRITE)
  record SettleDead(@Nullable String id, boolean retry, @Nullable ReplyId replyTo)
      implements Command {}

  /** How much is waiting and under way. Answered by {@link Answer.Load}. */
  @Word(value = "load", needs = Permission.READ)
  record Load(@Nullable ReplyId replyTo) implements Command {}

  /** An order waits for a laptop that is away for a holiday, and not for ever. */
  long LONGEST_WAIT = 366L * 24 * 3600;

  /** More nobody reads. */
  int MOST_SLOTS = 100;

  private static void refusePathAlone(@Nullable NodeName node, @Nullable SourcePath path) {
    if (path != null && node == null) {
      throw new IllegalArgumentException("a path is of a node, and none is named");
    }
  }

  /**
   * Which versions a policy of retention keeps, and which it would expire; nothing is changed.
   * Answered by {@link Answer.RetentionPlanned}, a page at a time, newest first.
   *
   * @param policy absent: the one of the registration
   * @param after as the page before said; absent: the first page
   */
  @Word(value = "planRetention", needs = Permission.READ)
  record PlanRetention(
      NodeName node,
      SourcePath path,
      @Nullable RetentionPolicy policy,
      @Nullable PlanCursor after,
      @Nullable ReplyId replyTo)
      implements Command {
    /** What was backed up. */
    public RegistrationKey key() {
      return new RegistrationKey(node, path);
    }
  }

  /**
   * Try now whether the newest version can be restored. Answered by {@link Answer.DrillOrdered}, or
   * a not-found where there is no version. A repeat makes another.
   *
   * @param all whether all of it is read, whatever its policy says
   */
  @Word(value = "drill", needs = Permission.WRITE)
  record Drill(NodeName node, SourcePath path, boolean all, @Nullable ReplyId replyTo)
      implements Command {
    /** What was backed up. */
    public RegistrationKey key() {
      return new RegistrationKey(node, path);
    }
  }

  /**
   * Have drills made so of all registrations that do not say otherwise. Answered by {@link
   * Answer.Done}.
   *
   * @param policy absent: as usual
   */
  @Word(value = "setDrills", needs = Permission.WRITE)
  record SetDrills(@Nullable DrillPolicy policy, @Nullable ReplyId replyTo) implements Command {}
}
