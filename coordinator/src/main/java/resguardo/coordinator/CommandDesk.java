package resguardo.coordinator;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.core.BackupOptions;
import resguardo.core.Blackout;
import resguardo.core.DrillPolicy;
import resguardo.core.NodeName;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.SchedulingOptions;
import resguardo.core.Serial;
import resguardo.core.catalog.Acceptance;
import resguardo.core.catalog.Alarms;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.Status;
import resguardo.core.catalog.StatusBook;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Sender;
import resguardo.core.port.StoredObject;
import resguardo.core.port.Tracing;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command;
import resguardo.core.protocol.Event;
import resguardo.core.protocol.QueryJob;
import resguardo.core.protocol.VersionChoice;
import resguardo.core.version.VersionHeader;

/** Carries out what operators ask, but for the shutdown. Not for several threads. */
final class CommandDesk {
  private static final int VERSIONS_A_PAGE = 50;

  private final CoordinatorContext context;
  private final RegistrationBook book;
  private final Scheduler scheduler;
  private final Roster roster;
  private final StatusBook statuses;
  private final VersionCatalog versions;
  private final VersionHeaders headers;
  private final Alarms alarms;
  private final RegistrationLines lines;
  private final Drills drills;
  private final NodeQueues queues;

  CommandDesk(
      CoordinatorContext context,
      RegistrationBook book,
      Scheduler scheduler,
      Roster roster,
      RegistrationLines lines,
      Drills drills,
      NodeQueues queues) {
    this.context = context;
    this.book = book;
    this.scheduler = scheduler;
    this.roster = roster;
    this.statuses = new StatusBook(context.store());
    this.versions = new VersionCatalog(context.store());
    this.headers = new VersionHeaders(versions);
    this.alarms = new Alarms(context.store());
    this.lines = lines;
    this.drills = drills;
    this.queues = queues;
  }

  /**
   * Carries out a command.
   *
   * @param sender whose command it is
   * @return the answer; empty when somebody else will answer
   * @throws IOException when the bucket or the broker could not be used: another try may do
   */
  Optional<Answer> carryOut(Command command, Sender sender) throws IOException {
    if (command instanceof Command.Register register) {
      return Optional.of(register(register));
    } else if (command instanceof Command.Unregister unregister) {
      return Optional.of(unregister(unregister));
    } else if (command instanceof Command.Query query) {
      return query(query, sender);
    } else if (command instanceof Command.Restore restore) {
      return restore(restore, sender);
    } else if (command instanceof Command.Drill drill) {
      return Optional.of(drill(drill));
    } else if (command instanceof Command.ListRegistrations list) {
      return Optional.of(lines.page(list.after(), now()));
    } else if (command instanceof Command.History history) {
      return Optional.of(history(history));
    }
    throw new IllegalArgumentException("not a command of this desk: " + command);
  }

  private Answer register(Command.Register register) throws IOException {
    Optional<String> refusal = Slots.refusal(register.schedule());
    if (refusal.isPresent()) {
      return new Answer.Refused(
          Answer.Refused.Reason.BAD_REQUEST,
          refusal.get(),
          "Five fields are needed, such as: 30 2 * * 1-5");
    }
    if (BackupOptions.orNone(register.options()).lockTime().isPresent()
        && context.store().locks().isEmpty()) {
      return new Answer.Refused(
          Answer.Refused.Reason.FAILED,
          "the bucket has no object lock, so nothing can be locked",
          "Have a new bucket made with it: RESGUARDO_STORE=s3://…/another-bucket?lock=true");
    }
    SchedulingOptions rules = SchedulingOptions.orNone(register.scheduling());
    if (Blackout.endOfAll(rules.notDuring(), now()).isEmpty()) {
      return new Answer.Refused(
          Answer.Refused.Reason.BAD_REQUEST,
          "the blackouts leave no time of the week in which it could be backed up",
          null);
    }
    boolean known = book.active(register.key()).isPresent();
    Registration registration = book.register(register, now());
    queues.make(register.node());
    taken(registration);
    String what =
        (known ? "registration is now: " : "registered ")
            + register.key()
            + " "
            + registration.schedule()
            + registration.retentionNow().map(policy -> ", keeping " + policy).orElse("");
    context.activity().tell(register.node(), register.path(), what);
    boolean seen = roster.lastSeen(register.node()).isPresent();
    return new Answer.Done(what + (seen ? "" : "; no agent of " + register.node() + " seen yet"));
  }

  private void taken(Registration registration) {
    scheduler.put(registration);
    try {
      context.events().publish(new Event.RegistrationChanged(now(), context.self(), registration));
    } catch (BrokerException e) {
      // events are hints
    }
  }

  private Answer unregister(Command.Unregister unregister) throws IOException {
    Optional<Registration> removed = book.unregister(unregister.key(), now());
    if (removed.isEmpty()) {
      return notFound(unregister.key(), "nothing is registered at " + unregister.key());
    }
    taken(removed.get());
    String what = "unregistered " + unregister.key() + "; its versions stay";
    context.activity().tell(unregister.node(), unregister.path(), what);
    return new Answer.Done(what);
  }

  private Optional<Answer> query(Command.Query query, Sender sender) throws IOException {
    QueryJob.What what = query.what() == null ? QueryJob.What.ARCHIVE : query.what();
    return publish(
        query.key(),
        query.which(),
        query.replyTo(),
        "query for version",
        (serial, replyTo) ->
            new QueryJob(query.key(), serial, what, query.entries(), query.packing(), null, replyTo)
                .askedBy(sender.user()));
  }

  private Optional<Answer> restore(Command.Restore restore, Sender sender) throws IOException {
    NodeName to = restore.to().node();
    if (roster.lastSeen(to).isPresent()) { // of others it is told at once that there is no agent
      queues.make(to);
    }
    return publish(
        restore.key(),
        restore.which(),
        restore.replyTo(),
        "restore to " + restore.to() + " of version",
        (serial, replyTo) ->
            new QueryJob(
                    restore.key(),
                    serial,
                    QueryJob.What.ARCHIVE,
                    restore.entries(),
                    QueryJob.Packing.AS_STORED,
                    restore.to(),
                    replyTo)
                .askedBy(sender.user()));
  }

  private Answer drill(Command.Drill drill) throws IOException {
    Optional<Serial> version = version(drill.key(), null);
    if (version.isEmpty()) {
      return notFound(drill.key(), noVersion(drill.key(), null));
    }
    drills.look(drill.key(), AlarmDesk::leaveOut);
    DrillPolicy policy =
        book.find(drill.key())
            .map(drills::policy)
            .orElse(DrillPolicy.of(null, scheduler.settings().drills()));
    DrillPolicy wanted =
        drill.all() ? new DrillPolicy(policy.everySeconds(), DrillPolicy.ALL) : policy;
    QueryJob job = drills.order(drill.key(), version.get(), wanted, true, now());
    context.jobs().publish(job);
    drills.published(job, now());
    String what = "ordered a drill of version " + version.get() + " of " + drill.key();
    context.activity().tell(drill.node(), drill.path(), what);
    return new Answer.DrillOrdered(job.replyTo(), version.get(), what);
  }

  /** Makes the work about a version, once it is known which. */
  private interface About {
    QueryJob version(Serial serial, ReplyId replyTo);
  }

  private Optional<Answer> publish(
      RegistrationKey key,
      @Nullable VersionChoice which,
      @Nullable ReplyId replyTo,
      String what,
      About about)
      throws IOException {
    if (replyTo == null) {
      return Optional.of(
          new Answer.Refused(
              Answer.Refused.Reason.BAD_REQUEST,
              "a query must say where to send the version",
              null));
    }
    Optional<Serial> version = version(key, which);
    if (version.isEmpty()) {
      return Optional.of(notFound(key, noVersion(key, which)));
    }
    try (Tracing.Step step =
        context.platform().tracing().begin("publish query").with("resguardo.node", key.node())) {
      step.with("resguardo.path", key.path()).with("resguardo.version", version.get());
      context.jobs().publish(about.version(version.get(), replyTo));
    }
    context.activity().tell(key.node(), key.path(), what + " " + version.get() + " published");
    return Optional.empty();
  }

  private Optional<Serial> version(RegistrationKey key, @Nullable VersionChoice which)
      throws IOException {
    if (which instanceof VersionChoice.Numbered numbered) {
      return versions.has(key, numbered.serial())
          ? Optional.of(numbered.serial())
          : Optional.empty();
    } else if (which instanceof VersionChoice.AsOf asOf) {
      return versions.asOf(key, asOf.time()).map(VersionHeader::serial);
    }
    return versions.latest(key, statuses.find(key).map(Status::lastVersion).orElse(null));
  }

  private String noVersion(RegistrationKey key, @Nullable VersionChoice which) {
    if (which instanceof VersionChoice.Numbered numbered) {
      return "there is no version " + numbered.serial() + " of " + key;
    } else if (which instanceof VersionChoice.AsOf asOf) {
      return "there is no version of " + key + " as of " + asOf.time();
    }
    return "there is no version of "
        + key
        + (book.active(key).isPresent()
            ? " yet: it is registered, and has not been backed up"
            : "");
  }

  private Answer notFound(RegistrationKey key, String why) {
    return lines.notFound(key, why);
  }

  private Answer history(Command.History history) throws IOException {
    List<StoredObject> manifests = new ArrayList<>(versions.manifests(history.key()));
    manifests.removeIf(
        manifest -> history.before() != null && !isBefore(manifest, history.before()));
    if (manifests.isEmpty() && history.before() == null) {
      return notFound(history.key(), "there is no version of " + history.key());
    }
    Collections.reverse(manifests);
    int most =
        Math.min(VERSIONS_A_PAGE, history.limit() == null ? VERSIONS_A_PAGE : history.limit());
    List<VersionHeader> page =
        headers.of(history.key(), manifests.subList(0, Math.min(manifests.size(), most)));
    List<Acceptance> accepted = new ArrayList<>();
    for (VersionHeader header : page) {
      if (header.alarm() != null) {
        alarms.acceptance(history.key(), header.serial()).ifPresent(accepted::add);
      }
    }
    drills.look(history.key(), AlarmDesk::leaveOut); // not those of all: this is asked for often
    return new Answer.Versions(
        page, manifests.size() > most, accepted, drills.of(history.key()).orElse(null));
  }

  private static boolean isBefore(StoredObject manifest, long serial) {
    return BucketLayout.serialOf(manifest.key()).orElseThrow().value() < serial;
  }

  private Instant now() {
    return context.clock().instant();
  }
}
