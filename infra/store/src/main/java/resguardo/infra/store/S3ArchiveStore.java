package resguardo.infra.store;

import io.minio.AbortMultipartUploadArgs;
import io.minio.BucketExistsArgs;
import io.minio.CreateMultipartUploadArgs;
import io.minio.GetObjectArgs;
import io.minio.HeadObjectArgs;
import io.minio.ListObjectsV2Args;
import io.minio.MakeBucketArgs;
import io.minio.MinioAsyncClient;
import io.minio.ObjectWriteResponse;
import io.minio.PutObjectAPIArgs;
import io.minio.RemoveObjectArgs;
import io.minio.messages.Contents;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.ObjectLock;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoreRule;
import resguardo.core.port.StoredObject;
import resguardo.infra.tls.Tls;

/**
 * A bucket of any S3. Of conditions it needs {@code If-None-Match: *} and {@code If-Match} on a PUT
 * of one object, and none on multipart uploads.
 */
public final class S3ArchiveStore implements ArchiveStore {
  /**
   * What is larger is written to a file first, so that it can be sent again without being kept in
   * memory.
   */
  private static final long IN_MEMORY = 8L * 1024 * 1024;

  private static final int PAGE = 1000;

  private final MinioAsyncClient client;
  private final String bucket;
  private final String region;
  private final boolean locked;
  private final S3Versions versions;

  /** A bucket at this place. Nothing is connected to before the first call. */
  public S3ArchiveStore(StoreUri.S3 at, Supplier<Tls> tls) {
    this.client = S3Client.of(at, tls);
    this.bucket = at.bucket();
    this.region = at.region();
    this.locked = at.locked();
    this.versions = new S3Versions(client, bucket);
  }

  @Override
  public void prepare() throws StoreException {
    boolean there =
        S3Calls.retried(
            "look for the bucket " + bucket,
            () -> client.bucketExists(BucketExistsArgs.builder().bucket(bucket).build()));
    if (!there) {
      try {
        S3Calls.retried(
            "make the bucket " + bucket,
            () ->
                client.makeBucket(
                    MakeBucketArgs.builder()
                        .bucket(bucket)
                        .region(region)
                        .objectLock(locked)
                        .build()));
      } catch (StoreException e) {
        if (!client
            .bucketExists(BucketExistsArgs.builder().bucket(bucket).build())
            .exceptionally(x -> false)
            .join()) {
          throw e; // else another process was faster
        }
      }
    }
  }

  @Override
  public List<StoreRule> rules() throws StoreException {
    return S3Rules.of(client, bucket);
  }

  @Override
  public Optional<StoredObject> head(ObjectKey key) throws StoreException {
    try {
      return Optional.of(
          S3Calls.retried(
              "look at " + key,
              () ->
                  client
                      .headObject(
                          HeadObjectArgs.builder().bucket(bucket).object(key.value()).build())
                      .thenApply(
                          found ->
                              new StoredObject(
                                  key,
                                  found.size(),
                                  plain(found.etag()),
                                  found.lastModified().toInstant()))));
    } catch (StoreException.NotFound none) {
      return Optional.empty();
    }
  }

  @Override
  public InputStream read(ObjectKey key, long offset, long length) throws StoreException {
    StoredObject object =
        head(key)
            .orElseThrow(
                () ->
                    new StoreException.NotFound(
                        "Failed to read " + key + ": it is not there.", null));
    long end = length > object.size() - offset ? object.size() : offset + length;
    return end <= offset ? InputStream.nullInputStream() : read(object, offset, end);
  }

  /** A part of an object as it was when it was looked at; fails when it has changed since. */
  InputStream read(StoredObject object, long from, long to) throws StoreException {
    return new ResumingStream(object.key(), from, to, (begin, end) -> open(object, begin, end));
  }

  private InputStream open(StoredObject object, long from, long to) throws StoreException {
    return S3Calls.retried(
        "read " + object.key(),
        () ->
            client
                .getObject(
                    GetObjectArgs.builder()
                        .bucket(bucket)
                        .object(object.key().value())
                        .offset(from)
                        .length(to - from)
                        .matchETag(object.etag())
                        .build())
                .thenApply(stream -> (InputStream) stream));
  }

  @Override
  public StoredObject put(ObjectKey key, Content content) throws StoreException {
    return put(key, content, Map.of());
  }

  @Override
  public StoredObject putIfAbsent(ObjectKey key, Content content) throws StoreException {
    return put(key, content, Map.of("If-None-Match", "*"));
  }

  @Override
  public StoredObject putIfMatch(ObjectKey key, String etag, Content content)
      throws StoreException {
    try {
      return put(key, content, Map.of("If-Match", "\"" + etag + "\""));
    } catch (StoreException.NotFound gone) {
      throw new StoreException.ConditionFailed("Failed to write " + key + ": it is gone.", gone);
    }
  }

  private StoredObject put(ObjectKey key, Content content, Map<String, String> conditions)
      throws StoreException {
    try {
      if (content.size() > IN_MEMORY) {
        return putFile(key, content, conditions);
      }
      byte[] bytes;
      try (InputStream in = content.open()) {
        bytes = in.readAllBytes();
      }
      return put(key, conditions, builder -> builder.data(bytes, bytes.length), bytes.length);
    } catch (IOException e) {
      throw S3Calls.failure("write " + key, e);
    }
  }

  private StoredObject putFile(ObjectKey key, Content content, Map<String, String> conditions)
      throws IOException {
    Path spool = Files.createTempFile("resguardo-put", "");
    try {
      try (InputStream in = content.open()) {
        Files.copy(in, spool, StandardCopyOption.REPLACE_EXISTING);
      }
      try (FileFromStart file = new FileFromStart(spool)) {
        return put(
            key,
            conditions,
            builder -> {
              file.seek(0);
              builder.file(file, content.size());
            },
            content.size());
      }
    } finally {
      Files.deleteIfExists(spool);
    }
  }

  /** Puts the body into a request; called anew for each try. */
  private interface Body {
    void into(PutObjectAPIArgs.Builder builder) throws IOException;
  }

  private StoredObject put(ObjectKey key, Map<String, String> conditions, Body body, long size)
      throws StoreException {
    ObjectWriteResponse written =
        S3Calls.retried(
            "write " + key,
            () -> {
              PutObjectAPIArgs.Builder builder =
                  PutObjectAPIArgs.builder()
                      .bucket(bucket)
                      .object(key.value())
                      .extraHeaders(conditions);
              body.into(builder);
              return client.putObject(builder.build());
            });
    return written(key, size, written);
  }

  /** What was written; its time is looked up, because the answer to a PUT has none. */
  StoredObject written(ObjectKey key, long size, ObjectWriteResponse response)
      throws StoreException {
    return head(key)
        .filter(now -> now.etag().equals(plain(response.etag())))
        .orElseGet(() -> new StoredObject(key, size, plain(response.etag()), Instant.now()));
  }

  @Override
  public Upload startUpload(ObjectKey key) throws StoreException {
    String id =
        S3Calls.retried(
                "begin " + key,
                () ->
                    client.createMultipartUpload(
                        CreateMultipartUploadArgs.builder()
                            .bucket(bucket)
                            .object(key.value())
                            .build()))
            .result()
            .uploadId();
    return new S3Upload(this, client, bucket, key, id);
  }

  /** How many bytes an upload of so many holds in memory, at the most. */
  public static long heldByUpload(long bytes) {
    return S3Upload.held(bytes);
  }

  @Override
  public void abortUpload(ObjectKey key, String uploadId) throws StoreException {
    try {
      S3Calls.retried(
          "give up an upload of " + key,
          () ->
              client.abortMultipartUpload(
                  AbortMultipartUploadArgs.builder()
                      .bucket(bucket)
                      .object(key.value())
                      .uploadId(uploadId)
                      .build()));
    } catch (StoreException.NotFound gone) {
      // that is what was wanted
    } catch (StoreException.Denied e) {
      if (!S3Calls.malformed(e)) {
        throw e;
      } // an id of a form that this store never gives: it does not know it
    }
  }

  @Override
  public List<StoredObject> list(String prefix, @Nullable ObjectKey after, int most)
      throws StoreException {
    List<StoredObject> found = new ArrayList<>();
    String last = after == null ? null : after.value();
    while (found.size() < most) {
      List<Contents> page = page(prefix, last, Math.min(PAGE, most - found.size()));
      if (page.isEmpty()) {
        break;
      }
      for (Contents item : page) {
        last = item.objectName();
        stored(item).ifPresent(found::add);
      }
    }
    return found;
  }

  private List<Contents> page(String prefix, @Nullable String after, int most)
      throws StoreException {
    return S3Calls.retried(
            "list " + prefix,
            () -> {
              ListObjectsV2Args.Builder builder =
                  ListObjectsV2Args.builder().bucket(bucket).prefix(prefix).maxKeys(most);
              return client.listObjectsV2(
                  (after == null ? builder : builder.startAfter(after)).build());
            })
        .result()
        .contents();
  }

  /** Somebody may have put other things into the bucket by hand: they are none of ours. */
  private static Optional<StoredObject> stored(Contents item) {
    try {
      ObjectKey key = new ObjectKey(item.objectName());
      return Optional.of(
          new StoredObject(
              key, item.size(), plain(item.etag()), wholeSeconds(item.lastModified())));
    } catch (IllegalArgumentException foreign) {
      return Optional.empty();
    }
  }

  /**
   * A list has fractions of seconds, a look at one object has not: the same object is to look the
   * same.
   */
  private static Instant wholeSeconds(java.time.ZonedDateTime time) {
    return time.toInstant().truncatedTo(java.time.temporal.ChronoUnit.SECONDS);
  }

  @Override
  public Optional<ObjectLock> locks() throws StoreException {
    return versions.canLock() ? Optional.of(versions) : Optional.empty();
  }

  @Override
  public int forgetReplaced(String prefix) throws StoreException {
    return versions.areKept() ? versions.forget(prefix) : 0;
  }

  @Override
  public void delete(ObjectKey key) throws StoreException {
    refuseLocked(key);
    S3Calls.retried(
        "delete " + key,
        () ->
            client.removeObject(
                RemoveObjectArgs.builder().bucket(bucket).object(key.value()).build()));
    forgetReplaced(key.value()); // of others that begin so, only what was replaced
  }

  /** S3 would hide it, and keep it. */
  private void refuseLocked(ObjectKey key) throws StoreException {
    if (!versions.canLock() || head(key).isEmpty()) {
      return;
    }
    Optional<Instant> until = versions.until(key);
    if (until.isPresent() && until.get().isAfter(Instant.now())) {
      throw new StoreException.Denied(
          "Failed to delete " + key + ": it is locked until " + until.get() + ".", null);
    }
  }

  @Override
  public void close() {
    client.close();
  }

  private static String plain(String etag) {
    return etag.replace("\"", "");
  }
}
