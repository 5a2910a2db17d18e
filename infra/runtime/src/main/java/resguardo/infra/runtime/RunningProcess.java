package resguardo.infra.runtime;

import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.Peer;
import resguardo.core.Role;
import resguardo.core.port.ActivityChannel;
import resguardo.core.port.ControlChannel;
import resguardo.core.port.EventChannel;
import resguardo.core.port.Platform;
import resguardo.core.port.Tracing;
import resguardo.core.protocol.Control;

/**
 * The life of a process: it says that it lives, takes the word to shut down (from the coordinator,
 * or by SIGTERM), and ends what it is made of in the reverse order in which it was added.
 */
public final class RunningProcess {
  /**
   * How long SIGTERM waits for the end in order; a service manager sends SIGKILL after 90 seconds
   * at the earliest.
   */
  private static final Duration ORDERLY_END = Duration.ofSeconds(60);

  private static final Logger LOG = LoggerFactory.getLogger(RunningProcess.class);

  private final Peer self;
  private final Platform platform;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final PrometheusMeterRegistry metrics =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  private final Readiness readiness = new Readiness();
  private final List<String> concerns = new CopyOnWriteArrayList<>();

  /** A process that is not told anything yet. */
  public RunningProcess(Peer self, Platform platform) {
    this.self = self;
    this.platform = platform;
    metrics.config().commonTags("role", self.role().word(), "instance", self.instance());
    new JvmMemoryMetrics().bindTo(metrics);
  }

  /**
   * A process on this machine that tells how long its steps take, if its settings say to whom.
   *
   * @throws IllegalArgumentException when they say something that cannot be
   */
  public static RunningProcess of(Peer self, Environment environment) {
    Tracing tracing = Telemetry.of(environment, self);
    RunningProcess process = new RunningProcess(self, Platform.ofJvm(tracing));
    process.add(tracing); // the last to end, when all steps have
    return process;
  }

  /** Who this is. */
  public Peer self() {
    return self;
  }

  /** The time of this process. */
  public Clock clock() {
    return platform.clock();
  }

  /** What it has of the machine that it runs on. */
  public Platform platform() {
    return platform;
  }

  /** Where its parts count what they do. */
  public PrometheusMeterRegistry metrics() {
    return metrics;
  }

  /** Adds a part, to be closed at the end, before those that were added earlier. */
  public <T extends AutoCloseable> T add(T part) {
    parts.push(part);
    return part;
  }

  /** What it needs to do its job is to be added here. */
  public Readiness readiness() {
    return readiness;
  }

  /**
   * Something is wrong with how it is set up, in one sentence: it is told with each sign of life.
   */
  public void concerns(String what) {
    LOG.warn("{}", what);
    concerns.add(what);
  }

  /** Says that it lives, from now on until its end. */
  public void tellOfLife(EventChannel events) {
    tellOfLife(events, Optional::empty);
  }

  /**
   * The same, with what may be wrong for a while.
   *
   * @param also asked each time; one sentence, or nothing
   */
  public void tellOfLife(EventChannel events, Supplier<Optional<String>> also) {
    add(
        new Heartbeat(
            self,
            platform,
            events,
            () -> Stream.concat(concerns.stream(), also.get().stream()).toList()));
  }

  /** Takes its activity lines. */
  public ActivityLog activity(ActivityChannel channel) {
    return add(new ActivityLog(self, platform, channel));
  }

  /** Answers about its health. */
  public HealthServer answerHealth(InetAddress address, int port) throws IOException {
    HealthServer server = add(new HealthServer(address, port, readiness, metrics));
    LOG.info("health at http://{}:{}/healthz", address.getHostAddress(), server.port());
    return server;
  }

  /** Stops when the coordinator tells all to. */
  public void obey(ControlChannel control) {
    add(control.subscribe(this::take));
  }

  private void take(Control message) {
    if (message.by().equals(self)) {
      return; // whoever tells the others ends last
    }
    if (message.by().role() != Role.COORDINATOR) {
      LOG.warn("{} may not tell anyone to stop", message.by());
    } else if (message instanceof Control.Shutdown shutdown
        && clock().instant().isBefore(shutdown.deadline())) {
      stop();
    }
  }

  /** It is to end; repeated calls change nothing. */
  public void stop() {
    stop.countDown();
  }

  /** Whether it is to end. */
  public boolean stopping() {
    return stop.getCount() == 0;
  }

  /** Waits for the word to end (or for SIGTERM), then closes all parts. */
  public void runUntilStopped() throws InterruptedException {
    Thread hook = new Thread(this::stopAndWait, "sigterm");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      stop.await();
    } finally {
      end();
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException signalled) {
        LOG.debug("ended by a signal");
      }
    }
  }

  /**
   * A process within another: it waits on a thread of its own for the word to end, and ends its
   * parts then.
   *
   * @return closing it gives the word, and waits until it has ended
   */
  public AutoCloseable onThread() {
    Thread thread = new Thread(this::awaitStop, self.toString());
    thread.start();
    return () -> {
      stop();
      thread.join();
    };
  }

  private void awaitStop() {
    try {
      stop.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    end();
  }

  private void stopAndWait() {
    stop();
    try {
      if (!ended.await(ORDERLY_END.toSeconds(), TimeUnit.SECONDS)) {
        LOG.warn("could not end in order within {} s", ORDERLY_END.toSeconds());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Closes all parts, the newest first. */
  public void end() {
    while (!parts.isEmpty()) {
      AutoCloseable part = parts.pop();
      try {
        part.close();
      } catch (Exception e) {
        LOG.warn("{} did not end in order", part.getClass().getSimpleName(), e);
      }
    }
    ended.countDown();
  }
}
