package resguardo.coordinator;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.core.DrillPolicy;
import resguardo.core.FetchJob;
import resguardo.core.NodeName;
import resguardo.core.Pause;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.Role;
import resguardo.core.RunOrder;
import resguardo.core.SourcePath;
import resguardo.core.catalog.FleetSettings;
import resguardo.core.catalog.SettingsBook;
import resguardo.core.port.BrokerException;
import resguardo.core.port.DeadLetter;
import resguardo.core.port.Sender;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command;
import resguardo.core.protocol.Event;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.MalformedMessageException;

/**
 * Carries out what operators ask about when things are run: now, not for a while, not all at once;
 * and tells what is waiting and why. Not for several threads.
 */
final class FleetDesk {
  /** A line is a few hundred bytes; more than these nobody reads. */
  private static final int OPEN_SHOWN = 500;

  private static final int DEAD_SHOWN = 100;

  /** For how many seconds the run in place of a dead job waits for its agent: a day. */
  private static final long RETRIED = 86_400;

  private final CoordinatorContext context;
  private final RegistrationBook book;
  private final Scheduler scheduler;
  private final Roster roster;
  private final RegistrationLines lines;
  private final Drills drills;
  private final SettingsBook settings;

  FleetDesk(
      CoordinatorContext context,
      RegistrationBook book,
      Scheduler scheduler,
      Roster roster,
      RegistrationLines lines,
      Drills drills) {
    this.context = context;
    this.book = book;
    this.scheduler = scheduler;
    this.roster = roster;
    this.lines = lines;
    this.drills = drills;
    this.settings = new SettingsBook(context.store());
  }

  /**
   * Carries a command out.
   *
   * @return empty when it is none of this desk's
   * @throws IOException when the bucket or the broker could not be used: another try may do
   */
  Optional<Answer> carryOut(Command command, Sender sender) throws IOException {
    if (command instanceof Command.RunNow run) {
      return Optional.of(runNow(run));
    } else if (command instanceof Command.Pause pause) {
      return Optional.of(pause(pause, sender));
    } else if (command instanceof Command.Resume resume) {
      return Optional.of(resume(resume));
    } else if (command instanceof Command.Limit limit) {
      return Optional.of(limit(limit));
    } else if (command instanceof Command.SetDrills set) {
      return Optional.of(setDrills(set));
    } else if (command instanceof Command.ShowSettings) {
      return Optional.of(new Answer.Settings(settings.find().current(now())));
    } else if (command instanceof Command.Explain explain) {
      return Optional.of(explain(explain));
    } else if (command instanceof Command.ListNodes nodes) {
      return Optional.of(lines.nodes(nodes.after(), now()));
    } else if (command instanceof Command.DeadLetters) {
      return Optional.of(
          new Answer.Dead(context.dead().list(DEAD_SHOWN), context.jobs().deadLetters()));
    } else if (command instanceof Command.SettleDead settle) {
      return Optional.of(settle(settle));
    } else if (command instanceof Command.Load) {
      return Optional.of(load());
    }
    return Optional.empty();
  }

  private Answer runNow(Command.RunNow run) throws IOException {
    RegistrationKey key = run.key();
    Optional<Registration> active = book.active(key);
    if (active.isEmpty()) {
      return lines.notFound(key, "nothing is registered at " + key);
    }
    Optional<Answer.OpenJob> open = scheduler.openJob(key);
    if (open.isPresent()) {
      Instant since = open.get().published();
      return new Answer.Ordered(
          open.get().job().slot(), since, "a job of " + key + " is open since " + since);
    }
    Optional<Pause> pause = scheduler.settings().pauseOf(key, now());
    if (pause.isPresent()) {
      return new Answer.Refused(
          Answer.Refused.Reason.FAILED,
          pause.get().scope() + " is paused since " + pause.get().since(),
          "admin resume ends the pause.");
    }
    RunOrder order = order(key, run.waitSeconds());
    Optional<Registration> ordered = book.order(key, order);
    if (ordered.isEmpty()) {
      return lines.notFound(key, "nothing is registered at " + key);
    }
    taken(ordered.get());
    boolean there = roster.alive(key.node(), now());
    String what =
        "ordered a run of "
            + key
            + (there ? "" : "; its agent is not there: it waits for it until " + order.until());
    context.activity().tell(run.node(), run.path(), what);
    return new Answer.Ordered(order.slot(), null, what);
  }

  private RunOrder order(RegistrationKey key, long waitSeconds) {
    Instant done = scheduler.lastDone(key).orElse(Instant.EPOCH);
    Instant now = now().truncatedTo(ChronoUnit.SECONDS);
    Instant slot = now.isAfter(done) ? now : done.plusSeconds(1);
    return new RunOrder(slot, slot.plusSeconds(waitSeconds));
  }

  private void taken(Registration registration) {
    scheduler.put(registration);
    tell(new Event.RegistrationChanged(now(), context.self(), registration));
  }

  private void tell(@Nullable NodeName node, @Nullable SourcePath path, String what) {
    if (node == null) {
      context.activity().tell(what);
    } else {
      context.activity().tell(node, path, what);
    }
  }

  private void tell(Event event) {
    try {
      context.events().publish(event);
    } catch (BrokerException e) {
      // events are hints
    }
  }

  private Answer pause(Command.Pause pause, Sender sender) throws IOException {
    if (pause.until() != null && !pause.until().isAfter(now())) {
      return new Answer.Refused(
          Answer.Refused.Reason.BAD_REQUEST,
          "a pause until " + pause.until() + " is over already",
          null);
    }
    Optional<Answer> nothing = nothingThere(pause.node(), pause.path());
    if (nothing.isPresent()) {
      return nothing.get();
    }
    Pause wanted;
    try {
      wanted = new Pause(pause.node(), pause.path(), now(), pause.until(), pause.why(), sender);
      set(settings.change(old -> old.with(wanted, now())));
    } catch (IllegalArgumentException e) {
      return new Answer.Refused(
          Answer.Refused.Reason.BAD_REQUEST, String.valueOf(e.getMessage()), null);
    }
    String what =
        "paused "
            + wanted.scope()
            + (wanted.until() == null ? ", until it is resumed" : ", until " + wanted.until())
            + "; what is under way goes on";
    tell(pause.node(), pause.path(), what);
    return new Answer.Done(what);
  }

  /** A pause of what is not there is a mistake that nobody would notice. */
  private Optional<Answer> nothingThere(@Nullable NodeName node, @Nullable SourcePath path) {
    if (node == null) {
      return Optional.empty();
    }
    boolean there =
        book.all().stream()
            .filter(Registration::active)
            .map(Registration::key)
            .anyMatch(key -> key.node().equals(node) && (path == null || key.path().equals(path)));
    return there ? Optional.empty() : Optional.of(lines.notFoundOf(node, path));
  }

  private Answer resume(Command.Resume resume) throws IOException {
    String scope =
        new Pause(resume.node(), resume.path(), now(), null, null, Sender.UNKNOWN).scope();
    FleetSettings before = settings.find();
    if (!before.pauses(resume.node(), resume.path(), now())) {
      set(before);
      List<String> others =
          before.allPauses().stream().filter(one -> !one.isOver(now())).map(Pause::scope).toList();
      return new Answer.Refused(
          Answer.Refused.Reason.NOT_FOUND,
          "there is no pause of " + scope,
          others.isEmpty() ? "There is none at all." : "Paused: " + String.join(", ", others));
    }
    set(settings.change(old -> old.without(resume.node(), resume.path(), now())));
    String what = "resumed " + scope;
    tell(resume.node(), resume.path(), what);
    return new Answer.Done(what);
  }

  private Answer limit(Command.Limit limit) throws IOException {
    FleetSettings now;
    try {
      now = settings.change(old -> old.limited(limit.label(), limit.maxParallel()));
      set(now);
    } catch (IllegalArgumentException e) {
      return new Answer.Refused(
          Answer.Refused.Reason.BAD_REQUEST, String.valueOf(e.getMessage()), null);
    }
    Integer most = now.limits().get(limit.label());
    String what =
        most == null
            ? "label " + limit.label() + " has no limit any more"
            : "of each " + limit.label() + " at most " + most + " are backed up at once";
    context.activity().tell(what);
    return new Answer.Done(what);
  }

  private Answer setDrills(Command.SetDrills wanted) throws IOException {
    set(settings.change(old -> old.drilled(wanted.policy())));
    String what = "drills are now made so: " + DrillPolicy.of(null, wanted.policy());
    context.activity().tell(what);
    return new Answer.Done(what);
  }

  private void set(FleetSettings now) {
    scheduler.put(now);
  }

  private Answer explain(Command.Explain explain) throws IOException {
    Optional<Registration> known = book.find(explain.key());
    if (known.isEmpty()) {
      return lines.notFound(explain.key(), "nothing is registered at " + explain.key());
    }
    Registration registration = known.get();
    Answer.RegistrationLine line = lines.line(registration, now());
    return new Answer.Explained(
        line,
        new Explanation(scheduler, roster, now()).of(registration, line.status()),
        registration.active()
            ? Forecast.upcoming(registration, scheduler.settings(), now(), explain.count())
            : List.of());
  }

  /**
   * The slot of a job that was given up has ended, so the same message again would find it done:
   * its registration is run once more in its place. What is no job of a registration that is there
   * goes back to its queue as it is.
   */
  private int retry(@Nullable String id) throws IOException {
    int count = 0;
    for (DeadLetter letter : context.dead().list(DEAD_SHOWN)) {
      if (id == null || id.equals(letter.id())) {
        Optional<RegistrationKey> of = registrationOf(letter);
        Optional<Registration> ordered =
            of.isPresent() ? book.order(of.get(), order(of.get(), RETRIED)) : Optional.empty();
        if (ordered.isPresent()) {
          taken(ordered.get());
          count += context.dead().settle(letter.id(), false);
        } else {
          count += context.dead().settle(letter.id(), true);
        }
      }
    }
    return count;
  }

  private static Optional<RegistrationKey> registrationOf(DeadLetter letter) {
    try {
      byte[] json = letter.text().getBytes(StandardCharsets.UTF_8);
      return Optional.of(Json.read(json, FetchJob.class, Json.MESSAGE_BYTES).registration());
    } catch (MalformedMessageException noJob) {
      return Optional.empty();
    }
  }

  private Answer settle(Command.SettleDead settle) throws IOException {
    int count = settle.retry() ? retry(settle.id()) : context.dead().settle(settle.id(), false);
    if (count == 0 && settle.id() != null) {
      return new Answer.Refused(
          Answer.Refused.Reason.NOT_FOUND,
          "there is no dead letter "
              + settle.id()
              + (settle.retry() ? " that can be sent again" : ""),
          "admin dead list shows what there is.");
    }
    String what = (settle.retry() ? "sent again: " : "thrown away: ") + count;
    context.activity().tell("dead letters " + what);
    return new Answer.Done(what);
  }

  /** How much is waiting and under way. */
  Answer.Load load() throws BrokerException {
    List<Answer.OpenJob> open = scheduler.openJobs();
    return new Answer.Load(
        now(),
        context.jobs().waitingFetches(),
        context.jobs().deadLetters(),
        roster.alive(Role.WORKER, now()),
        open.subList(0, Math.min(open.size(), OPEN_SHOWN)),
        open.size(),
        drills.open().orElse(null));
  }

  private Instant now() {
    return context.clock().instant();
  }
}
