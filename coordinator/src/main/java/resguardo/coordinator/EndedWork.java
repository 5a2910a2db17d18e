package resguardo.coordinator;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.RegistrationKey;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.DamagedException;
import resguardo.core.catalog.Proof;
import resguardo.core.catalog.ProofBook;
import resguardo.core.catalog.Status;
import resguardo.core.catalog.StatusBook;
import resguardo.core.port.ObjectKey;

/**
 * Jobs and drills of which a worker says that they ended. What it says of how is not taken in:
 * whoever has the password of a worker at the broker could say anything. It is the reason to read
 * the one object of the bucket where it stands, which the worker has written before.
 *
 * <p>That is done beside all else, as a store may take its time. An object is read once at a time,
 * however often it is told of, so a flood of words costs neither memory nor others their turn. For
 * several threads.
 */
final class EndedWork implements AutoCloseable {
  /** Takes what stands in the bucket; called on threads of its own. */
  interface Taker {
    /** Whether there is, or was, such a registration. */
    boolean knows(RegistrationKey key);

    /** How the last attempt ended. */
    void ended(RegistrationKey key, Status status);

    /** What drills have shown. */
    void shown(RegistrationKey key, Proof proof);
  }

  private static final int AT_ONCE = 4;

  /** So many registrations may be told of that are not known yet; more are made up. */
  private static final int STRANGERS = 1000;

  /** A store that is away is asked again after so many seconds. */
  private static final long AGAIN = 5;

  private static final Logger LOG = LoggerFactory.getLogger(EndedWork.class);

  private final StatusBook statuses;
  private final ProofBook proofs;
  private final Taker taker;
  private final Lock lock;

  /** What is being read, or waits for it; and whether it was told of again since it is read. */
  private final Map<ObjectKey, Boolean> looks = new HashMap<>();

  private final ScheduledExecutorService threads;

  /** Reads an object and hands it on. */
  private interface Reading {
    void run() throws IOException;
  }

  EndedWork(CoordinatorContext context, Taker taker) {
    this.statuses = new StatusBook(context.store());
    this.proofs = new ProofBook(context.store());
    this.taker = taker;
    this.lock = context.platform().newLock();
    this.threads = context.platform().timer("coordinator-ended", AT_ONCE);
  }

  /** A job of this registration ended. */
  void job(RegistrationKey key) {
    look(
        key,
        BucketLayout.status(key),
        () -> statuses.find(key).ifPresent(status -> taker.ended(key, status)));
  }

  /** A drill of this registration ended. */
  void drill(RegistrationKey key) {
    look(
        key,
        BucketLayout.proof(key),
        () -> proofs.find(key).ifPresent(proof -> taker.shown(key, proof)));
  }

  private void look(RegistrationKey key, ObjectKey object, Reading reading) {
    boolean known = taker.knows(key);
    lock.lock();
    try {
      if (looks.containsKey(object)) {
        looks.put(object, true);
      } else if ((known || looks.size() < STRANGERS) && !threads.isShutdown()) {
        looks.put(object, false);
        threads.execute(() -> read(object, reading));
      } // else: if it was true, the silence of its job tells it too
    } finally {
      lock.unlock();
    }
  }

  private void read(ObjectKey object, Reading reading) {
    lock.lock();
    try {
      looks.put(object, false); // what is told of from here on is another look
    } finally {
      lock.unlock();
    }
    boolean away = false;
    try {
      reading.run();
    } catch (DamagedException damaged) {
      LOG.error("left out: {}", damaged.getMessage());
    } catch (IOException e) {
      LOG.warn("{} is read again later: {}", object, e.getMessage());
      away = true;
    } catch (RuntimeException e) {
      LOG.error("{} could not be taken in", object, e);
    }
    again(object, reading, away);
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the work catches what it can meet
  private void again(ObjectKey object, Reading reading, boolean away) {
    lock.lock();
    try {
      if (threads.isShutdown()) {
        return;
      } else if (away) {
        threads.schedule(() -> read(object, reading), AGAIN, TimeUnit.SECONDS);
      } else if (Boolean.TRUE.equals(looks.get(object))) {
        threads.execute(() -> read(object, reading));
      } else {
        looks.remove(object);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      threads.shutdownNow();
    } finally {
      lock.unlock();
    }
  }
}
