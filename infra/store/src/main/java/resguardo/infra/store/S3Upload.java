package resguardo.infra.store;

import io.minio.CompleteMultipartUploadArgs;
import io.minio.MinioAsyncClient;
import io.minio.ObjectWriteResponse;
import io.minio.UploadPartArgs;
import io.minio.UploadPartResponse;
import io.minio.messages.Part;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
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
  private static final Logger LOG = LoggerFactory.getLogger(S3Upload.class);

  private record Sent(int number, byte[] bytes, CompletableFuture<UploadPartResponse> answer) {}

  private final S3ArchiveStore store;
  private final MinioAsyncClient client;
  private final String bucket;
  private final ObjectKey key;
  private final String id;
  private final Deque<Sent> underWay = new ArrayDeque<>();
  private final List<Part> parts = new ArrayList<>();
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
    number++;
    part = new byte[FIRST_PART * (1 + number / PARTS_OF_A_SIZE)];
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
