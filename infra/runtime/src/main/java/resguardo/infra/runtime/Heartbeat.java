package resguardo.infra.runtime;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.Peer;
import resguardo.core.port.BrokerException;
import resguardo.core.port.EventChannel;
import resguardo.core.port.Platform;
import resguardo.core.protocol.Event;

/**
 * Says that a process lives, at its start and every 5 seconds, and when it is closed that it ends
 * in order.
 */
public final class Heartbeat implements AutoCloseable {
  /** How often; a coordinator takes a process that has been silent for three of these as gone. */
  public static final Duration EVERY = Duration.ofSeconds(5);

  private static final String PROGRAM = ProgramVersion.text();
  private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);

  private final Peer by;
  private final Clock clock;
  private final Instant since;
  private final EventChannel events;
  private final Supplier<List<String>> concerns;
  private final ScheduledExecutorService timer;

  /** Begins at once. */
  @SuppressWarnings("FutureReturnValueIgnored") // the work catches what it can meet
  public Heartbeat(Peer by, Platform platform, EventChannel events) {
    this(by, platform, events, List::of, EVERY);
  }

  /**
   * One that also says what is wrong with how the process is set up.
   *
   * @param concerns asked each time
   */
  @SuppressWarnings("FutureReturnValueIgnored") // likewise
  public Heartbeat(
      Peer by, Platform platform, EventChannel events, Supplier<List<String>> concerns) {
    this(by, platform, events, concerns, EVERY);
  }

  @SuppressWarnings("FutureReturnValueIgnored") // likewise
  Heartbeat(
      Peer by,
      Platform platform,
      EventChannel events,
      Supplier<List<String>> concerns,
      Duration every) {
    this.concerns = concerns;
    this.by = by;
    this.clock = platform.clock();
    this.timer = platform.timer("heartbeat", 1);
    this.since = clock.instant();
    this.events = events;
    timer.scheduleWithFixedDelay(() -> say(alive()), 0, every.toMillis(), TimeUnit.MILLISECONDS);
  }

  private Event alive() {
    return new Event.ProcessAlive(clock.instant(), by, since, PROGRAM, concerns.get());
  }

  private void say(Event event) {
    try {
      events.publish(event);
    } catch (BrokerException e) {
      LOG.debug("not told: {}", event, e); // the next one is
    } catch (RuntimeException e) {
      // Whatever it is: a timer that lets it pass beats no more, and the process is taken for gone.
      LOG.error("not told: {}", event, e);
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
    say(new Event.ProcessStopped(clock.instant(), by));
  }
}
