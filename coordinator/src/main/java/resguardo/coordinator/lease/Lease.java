package resguardo.coordinator.lease;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.Peer;
import resguardo.core.Registration;
import resguardo.core.ReplyId;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.Platform;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;
import resguardo.core.port.TooLongException;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.MalformedMessageException;

/**
 * A coordinator's hold on {@code lease/coordinator.json}, or its wait for it. Nobody's clock is
 * compared with another's: whoever waits counts by itself how long the object has not changed, and
 * whoever holds it how long ago it began the last writing that succeeded.
 *
 * <p>A holder that has been overtaken cannot write: what it is about to write it {@link #announce
 * announces} here first, which fails when another has taken over. If it is overtaken between the
 * announcement and the writing, whoever took over has written it instead, and its own condition
 * fails (decision 22). For any threads.
 */
public final class Lease {
  /** How often a holder writes; at the usual price of a request that is a few dollars a year. */
  static final Duration RENEWED_AFTER = Duration.ofSeconds(2);

  /** How long it has to stay unchanged before another takes it: two writings that did not come. */
  static final Duration TAKEN_AFTER = Duration.ofSeconds(6);

  /** How long a holder trusts in its last writing: less than others wait, by a slow request. */
  static final Duration VALID_FOR = Duration.ofMillis(4500);

  private static final Logger LOG = LoggerFactory.getLogger(Lease.class);

  private final ArchiveStore store;
  private final Peer self;
  private final Platform platform;
  private final Lock lock;
  private final ReplyId token;
  private @Nullable Held held;
  private @Nullable Seen seen;
  private @Nullable Registration pending;

  /**
   * @param began when the writing of it began, in nanoseconds
   */
  private record Held(LeaseRecord record, String etag, long began) {}

  /**
   * @param record absent: it cannot be read
   * @param since when it was first seen as it is, in nanoseconds
   */
  private record Seen(@Nullable LeaseRecord record, String etag, long since) {}

  /** Does not hold it yet. */
  public Lease(ArchiveStore store, Peer self, Platform platform) {
    this.store = store;
    this.self = self;
    this.platform = platform;
    this.lock = platform.newLock();
    this.token = platform.newId();
  }

  /**
   * Keeps it, or takes it where nobody holds it. To be called every second.
   *
   * @return whether this process holds it
   * @throws IOException when the store could not be asked; whether it is held is as it was
   */
  public boolean keep() throws IOException {
    lock.lock();
    try {
      Held mine = held;
      if (mine == null) {
        look();
      } else if (platform.nanoTime() - mine.began() >= RENEWED_AFTER.toNanos()) {
        renew(mine);
      }
      return held != null;
    } finally {
      lock.unlock();
    }
  }

  /** Whether it is held for certain now: nobody else can have taken it yet. */
  public boolean isValid() {
    lock.lock();
    try {
      return held != null && platform.nanoTime() - held.began() < VALID_FOR.toNanos();
    } finally {
      lock.unlock();
    }
  }

  /** Whether it is held, as far as is known. */
  public boolean isHeld() {
    lock.lock();
    try {
      return held != null;
    } finally {
      lock.unlock();
    }
  }

  /** The epoch of this process; 0 while it is not held. It grows with each take-over. */
  public long epoch() {
    lock.lock();
    try {
      return held == null ? 0 : held.record().epoch();
    } finally {
      lock.unlock();
    }
  }

  /** In words for a person: who leads, since which epoch. */
  public String text() {
    lock.lock();
    try {
      LeaseRecord record = held != null ? held.record() : seen != null ? seen.record() : null;
      return record == null ? "nobody leads" : record.holder() + " leads, epoch " + record.epoch();
    } finally {
      lock.unlock();
    }
  }

  /**
   * What was announced and perhaps not written, by this process or the one that it took over from.
   */
  public Optional<Registration> pending() {
    lock.lock();
    try {
      return Optional.ofNullable(pending);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Says what is to be written next; to be called before it is.
   *
   * @throws NotLeadingException when another has taken over: nothing may be written
   * @throws IOException when the store could not be asked: nothing may be written either
   */
  public void announce(Registration registration) throws IOException {
    lock.lock();
    try {
      Held mine = held;
      pending = registration;
      try {
        if (mine != null) {
          renew(mine);
        }
      } catch (IOException e) {
        pending = null; // the next writing takes it back, should it be there
        throw e;
      }
      if (held == null) {
        pending = null;
        throw new NotLeadingException();
      }
    } finally {
      lock.unlock();
    }
  }

  /** What was announced is written, or is not going to be. */
  public void settled() {
    lock.lock();
    try {
      pending = null;
    } finally {
      lock.unlock();
    }
  }

  /** Gives it up: another need not wait. What goes wrong is of no consequence but for that wait. */
  public void release() {
    lock.lock();
    try {
      Held mine = held;
      held = null;
      if (mine == null) {
        return;
      }
      try {
        write(mine.record().ended(), mine.etag());
      } catch (StoreException e) {
        LOG.debug("another has to wait", e);
      }
    } finally {
      lock.unlock();
    }
  }

  private void look() throws IOException {
    long now = platform.nanoTime();
    Optional<StoredObject> there = store.head(BucketLayout.LEASE);
    if (there.isEmpty()) {
      take(first(), null);
      return;
    }
    String etag = there.get().etag();
    Seen before = seen;
    if (before == null || !before.etag().equals(etag)) {
      before = new Seen(read().orElse(null), etag, now);
      seen = before;
    }
    boolean released = before.record() != null && before.record().released();
    if (released || now - before.since() >= TAKEN_AFTER.toNanos()) {
      take(after(before.record()), etag);
    }
  }

  private LeaseRecord first() {
    return new LeaseRecord(self, token, 1, platform.clock().instant(), 0, false, null);
  }

  private LeaseRecord after(@Nullable LeaseRecord before) {
    // Of one that cannot be read the epoch is not known: this is more than any that was counted.
    long epoch = before == null ? platform.clock().millis() : before.epoch() + 1;
    Registration left = before == null ? null : before.pending();
    return new LeaseRecord(self, token, epoch, platform.clock().instant(), 0, false, left);
  }

  private void take(LeaseRecord record, @Nullable String etag) throws IOException {
    long began = platform.nanoTime();
    seen = null;
    try {
      held = new Held(record, write(record, etag), began);
      pending = record.pending();
    } catch (StoreException.ConditionFailed another) {
      // Somebody was faster, or our own writing arrived after all.
      String mine = etagOf(record);
      if (mine != null) {
        held = new Held(record, mine, began);
        pending = record.pending();
      }
    }
  }

  private void renew(Held mine) throws IOException {
    LeaseRecord record = mine.record().next(pending);
    long began = platform.nanoTime();
    try {
      held = new Held(record, write(record, mine.etag()), began);
    } catch (StoreException.ConditionFailed changed) {
      // By another who took over, or by a writing of our own whose answer was lost. The others may
      // have counted since that one: it has to succeed once more.
      String etag = etagOf(record);
      if (etag == null) {
        held = null;
        return;
      }
      held = new Held(record, etag, mine.began());
      try {
        held = new Held(record.next(pending), write(record.next(pending), etag), began);
      } catch (StoreException.ConditionFailed overtaken) {
        held = null;
      }
    }
  }

  /** The etag of what is there, if it is of this process and epoch. */
  private @Nullable String etagOf(LeaseRecord mine) throws IOException {
    Optional<StoredObject> there = store.head(BucketLayout.LEASE);
    boolean own = there.isPresent() && read().filter(mine::isOf).isPresent();
    return own ? there.get().etag() : null;
  }

  private String write(LeaseRecord record, @Nullable String etag) throws StoreException {
    Content content = Content.of(Json.write(record));
    return etag == null
        ? store.putIfAbsent(BucketLayout.LEASE, content).etag()
        : store.putIfMatch(BucketLayout.LEASE, etag, content).etag();
  }

  private Optional<LeaseRecord> read() throws IOException {
    try {
      byte[] bytes = store.readAll(BucketLayout.LEASE, Json.MESSAGE_BYTES);
      return Optional.of(Json.read(bytes, LeaseRecord.class, Json.MESSAGE_BYTES));
    } catch (StoreException.NotFound gone) {
      return Optional.empty();
    } catch (TooLongException | MalformedMessageException e) {
      LOG.warn("{} cannot be read: {}", BucketLayout.LEASE, e.getMessage());
      return Optional.empty();
    }
  }
}
