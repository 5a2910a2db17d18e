package resguardo.infra.store;

import io.minio.CompleteMultipartUploadArgs;
import io.minio.MinioAsyncClient;
import io.minio.ObjectWriteResponse;
import io.minio.UploadPartArgs;
import io.minio.UploadPartResponse;
import io.minio.messages.Part;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.port.ArchiveStore.Upload;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;

/** A multipart upload: one part is being filled while one is under way. */
final class S3Upload implements Upload {
  /**
   * Larger than the 5 MiB that S3 wants of every part but the last, small enough to hold two of
   * each upload in memory.
   */
  private static final int FIRST_PART = 8 * 1024 * 1024;

  /** S3 takes 10,000 parts: by growing each thousand, an upload has room for 440 GiB. */
  private static final int PARTS_OF_A_SIZE = 1000;

  private static final int UNDER_WAY = 1;

  private static final int READ = 64 * 1024;
  private static final Logger LOG = LoggerFactory.getLogger(S3Upload.class);

  private record Sent(int number, byte[] bytes, CompletableFuture<UploadPartResponse> answer) {}

  private final S3ArchiveStore store;
  private final MinioAsyncClient client;
  private final String bucket;
  private final ObjectKey key;
  private final String id;
  private final Deque<Sent> underWay = new ArrayDeque<>();
  private final List<Part> parts = new ArrayList<>();
  private final Map<ObjectKey, StoredObject> sources = new HashMap<>();
  private byte[] part = new byte[FIRST_PART];
  private int filled;
  private int number = 1;
  private long size;
  private boolean ended;

  S3Upload(S3ArchiveStore store, MinioAsyncClient client, String bucket, ObjectKey key, String id) {
    this.store = store;
    this.client = client;
    this.bucket = bucket;
    this.key = key;
    this.id = id;
  }

  /** How many bytes one of so many holds: a part that is filled, and one that is under way. */
  static long held(long bytes) {
    long part = FIRST_PART;
    if (bytes < part) {
      return part + bytes;
    }
    for (long left = bytes - PARTS_OF_A_SIZE * part; left > 0; left -= PARTS_OF_A_SIZE * part) {
      part += FIRST_PART;
    }
    return 2 * part;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws StoreException {
    int from = offset;
    int left = length;
    while (left > 0) {
      int copied = Math.min(left, part.length - filled);
      System.arraycopy(bytes, from, part, filled, copied);
      filled += copied;
      from += copied;
      left -= copied;
      size += copied;
      if (filled == part.length) {
        send();
      }
    }
  }

  private void send() throws StoreException {
    while (underWay.size() > UNDER_WAY - 1) {
      await(underWay.remove());
    }
    byte[] full = filled == part.length ? part : Arrays.copyOf(part, filled);
    underWay.add(new Sent(number, full, begin(number, full)));
    nextPart();
  }

  private void nextPart() {
    number++;
    int length = FIRST_PART * (1 + number / PARTS_OF_A_SIZE);
    if (filled > 0 || part.length != length) {
      part = new byte[length]; // that of before may be under way
    }
    filled = 0;
  }

  private CompletableFuture<UploadPartResponse> begin(int partNumber, byte[] bytes) {
    try {
      return client.uploadPart(
          UploadPartArgs.builder()
              .bucket(bucket)
              .object(key.value())
              .uploadId(id)
              .partNumber(partNumber)
              .data(bytes, bytes.length)
              .build());
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** A part that failed is sent again: S3 keeps the last of each number. */
  private void await(Sent sent) throws StoreException {
    UploadPartResponse response;
    try {
      response = S3Calls.once("write a part of " + key, sent::answer);
    } catch (StoreException.Unavailable passing) {
      LOG.debug("a part is sent again", passing);
      response =
          S3Calls.retried("write a part of " + key, () -> begin(sent.number(), sent.bytes()));
    }
    parts.add(new Part(sent.number(), response.part().etag()));
  }

  @Override
  public void copy(ObjectKey source, long offset, long length) throws IOException {
    StoredObject object = source(source);
    if (offset + length > object.size()) {
      throw new EOFException("Failed to copy " + source + ": it ends too early.");
    }
    long end = offset + length;
    for (long at = offset; at < end; ) {
      boolean whole = filled == 0 && end - at >= part.length;
      at += whole ? copyPart(object, at, end) : readPart(object, at, end);
    }
  }

  private StoredObject source(ObjectKey key) throws StoreException {
    StoredObject known = sources.get(key);
    if (known != null) {
      return known;
    }
    StoredObject object =
        store
            .head(key)
            .orElseThrow(
                () ->
                    new StoreException.NotFound(
                        "Failed to copy " + key + ": it is not there.", null));
    sources.put(key, object);
    return object;
  }

  /** What is too little for a part of its own comes here; and what fills a part before one. */
  private long readPart(StoredObject object, long at, long end) throws IOException {
    long missing = part.length - filled;
    boolean partFollows = filled > 0 && end - at >= missing + part.length;
    long length = partFollows ? missing : end - at;
    try (InputStream in = store.read(object, at, at + length)) {
      byte[] buffer = new byte[READ];
      for (long left = length; left > 0; ) {
        int read = in.readNBytes(buffer, 0, (int) Math.min(READ, left));
        if (read == 0) {
          throw new EOFException("Failed to copy " + object.key() + ": it ends too early.");
        }
        write(buffer, 0, read);
        left -= read;
      }
    }
    return length;
  }

  private long copyPart(StoredObject object, long at, long end) throws StoreException {
    while (!underWay.isEmpty()) {
      await(underWay.remove());
    }
    long length = Math.min(S3PartCopy.LARGEST, end - at);
    S3PartCopy copy = new S3PartCopy(client, bucket, key, id, number);
    parts.add(copy.of(object, at, length));
    size += length;
    nextPart();
    return length;
  }

  @Override
  public StoredObject complete() throws StoreException {
    if (size == 0) {
      close(); // a multipart upload needs a part
      return store.put(key, Content.of(new byte[0]));
    }
    if (filled > 0) {
      send();
    }
    while (!underWay.isEmpty()) {
      await(underWay.remove());
    }
    StoredObject object = completed();
    ended = true;
    return object;
  }

  private StoredObject completed() throws StoreException {
    try {
      ObjectWriteResponse response =
          S3Calls.retried(
              "complete " + key,
              () ->
                  client.completeMultipartUpload(
                      CompleteMultipartUploadArgs.builder()
                          .bucket(bucket)
                          .object(key.value())
                          .uploadId(id)
                          .parts(parts.toArray(Part[]::new))
                          .build()));
      return store.written(key, size, response);
    } catch (StoreException.NotFound | StoreException.Unavailable e) {
      // Completed after all, and only the answer was lost? Keys of archives are used once, so the
      // size tells.
      Optional<StoredObject> there = store.head(key).filter(found -> found.size() == size);
      return there.orElseThrow(() -> e);
    }
  }

  @Override
  public void close() {
    if (ended) {
      return;
    }
    ended = true;
    underWay.forEach(sent -> sent.answer().cancel(true));
    try {
      store.abortUpload(key, id);
    } catch (StoreException e) {
      LOG.debug("an upload of {} could not be given up now", key, e);
    }
  }
}
