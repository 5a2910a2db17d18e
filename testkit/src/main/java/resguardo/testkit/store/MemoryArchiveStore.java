package resguardo.testkit.store;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.ObjectLock;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;

/** A bucket in memory, for tests of what stands above the store. It outlives {@link #close}. */
public final class MemoryArchiveStore implements ArchiveStore {
  private record Held(StoredObject known, byte[] bytes) {}

  private final TreeMap<ObjectKey, Held> objects = new TreeMap<>();
  private final Map<String, MemoryUpload> uploads = new HashMap<>();
  private final Clock clock;
  private final Map<ObjectKey, Instant> locks = new HashMap<>();
  private boolean canLock;
  private Instant lastLock = Instant.MAX;
  private long written;
  private long copied;

  /** Empty, by the clock of this machine. */
  public MemoryArchiveStore() {
    this(Clock.systemUTC());
  }

  /**
   * Empty.
   *
   * @param clock says when what is written was written
   */
  public MemoryArchiveStore(Clock clock) {
    this.clock = clock;
  }

  @Override
  public void prepare() {}

  @Override
  public synchronized Optional<StoredObject> head(ObjectKey key) {
    return Optional.ofNullable(objects.get(key)).map(Held::known);
  }

  @Override
  public synchronized InputStream read(ObjectKey key, long offset, long length)
      throws StoreException {
    Held held = objects.get(key);
    if (held == null) {
      throw new StoreException.NotFound("Failed to read " + key + ": no such object.", null);
    }
    int from = (int) Math.min(offset, held.bytes().length);
    return new ByteArrayInputStream(
        held.bytes(), from, (int) Math.min(length, held.bytes().length - from));
  }

  @Override
  public StoredObject put(ObjectKey key, Content content) throws StoreException {
    return hold(key, bytes(content));
  }

  @Override
  public StoredObject putIfAbsent(ObjectKey key, Content content) throws StoreException {
    byte[] bytes = bytes(content);
    synchronized (this) {
      require(!objects.containsKey(key), key, "it is there already");
      return hold(key, bytes);
    }
  }

  @Override
  public StoredObject putIfMatch(ObjectKey key, String etag, Content content)
      throws StoreException {
    byte[] bytes = bytes(content);
    synchronized (this) {
      Held held = objects.get(key);
      require(held != null && held.known().etag().equals(etag), key, "it has changed");
      return hold(key, bytes);
    }
  }

  @Override
  public synchronized Upload startUpload(ObjectKey key) {
    MemoryUpload upload = new MemoryUpload(key, "upload-" + ++written);
    uploads.put(upload.id, upload);
    return upload;
  }

  @Override
  public synchronized void abortUpload(ObjectKey key, String uploadId) {
    uploads.remove(uploadId);
  }

  /** How many uploads are neither completed nor given up: what a crash would leave behind. */
  public synchronized int openUploads() {
    return uploads.size();
  }

  /** How many bytes uploads have copied of other objects. */
  public synchronized long copied() {
    return copied;
  }

  private synchronized void count(long length) {
    copied += length;
  }

  @Override
  public synchronized List<StoredObject> list(String prefix, @Nullable ObjectKey after, int most) {
    return (after == null ? objects : objects.tailMap(after, false))
        .values().stream()
            .map(Held::known)
            .filter(known -> known.key().value().startsWith(prefix))
            .limit(most)
            .toList();
  }

  @Override
  public synchronized void delete(ObjectKey key) throws StoreException {
    if (locks.getOrDefault(key, Instant.MIN).isAfter(clock.instant())) {
      throw new StoreException.Denied("Failed to delete " + key + ": it is locked.", null);
    }
    objects.remove(key);
    locks.remove(key);
  }

  /** From now on it can lock. */
  public synchronized void canLock() {
    canLock = true;
    lastLock = Instant.MAX;
  }

  /** From now on it locks nothing for longer. */
  public synchronized void locksUntil(Instant last) {
    canLock = true;
    lastLock = last;
  }

  @Override
  public synchronized Optional<ObjectLock> locks() {
    return canLock ? Optional.of(new MemoryLock()) : Optional.empty();
  }

  private final class MemoryLock implements ObjectLock {
    @Override
    public Optional<Instant> until(ObjectKey key) throws StoreException {
      synchronized (MemoryArchiveStore.this) {
        requireThere(key);
        return Optional.ofNullable(locks.get(key));
      }
    }

    @Override
    public void lock(ObjectKey key, Instant until) throws StoreException {
      synchronized (MemoryArchiveStore.this) {
        requireThere(key);
        if (until.isAfter(lastLock)) {
          throw new StoreException.Denied("Failed to lock " + key + ": the key may not.", null);
        }
        if (locks.getOrDefault(key, Instant.MIN).isAfter(until)) {
          throw new StoreException.Denied("Failed to lock " + key + ": it is for longer.", null);
        }
        locks.put(key, until);
      }
    }

    private void requireThere(ObjectKey key) throws StoreException {
      if (!objects.containsKey(key)) {
        throw new StoreException.NotFound("Failed to lock " + key + ": no such object.", null);
      }
    }
  }

  @Override
  public void close() {}

  private synchronized StoredObject hold(ObjectKey key, byte[] bytes) {
    StoredObject known = new StoredObject(key, bytes.length, "etag-" + ++written, clock.instant());
    objects.put(key, new Held(known, bytes));
    return known;
  }

  private static void require(boolean holds, ObjectKey key, String why) throws StoreException {
    if (!holds) {
      throw new StoreException.ConditionFailed("Failed to write " + key + ": " + why + ".", null);
    }
  }

  private static byte[] bytes(Content content) throws StoreException {
    try (InputStream in = content.open()) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new StoreException.Unavailable("Failed to read the content to write.", e);
    }
  }

  private final class MemoryUpload implements Upload {
    private final ObjectKey key;
    private final String id;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    MemoryUpload(ObjectKey key, String id) {
      this.key = key;
      this.id = id;
    }

    @Override
    public String id() {
      return id;
    }

    @Override
    public void write(byte[] more, int offset, int length) {
      bytes.write(more, offset, length);
    }

    @Override
    public void copy(ObjectKey source, long offset, long length) throws IOException {
      try (InputStream in = read(source, offset, length)) {
        byte[] copied = in.readAllBytes();
        if (copied.length < length) {
          throw new EOFException(source + " ends too early");
        }
        bytes.writeBytes(copied);
        count(length);
      }
    }

    @Override
    public StoredObject complete() throws StoreException {
      synchronized (MemoryArchiveStore.this) {
        if (uploads.remove(id) == null) {
          throw new StoreException.NotFound("Failed to complete " + key + ": given up.", null);
        }
        return hold(key, bytes.toByteArray());
      }
    }

    @Override
    public void close() {
      abortUpload(key, id);
    }
  }
}
