package resguardo.console;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.admin.AdminException;
import resguardo.admin.Desk;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command;

/**
 * How all registrations stand. Asking for ten thousand takes a while: so what is known is shown,
 * and asked for anew beside that. For any threads.
 */
final class Fleet implements AutoCloseable {
  /** What is younger is as good as new. */
  static final Duration FRESH = Duration.ofSeconds(3);

  /** What is older is not shown any more: the page waits for what is. */
  static final Duration OLDEST = Duration.ofSeconds(120);

  /** How often it is looked when nobody comes: so whoever does has not to wait. */
  private static final Duration IDLE = Duration.ofMinutes(1);

  private static final String DOING = "list registrations";
  private static final Logger LOG = LoggerFactory.getLogger(Fleet.class);

  private final Operator operator;
  private final Clock clock;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(Fleet::daemon);
  private final Object asking = new Object();
  private volatile @Nullable View known;
  private volatile boolean asked;
  private volatile Instant changed = Instant.MIN;

  /**
   * How all stands.
   *
   * @param taken when that was
   * @param lines in the order of their keys
   */
  record View(Instant taken, List<Answer.RegistrationLine> lines, Answer.Load load) {}

  Fleet(Operator operator, Clock clock) {
    this.operator = operator;
    this.clock = clock;
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "fleet");
    thread.setDaemon(true);
    return thread;
  }

  /**
   * What is known, as it was not long ago.
   *
   * @throws AdminException when nothing is, and the coordinator does not answer
   */
  View view() throws AdminException, InterruptedException {
    View seen = known;
    Instant now = clock.instant();
    if (seen == null
        || seen.taken().isBefore(changed)
        || seen.taken().plus(OLDEST).isBefore(now)
        || seen.taken().isAfter(now)) {
      return look(changed);
    }
    if (seen.taken().plus(FRESH).isBefore(now)) {
      lookBeside();
    }
    return seen;
  }

  /** Something was changed: what was known before is not shown any more. */
  void changed() {
    changed = clock.instant();
  }

  /** Looks now, and every minute from then on. */
  @SuppressWarnings("FutureReturnValueIgnored") // what it meets is logged
  void stayAwake() {
    thread.scheduleWithFixedDelay(this::lookBeside, 0, IDLE.toMillis(), TimeUnit.MILLISECONDS);
  }

  @SuppressWarnings("FutureReturnValueIgnored") // what it meets is logged
  private void lookBeside() {
    if (asked) {
      return;
    }
    asked = true;
    thread.submit(
        () -> {
          try {
            look(clock.instant());
          } catch (AdminException e) {
            LOG.warn("{}", e.getMessage());
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } finally {
            asked = false;
          }
        });
  }

  /** Of several that look at once one asks, for all. */
  private View look(Instant since) throws AdminException, InterruptedException {
    synchronized (asking) {
      View seen = known;
      if (seen != null
          && !seen.taken().isBefore(since)
          && seen.taken().plus(FRESH).isAfter(clock.instant())) {
        return seen;
      }
      Instant begun = clock.instant();
      Desk desk = operator.desk(Operator.ITSELF);
      Answer.Load load = desk.ask(Command.Load::new, Answer.Load.class, "ask for what is running");
      View fresh = new View(begun, desk.registrations(DOING), load);
      known = fresh;
      return fresh;
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
