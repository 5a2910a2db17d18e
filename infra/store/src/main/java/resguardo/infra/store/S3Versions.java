package resguardo.infra.store;

import io.minio.GetBucketVersioningArgs;
import io.minio.GetObjectLockConfigurationArgs;
import io.minio.GetObjectRetentionArgs;
import io.minio.ListObjectVersionsArgs;
import io.minio.MinioAsyncClient;
import io.minio.RemoveObjectArgs;
import io.minio.SetObjectRetentionArgs;
import io.minio.messages.Item;
import io.minio.messages.ListVersionsResult;
import io.minio.messages.Retention;
import io.minio.messages.RetentionMode;
import io.minio.messages.VersioningConfiguration;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.ObjectLock;
import resguardo.core.port.StoreException;

/**
 * A bucket that keeps what was replaced or removed, and that may lock it. Whether it does is asked
 * once: neither can be turned off again.
 */
final class S3Versions implements ObjectLock {
  private static final String ENABLED = "Enabled";
  private static final Logger LOG = LoggerFactory.getLogger(S3Versions.class);

  private final MinioAsyncClient client;
  private final String bucket;
  private @Nullable Boolean versioned;
  private boolean locking;
  private long notLockingSince;
  private boolean asked;

  /** What is so may change: the bucket may not have been made yet. What locks does so for ever. */
  private static final long ASKED_AGAIN_AFTER = Duration.ofSeconds(10).toNanos();

  S3Versions(MinioAsyncClient client, String bucket) {
    this.client = client;
    this.bucket = bucket;
  }

  /** Whether the bucket keeps what was replaced. */
  synchronized boolean areKept() throws StoreException {
    if (versioned == null) {
      try {
        VersioningConfiguration configuration =
            S3Calls.retried(
                "ask for the versioning of " + bucket,
                () ->
                    client.getBucketVersioning(
                        GetBucketVersioningArgs.builder().bucket(bucket).build()));
        versioned = ENABLED.equals(configuration.status().toString());
      } catch (StoreException.Denied mayNotAsk) {
        LOG.debug("taken for a bucket without versions", mayNotAsk);
        versioned = false;
      }
    }
    return versioned;
  }

  /** Whether the bucket can lock. */
  synchronized boolean canLock() throws StoreException {
    boolean known = asked && System.nanoTime() - notLockingSince < ASKED_AGAIN_AFTER;
    if (!locking && !known) {
      try {
        S3Calls.retried(
            "ask for the locks of " + bucket,
            () ->
                client.getObjectLockConfiguration(
                    GetObjectLockConfigurationArgs.builder().bucket(bucket).build()));
        locking = true;
      } catch (StoreException.NotFound | StoreException.Denied none) {
        LOG.debug("taken for a bucket without locks", none);
        asked = true;
        notLockingSince = System.nanoTime();
      }
    }
    return locking;
  }

  @Override
  public Optional<Instant> until(ObjectKey key) throws StoreException {
    try {
      Retention retention =
          S3Calls.retried(
              "ask for the lock of " + key,
              () ->
                  client.getObjectRetention(
                      GetObjectRetentionArgs.builder().bucket(bucket).object(key.value()).build()));
      return retention == null || retention.retainUntilDate() == null
          ? Optional.empty()
          : Optional.of(retention.retainUntilDate().toInstant());
    } catch (StoreException.NotFound none) {
      if (S3Calls.isNoLock(none)) {
        return Optional.empty();
      }
      throw none;
    }
  }

  @Override
  public void lock(ObjectKey key, Instant until) throws StoreException {
    S3Calls.retried(
        "lock " + key,
        () ->
            client.setObjectRetention(
                SetObjectRetentionArgs.builder()
                    .bucket(bucket)
                    .object(key.value())
                    .config(
                        new Retention(
                            RetentionMode.COMPLIANCE,
                            until.truncatedTo(ChronoUnit.SECONDS).atZone(ZoneOffset.UTC)))
                    .build()));
  }

  /**
   * Removes all that is kept of objects with this prefix but is not what they are now; of a removed
   * one all.
   *
   * @return how many versions and marks of removal
   */
  int forget(String prefix) throws StoreException {
    int forgotten = 0;
    List<Item> marks = new ArrayList<>();
    Set<String> stays = new HashSet<>();
    ListVersionsResult page = page(prefix, null);
    while (true) {
      for (Item item : page.contents()) {
        if (!item.isLatest()) {
          if (removed(item)) {
            forgotten++;
          } else {
            stays.add(item.objectName());
          }
        }
      }
      marks.addAll(page.deleteMarkers());
      if (!page.isTruncated()) {
        break;
      }
      page = page(prefix, page);
    }
    // Last: without it, what came before it would be there again.
    for (Item mark : marks) {
      if (!stays.contains(mark.objectName()) && removed(mark)) {
        forgotten++;
      }
    }
    return forgotten;
  }

  /**
   * Versions and marks of removal, a thousand at the most.
   *
   * @param before the page before; absent: the first
   */
  private ListVersionsResult page(String prefix, @Nullable ListVersionsResult before)
      throws StoreException {
    return S3Calls.retried(
            "list the versions of " + prefix,
            () -> {
              ListObjectVersionsArgs.Builder builder =
                  ListObjectVersionsArgs.builder().bucket(bucket).prefix(prefix);
              if (before != null) {
                builder.keyMarker(before.nextKeyMarker());
                builder.versionIdMarker(before.nextVersionIdMarker());
              }
              return client.listObjectVersions(builder.build());
            })
        .result();
  }

  /** False: it is locked. */
  private boolean removed(Item item) throws StoreException {
    try {
      S3Calls.retried(
          "let go of what was " + item.objectName(),
          () ->
              client.removeObject(
                  RemoveObjectArgs.builder()
                      .bucket(bucket)
                      .object(item.objectName())
                      .versionId(item.versionId())
                      .build()));
      return true;
    } catch (StoreException.Denied locked) {
      LOG.debug("stays", locked);
      return false;
    }
  }
}
