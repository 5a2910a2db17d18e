package resguardo.core.catalog;

import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.RegistrationKey;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.Platform;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;
import resguardo.core.protocol.Json;

/** How the last attempts ended, as it stands in the bucket. */
public final class StatusBook {
  private static final Logger LOG = LoggerFactory.getLogger(StatusBook.class);

  private final ArchiveStore store;

  /** Over this store. */
  public StatusBook(ArchiveStore store) {
    this.store = store;
  }

  /** The status of this key; empty when nothing was attempted yet. */
  public Optional<Status> find(RegistrationKey key) throws IOException {
    return Objects.read(store, BucketLayout.status(key), Status.class);
  }

  /**
   * The same, for whoever does the next attempt: one that cannot be read says nothing. What it said
   * follows from the versions that there are, and it is written anew.
   */
  public Optional<Status> known(RegistrationKey key) throws IOException {
    try {
      return find(key);
    } catch (DamagedException unreadable) {
      LOG.warn("taken for none: {}", unreadable.getMessage());
      return Optional.empty();
    }
  }

  /** The statuses of all registrations, to be looked at now and then. */
  public Mirror<Status> mirror(Platform platform) {
    return new Mirror<>(store, BucketLayout.STATUSES, Status.class, platform);
  }

  /**
   * Writes a status, unless there is one of a later slot: a worker that was slow does not undo what
   * another has done since. What the new one leaves out of the last success and version is taken
   * over from the old one; what was missed before it is added to what was missed before, once.
   *
   * @return the status that stands in the bucket now
   */
  public Status save(RegistrationKey key, Status status) throws IOException {
    ObjectKey object = BucketLayout.status(key);
    while (true) {
      // In this order: what is read is of this etag or newer, so a write on it never hides
      // anything.
      Optional<StoredObject> known = store.head(object);
      Optional<Status> old = known(key);
      if (old.isPresent() && old.get().lastSlot().isAfter(status.lastSlot())) {
        return old.get();
      }
      Status merged = old.map(before -> merged(before, status)).orElse(status);
      try {
        Content content = Content.of(Json.write(merged));
        if (known.isPresent()) {
          store.putIfMatch(object, known.get().etag(), content);
        } else {
          store.putIfAbsent(object, content);
        }
        return merged;
      } catch (StoreException.ConditionFailed another) {
        // Somebody wrote in between (or our own write arrived after all): look again.
      }
    }
  }

  private static Status merged(Status before, Status now) {
    Long more = before.lastJob().equals(now.lastJob()) ? null : now.missed();
    Long earlier = before.missed();
    return new Status(
        now.lastJob(),
        now.lastSlot(),
        now.lastOutcome(),
        now.lastReason(),
        now.lastEnded(),
        now.lastSuccess() != null ? now.lastSuccess() : before.lastSuccess(),
        now.lastVersion() != null ? now.lastVersion() : before.lastVersion(),
        more == null || earlier == null ? (more == null ? earlier : more) : (Long) (earlier + more),
        more == null ? before.lastMissed() : now.lastMissed(),
        lastBytes(before, now));
  }

  /** What is known of one version says nothing of another. */
  private static @Nullable Long lastBytes(Status before, Status now) {
    boolean another = now.lastVersion() != null && !now.lastVersion().equals(before.lastVersion());
    return now.lastBytes() != null || another ? now.lastBytes() : before.lastBytes();
  }
}
