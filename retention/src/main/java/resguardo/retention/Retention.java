package resguardo.retention;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.DamagedException;
import resguardo.core.catalog.ExpiryRound;
import resguardo.core.catalog.Mirror;
import resguardo.core.catalog.Registry;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.Content;
import resguardo.core.port.StoreException;
import resguardo.core.protocol.Json;

/**
 * Looks at all registrations again and again, and expires what their policies do not keep. It knows
 * nothing that is not in the bucket, so it can die at any time, and any number may run: what is
 * done twice does no harm.
 */
public final class Retention implements AutoCloseable {
  private static final Duration FINISH = Duration.ofSeconds(45);
  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

  private final RetentionContext context;
  private final Tally tally;
  private final Expiries expiries;
  private final VersionCatalog versions;
  private final Mirror<Registration> mirror;
  private final Map<RegistrationKey, Registration> registrations = new TreeMap<>();
  private final Map<RegistrationKey, Settled> settled = new HashMap<>();
  private final ScheduledExecutorService timer;
  private volatile boolean stopping;

  /** A registration at which nothing was to be done, and nothing is before this changes. */
  private record Settled(long generation, Serial newest) {}

  /** Begins with a look at once. */
  @SuppressWarnings("FutureReturnValueIgnored") // the work catches what it can meet
  public Retention(RetentionContext context) {
    this.context = context;
    this.tally = new Tally(context.metrics());
    this.expiries = new Expiries(context);
    this.versions = new VersionCatalog(context.store());
    this.mirror = new Registry(context.store()).mirror(context.platform());
    this.timer = context.platform().timer("retention", 1);
    timer.scheduleWithFixedDelay(
        this::look, 0, context.interval().toMillis(), TimeUnit.MILLISECONDS);
  }

  private void look() {
    try {
      round();
    } catch (IOException e) {
      LOG.warn("the rest is looked at the next time: {}", e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("a look went wrong, and there is another", e);
    }
  }

  /**
   * One look at all.
   *
   * @throws IOException when the bucket could not be used; what was done is done
   */
  private void round() throws IOException {
    Instant now = begun();
    mirror.refresh(
        read -> registrations.put(read.value().key(), read.value()),
        damaged -> LOG.error("left out: {}", damaged.getMessage()));
    try (Hands hands = new Hands(context.platform())) {
      for (Registration registration : registrations.values()) {
        if (stopping) {
          return;
        }
        look(registration, hands, now);
      }
    }
    tally.roundEnded(context.platform().clock().instant());
    context.store().put(BucketLayout.EXPIRY_ROUND, record(now, true));
  }

  /**
   * Says in the bucket that a look begins, and by that learns the time of the store: no other clock
   * is compared with the times of what lies there.
   */
  private Instant begun() throws StoreException {
    Instant own = context.platform().clock().instant();
    return context.store().put(BucketLayout.EXPIRY_ROUND, record(own, false)).modified();
  }

  private Content record(Instant began, boolean whole) {
    return Content.of(
        Json.write(
            new ExpiryRound(
                ExpiryRound.VERSION,
                context.self(),
                began,
                whole ? context.platform().clock().instant() : null)));
  }

  private void look(Registration registration, Hands hands, Instant now) throws IOException {
    RegistrationKey key = registration.key();
    Settled last = settled.get(key);
    if (last != null
        && last.generation() == registration.generation()
        && versions.latest(key, last.newest()).filter(last.newest()::equals).isPresent()) {
      return;
    }
    settled.remove(key);
    long expired = tally.versions();
    long freed = tally.bytes();
    RegistrationRound round =
        new RegistrationRound(context, tally, expiries, hands, registration, now, () -> stopping);
    try {
      round.run();
      Serial newest = round.newest();
      if (newest != null && round.isSettled()) {
        settled.put(key, new Settled(registration.generation(), newest));
      }
    } catch (DamagedException damaged) {
      tally.failed();
      context
          .activity()
          .tell(key.node(), key.path(), "nothing is expired here: " + damaged.getMessage());
    } finally {
      tell(key, tally.versions() - expired, tally.bytes() - freed);
    }
  }

  private void tell(RegistrationKey key, long expired, long freed) {
    if (expired > 0 || freed > 0) {
      String what =
          String.format(Locale.ROOT, "expired %d versions, freed %d bytes", expired, freed);
      context.activity().tell(key.node(), key.path(), what);
    }
  }

  /** Leaves off, after what is under way with single versions. */
  @Override
  public void close() {
    stopping = true;
    timer.shutdown();
    try {
      if (!timer.awaitTermination(FINISH.toSeconds(), TimeUnit.SECONDS)) {
        timer.shutdownNow();
      }
    } catch (InterruptedException e) {
      timer.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
