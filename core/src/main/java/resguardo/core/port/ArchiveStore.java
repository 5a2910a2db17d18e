package resguardo.core.port;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A bucket. It asks for no more than any S3 has: PUT (with conditions), GET (with range), HEAD,
 * LIST, DELETE, multipart (with copies of parts).
 *
 * <p>What an adapter promises: an object appears whole or not at all; a call that returned is
 * durable and seen by every later call of anyone. Passing errors (no connection, 5xx, slow down)
 * are tried again by the adapter itself, a few times with growing pauses, before {@link
 * StoreException.Unavailable}; all other errors come at once. All methods may be called from any
 * thread. Where a repeat of a conditional write finds its own earlier effect (the answer was lost),
 * the adapter cannot know that it was its own: it says {@link StoreException.ConditionFailed}, and
 * the caller reads and compares.
 */
public interface ArchiveStore extends AutoCloseable {
  /** Nothing small is replaced so often in the time of a few readings: then something is wrong. */
  int READS_OF_WHAT_CHANGES = 10;

  /**
   * Makes sure that the bucket is there, making it where it is not.
   *
   * @throws StoreException.Denied when it is missing and may not be made
   */
  void prepare() throws StoreException;

  /** What is known of an object; empty when there is none. */
  Optional<StoredObject> head(ObjectKey key) throws StoreException;

  /**
   * The content of an object from an offset on. The caller closes the stream. A connection that
   * breaks in the middle is taken up again by the adapter where it broke; if the object has changed
   * meanwhile, reading fails.
   *
   * @param offset in bytes, 0 to the size
   * @param length how many bytes at the most; less come when the object ends
   * @throws StoreException.NotFound when there is no such object
   */
  InputStream read(ObjectKey key, long offset, long length) throws StoreException;

  /**
   * The whole content of an object that should be small. As {@link #read(ObjectKey, long, long)},
   * but one that is replaced while it is read is read anew: what is returned is what one writer
   * wrote. Who may write it may have made it of any size, so no more than one byte beyond what is
   * accepted is read or held in memory.
   *
   * @param longest how many bytes are accepted at the most, less than {@link Integer#MAX_VALUE}
   * @throws TooLongException when it has more
   */
  default byte[] readAll(ObjectKey key, int longest) throws IOException {
    for (int reads = 1; ; reads++) {
      try (InputStream in = read(key, 0, longest + 1L)) {
        byte[] bytes = in.readNBytes(longest + 1);
        if (bytes.length > longest) {
          throw new TooLongException(key, longest);
        }
        return bytes;
      } catch (StoreException.ConditionFailed replaced) {
        if (reads == READS_OF_WHAT_CHANGES) {
          throw replaced;
        }
      }
    }
  }

  /** Writes an object whole, over any there is. A repeat does no harm. */
  StoredObject put(ObjectKey key, Content content) throws StoreException;

  /**
   * Writes an object only where there is none: of any number of writers at the same time, one
   * succeeds.
   *
   * @throws StoreException.ConditionFailed when there is one already; it is untouched
   */
  StoredObject putIfAbsent(ObjectKey key, Content content) throws StoreException;

  /**
   * Writes an object only over the content with this etag: of any number of writers at the same
   * time, one succeeds.
   *
   * @throws StoreException.ConditionFailed when it has another etag by now, or is gone; nothing was
   *     written
   */
  StoredObject putIfMatch(ObjectKey key, String etag, Content content) throws StoreException;

  /**
   * Begins an object whose size is not known yet. It does not exist before {@link Upload#complete}.
   *
   * @throws StoreException when it cannot be begun
   */
  Upload startUpload(ObjectKey key) throws StoreException;

  /**
   * Gives up an upload that some process (perhaps a dead one) began, freeing what it holds. One
   * that is unknown, completed or given up already is not an error.
   *
   * @param uploadId as {@link Upload#id} gave it
   */
  void abortUpload(ObjectKey key, String uploadId) throws StoreException;

  /**
   * The objects whose keys begin with a prefix, in the order of their keys' bytes.
   *
   * @param after only keys after this one; absent: from the first
   * @param most how many at the most, 1 to 1000; fewer than these are returned only when there are
   *     no more
   */
  List<StoredObject> list(String prefix, @Nullable ObjectKey after, int most) throws StoreException;

  /**
   * Removes an object, and all that the store keeps of what it was before. One that is not there is
   * not an error.
   *
   * @throws StoreException.Denied also when it is locked; then it is there as it was
   */
  void delete(ObjectKey key) throws StoreException;

  /**
   * The locks of this store; empty when it has none.
   *
   * @throws StoreException when the store could not be asked
   */
  default Optional<ObjectLock> locks() throws StoreException {
    return Optional.empty();
  }

  /**
   * Lets go of what the store keeps of objects that were replaced or removed, where it does, as S3
   * in a bucket with versions. What is locked stays.
   *
   * @param prefix of their keys
   * @return how much was let go of
   */
  default int forgetReplaced(String prefix) throws StoreException {
    return 0;
  }

  /**
   * What the store removes or moves by itself, as far as it can be asked; rules about what is there
   * no more (versions of it, uploads that were not completed) are left out.
   *
   * @throws StoreException.Denied when the key may not ask
   * @throws StoreException.Unavailable also when the store knows nothing of rules; not tried again
   */
  default List<StoreRule> rules() throws StoreException {
    return List.of();
  }

  /** Lets go of connections and threads. Uploads that are under way are left as they are. */
  @Override
  void close();

  /**
   * An object in the making. Not for several threads at once. Memory is bounded, whatever the size:
   * the adapter keeps a few parts and lets {@link #write} wait while the store is slow.
   */
  interface Upload extends AutoCloseable {
    /**
     * What {@link ArchiveStore#abortUpload} takes, to be noted down before bytes are written; an
     * opaque word.
     */
    String id();

    /** Adds bytes at the end; they may be reused by the caller after the return. */
    void write(byte[] bytes, int offset, int length) throws StoreException;

    /**
     * Adds a part of another object at the end. Where the store can, it copies itself, and the
     * bytes do not come here; so large parts are copied faster than they could be read and written.
     *
     * @param offset in the source, in bytes
     * @param length how many bytes, all of which have to be there
     * @throws StoreException.NotFound when there is no such object
     * @throws StoreException.ConditionFailed when it has changed since this upload first copied of
     *     it, where the store can tell
     * @throws java.io.EOFException when it ends before; the upload is to be given up
     */
    void copy(ObjectKey source, long offset, long length) throws IOException;

    /**
     * Makes the object of all that was written; a lost answer is followed up by looking whether it
     * is there with the right size. Over an object of the same key it is written like {@link #put}.
     */
    StoredObject complete() throws StoreException;

    /**
     * Gives it up, unless it is completed. Never throws: what could not be freed is found later by
     * the noted id.
     */
    @Override
    void close();
  }
}
