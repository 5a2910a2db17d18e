package resguardo.coordinator;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.FetchJob;
import resguardo.core.Registration;
import resguardo.core.ReplyId;
import resguardo.core.catalog.Registry;
import resguardo.core.catalog.RestoreGuide;
import resguardo.core.catalog.Status;
import resguardo.core.catalog.StatusBook;
import resguardo.core.port.BrokerException;
import resguardo.core.port.CommandChannel;
import resguardo.core.port.Delivery;
import resguardo.core.port.Reply;
import resguardo.core.port.StoreException;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command;
import resguardo.core.protocol.Event;

/**
 * Rebuilds itself from the bucket, then: commands in (see {@link CommandDesk}), due jobs out (see
 * {@link Scheduler}), and what happened recorded. One lock, because everything here is quick but
 * for the bucket.
 */
public final class Coordinator implements AutoCloseable {
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration SWEEP = Duration.ofMinutes(10);
  private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);
  private static final Logger LOG = LoggerFactory.getLogger(Coordinator.class);

  private final CoordinatorContext context;
  private final Runnable onStop;
  private final Roster roster = new Roster();
  private final Scheduler scheduler = new Scheduler(roster);
  private final RegistrationBook book;
  private final CommandDesk desk;
  private final StagingSweep staging;
  private final ScheduledExecutorService timer =
      Executors.newScheduledThreadPool(2, Coordinator::daemon);
  private final Deque<Subscription> subscriptions = new ArrayDeque<>();
  private volatile boolean stopping;

  /**
   * @param onStop called when an operator has shut everything down, at the end of it
   */
  public Coordinator(CoordinatorContext context, Runnable onStop) {
    this.context = context;
    this.onStop = onStop;
    this.book = new RegistrationBook(new Registry(context.store()));
    this.desk = new CommandDesk(context, book, scheduler, roster);
    this.staging = new StagingSweep(context.store());
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "coordinator");
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Reads the bucket, waiting for the store as long as it takes, and then begins to work.
   *
   * @throws StoreException.Denied when the store refuses: waiting would not help
   */
  @SuppressWarnings("FutureReturnValueIgnored") // the work catches what it can meet
  public void start() throws StoreException.Denied, InterruptedException {
    rebuild();
    subscriptions.push(context.events().subscribe(this::note));
    subscriptions.push(context.commands().consume(this::command, this::malformed));
    timer.scheduleAtFixedRate(
        guarded("tick", this::tick), 0, TICK.toMillis(), TimeUnit.MILLISECONDS);
    timer.scheduleWithFixedDelay(
        guarded("sweep", this::sweep), SWEEP.toMillis(), SWEEP.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void rebuild() throws StoreException.Denied, InterruptedException {
    Duration wait = FIRST_WAIT;
    while (true) {
      try {
        context.store().prepare();
        RestoreGuide.leave(context.store());
        load();
        return;
      } catch (StoreException.Denied refused) {
        throw refused;
      } catch (IOException e) {
        LOG.warn("waiting for the store: {}", e.getMessage());
        Thread.sleep(wait.toMillis());
        wait =
            wait.multipliedBy(2).compareTo(LONGEST_WAIT) < 0 ? wait.multipliedBy(2) : LONGEST_WAIT;
      }
    }
  }

  private synchronized void load() throws IOException {
    StatusBook statuses = new StatusBook(context.store());
    book.load(damaged -> LOG.error("left out: {}", damaged.getMessage()));
    List<Registration> all = book.all();
    for (Registration registration : all) {
      scheduler.put(registration);
      Optional<Status> status = statuses.find(registration.key());
      status.ifPresent(known -> scheduler.done(registration.key(), known.lastSlot()));
    }
    context
        .activity()
        .tell(
            "rebuilt from the bucket: "
                + all.stream().filter(Registration::active).count()
                + " registrations");
  }

  private static Runnable guarded(String what, Runnable work) {
    return () -> {
      try {
        work.run();
      } catch (RuntimeException e) {
        LOG.error("the {} went wrong and goes on at the next turn", what, e);
      }
    };
  }

  private void tick() {
    if (stopping) {
      return;
    }
    synchronized (this) {
      Deque<Scheduler.ToPublish> due = new ArrayDeque<>(scheduler.tick(now()));
      while (!due.isEmpty()) {
        Scheduler.ToPublish next = due.peek();
        try {
          publish(next);
          due.remove();
        } catch (BrokerException e) {
          LOG.warn("{} jobs could not be published now: {}", due.size(), e.getMessage());
          due.forEach(job -> scheduler.notPublished(job.job()));
          return;
        }
      }
    }
  }

  private void publish(Scheduler.ToPublish due) throws BrokerException {
    FetchJob job = due.job();
    if (due.silent() && context.jobs().waitingFetches() > 0) {
      return; // the queue is long, and the job is in it: it counts as heard of from now on
    }
    context.jobs().publish(job);
    context
        .activity()
        .tell(job, "published the job for " + job.slot() + " (attempt " + job.attempt() + ")");
    tell(new Event.JobPublished(now(), context.self(), job));
    if (due.missed() > 0) {
      String why = "the last job was still open, or nobody was there to run them";
      context.activity().tell(job, due.missed() + " slots before it were missed");
      tell(
          new Event.SlotsMissed(
              now(), context.self(), job.registration(), List.of(), due.missed(), why));
    }
  }

  private void tell(Event event) {
    try {
      context.events().publish(event);
    } catch (BrokerException e) {
      LOG.debug("not told: {}", event, e); // events are hints
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the work catches what it can meet
  private void note(Event event) {
    roster.note(event, now());
    synchronized (this) {
      scheduler.note(event, now());
    }
    if (event instanceof Event.JobEnded ended
        && ended.status().lastOutcome() == Status.Outcome.COMMITTED) {
      timer.execute(guarded("sweep", () -> sweepJob(ended.job())));
    } else if (event instanceof Event.JobSliced) {
      timer.execute(guarded("tick", this::tick)); // at once, not at the next second
    }
  }

  private void sweepJob(FetchJob job) {
    try {
      staging.sweep(job, now());
    } catch (IOException e) {
      LOG.debug("looked at again later: {}", job.id(), e);
    }
  }

  private void sweep() {
    try {
      staging.sweepAll(now());
    } catch (IOException e) {
      LOG.warn("unfinished work is looked at again later: {}", e.getMessage());
    }
  }

  private void command(Delivery<Command> delivery) {
    Command command = delivery.message();
    if (command instanceof Command.Shutdown) {
      shutdown(delivery);
      return;
    }
    try {
      Optional<Answer> answer;
      synchronized (this) {
        answer = desk.carryOut(command);
      }
      if (answer.isPresent() && !answered(command.replyTo(), answer.get())) {
        delivery.handBack();
        return;
      }
      answer
          .filter(Answer.Refused.class::isInstance)
          .ifPresent(
              refused ->
                  context
                      .activity()
                      .tell("refused " + command.word() + ": " + ((Answer.Refused) refused).why()));
    } catch (IOException e) {
      LOG.warn("a command could not be carried out: {}", e.getMessage());
      if (command.replyTo() == null) {
        delivery.handBack(); // nobody waits who could try again: it is kept until it can be done
        return;
      }
      Answer why =
          new Answer.Refused(Answer.Refused.Reason.FAILED, String.valueOf(e.getMessage()), null);
      if (!answered(command.replyTo(), why)) {
        delivery.handBack();
        return;
      }
    }
    delivery.ack();
  }

  private void malformed(CommandChannel.Malformed malformed) {
    context.activity().tell("refused what is no command: " + malformed.reason());
    answered(
        malformed.replyTo(),
        new Answer.Refused(Answer.Refused.Reason.BAD_REQUEST, malformed.reason(), null));
  }

  /**
   * Answers whoever asked, if somebody did and is still there.
   *
   * @return false when the broker cannot be reached: then somebody still waits. The command is to
   *     be handed back, as a repeat of any does no harm; after the broker was away, commands may
   *     come again before anything can be sent
   */
  private boolean answered(@Nullable ReplyId replyTo, Answer answer) {
    if (replyTo == null) {
      return true;
    }
    try {
      context.replies().send(replyTo, new Reply.Said(answer));
      return true;
    } catch (BrokerException.Unavailable e) {
      LOG.debug("not answered yet", e);
      return false;
    } catch (BrokerException e) {
      LOG.debug("whoever asked is gone", e);
      return true;
    }
  }

  private void shutdown(Delivery<Command> delivery) {
    stopping = true;
    context.activity().tell("shutting down");
    try {
      String done = new Shutdown(context, roster).run();
      context.activity().tell(done);
      answered(delivery.message().replyTo(), new Answer.Done(done));
      delivery.ack();
      onStop.run();
    } catch (BrokerException e) {
      stopping = false;
      LOG.warn("could not shut down: {}", e.getMessage());
      delivery.handBack();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Instant now() {
    return context.clock().instant();
  }

  @Override
  public void close() {
    stopping = true;
    timer.shutdownNow();
    subscriptions.forEach(Subscription::close);
  }
}
