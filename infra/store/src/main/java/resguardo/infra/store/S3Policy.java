package resguardo.infra.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import resguardo.core.Role;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.RestoreGuide;

/**
 * The least rights of a role's key at an S3, as a policy in the language of AWS, which MinIO and
 * others read too. A worker can remove nothing. A coordinator can remove what is unfinished, and
 * with it archives, of which it knows whether a version needs them; no manifest. Only who expires
 * versions can, and writes nothing but notes about that.
 */
public final class S3Policy {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private static final String REMAINING_DAYS = "s3:object-lock-remaining-retention-days";

  private final String bucket;
  private final List<Map<String, Object>> statements = new ArrayList<>();

  private S3Policy(String bucket) {
    this.bucket = bucket;
  }

  /**
   * The policy, as JSON.
   *
   * @param role coordinator, worker or retention: others have no key
   * @throws IllegalArgumentException for another role
   */
  public static String json(Role role, String bucket) {
    S3Policy policy = new S3Policy(bucket);
    switch (role) {
      case WORKER -> policy.worker(null);
      case COORDINATOR -> policy.coordinator();
      case RETENTION -> policy.retention();
      default -> throw new IllegalArgumentException("no process of this role has a key: " + role);
    }
    return policy.json();
  }

  /**
   * The policy of a worker's key that locks nothing for longer than some time, as JSON. A store
   * that does not know the condition refuses the policy, or each lock: it fails to the safe side.
   *
   * @param longestLock days are counted, and one more is let pass, as the clocks of a worker and
   *     the store differ, and a part of a day counts as one; absent: for any time
   */
  public static String ofWorker(String bucket, @Nullable Duration longestLock) {
    S3Policy policy = new S3Policy(bucket);
    policy.worker(longestLock);
    return policy.json();
  }

  /** What versions are moved for, by whoever holds keys for it. */
  public enum Transfer {
    /** Versions are made of tarballs. */
    IMPORT,
    /** Versions are copied from here. */
    SOURCE,
    /** Versions are copied to here. */
    TARGET,
    /** Versions are copied to here, and removed here when they are gone where they come from. */
    PRUNED_TARGET
  }

  /** The policy of a key for this, as JSON. */
  public static String json(Transfer transfer, String bucket) {
    S3Policy policy = new S3Policy(bucket);
    policy.readAll();
    switch (transfer) {
      case IMPORT -> policy.importing();
      case SOURCE -> {}
      case TARGET -> policy.target();
      case PRUNED_TARGET -> {
        policy.target();
        policy.pruning();
      }
    }
    return policy.json();
  }

  private String json() {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("Version", "2012-10-17");
    document.put("Statement", statements);
    try {
      return JSON.writeValueAsString(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("not to be written as JSON", e);
    }
  }

  private void importing() {
    allow(
        List.of("s3:PutObject"),
        BucketLayout.ARCHIVES,
        BucketLayout.MANIFESTS,
        BucketLayout.STAGING);
    allow(List.of("s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"), BucketLayout.ARCHIVES);
  }

  private void target() {
    allowOnBucket(
        "s3:CreateBucket",
        "s3:ListBucketVersions",
        "s3:PutBucketVersioning",
        "s3:PutBucketObjectLockConfiguration");
    allow(
        List.of("s3:PutObject"),
        BucketLayout.ARCHIVES,
        BucketLayout.MANIFESTS,
        BucketLayout.ALARMS,
        BucketLayout.ACCEPTED,
        BucketLayout.DAMAGE,
        BucketLayout.STATUSES,
        BucketLayout.REGISTRY,
        BucketLayout.SETTINGS,
        BucketLayout.COPIES,
        RestoreGuide.KEY.value());
    allow(List.of("s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"), BucketLayout.ARCHIVES);
    allow(List.of("s3:PutObjectRetention"), BucketLayout.ARCHIVES, BucketLayout.MANIFESTS);
    allow(List.of("s3:DeleteObject", "s3:DeleteObjectVersion"), BucketLayout.COPIES);
  }

  private void pruning() {
    allow(List.of("s3:PutObject"), BucketLayout.EXPIRING);
    allow(
        List.of("s3:DeleteObject", "s3:DeleteObjectVersion"),
        BucketLayout.ARCHIVES,
        BucketLayout.MANIFESTS,
        BucketLayout.ALARMS,
        BucketLayout.ACCEPTED,
        BucketLayout.EXPIRING);
  }

  private void worker(@Nullable Duration longestLock) {
    readAll();
    allow(
        List.of("s3:PutObject"),
        BucketLayout.ARCHIVES,
        BucketLayout.MANIFESTS,
        BucketLayout.ALARMS,
        BucketLayout.DAMAGE,
        BucketLayout.PROVEN,
        BucketLayout.STATUSES,
        BucketLayout.STAGING);
    allow(List.of("s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"), BucketLayout.ARCHIVES);
    allow(List.of("s3:PutObjectRetention"), BucketLayout.ARCHIVES, BucketLayout.MANIFESTS);
    if (longestLock != null) {
      boundLock(longestLock);
    }
  }

  /**
   * Bounds what the last statement allows. A permission with a condition, and not a prohibition of
   * what is longer: where the store does not say how many days it would be (MinIO does not, of a
   * lock that comes with the writing of an object), that is not allowed either.
   */
  private void boundLock(Duration longest) {
    Map<String, String> days = Map.of(REMAINING_DAYS, String.valueOf(longest.toDays() + 1));
    statements.get(statements.size() - 1).put("Condition", Map.of("NumericLessThanEquals", days));
  }

  private void coordinator() {
    // The last two are for the making of a bucket that locks, where neither can be turned off.
    allowOnBucket(
        "s3:ListBucketVersions",
        "s3:GetLifecycleConfiguration",
        "s3:CreateBucket",
        "s3:PutBucketVersioning",
        "s3:PutBucketObjectLockConfiguration");
    readAll();
    allow(
        List.of("s3:PutObject"),
        BucketLayout.REGISTRY,
        BucketLayout.STATUSES,
        BucketLayout.STAGING,
        BucketLayout.AUDIT,
        BucketLayout.ACCEPTED,
        BucketLayout.SETTINGS,
        BucketLayout.LEASES,
        RestoreGuide.KEY.value());
    allow(List.of("s3:AbortMultipartUpload"), BucketLayout.ARCHIVES);
    // MinIO asks for both when it is a version that goes.
    allow(
        List.of("s3:DeleteObject", "s3:DeleteObjectVersion"),
        Stream.concat(Stream.of(BucketLayout.ARCHIVES), BucketLayout.REPLACED_OFTEN.stream())
            .toArray(String[]::new));
  }

  private void retention() {
    allowOnBucket("s3:ListBucketVersions");
    readAll();
    allow(List.of("s3:PutObject"), BucketLayout.EXPIRING, BucketLayout.EXPIRY_AUDIT);
    allow(
        List.of("s3:DeleteObject", "s3:DeleteObjectVersion"),
        BucketLayout.ARCHIVES,
        BucketLayout.MANIFESTS,
        BucketLayout.ALARMS,
        BucketLayout.ACCEPTED,
        BucketLayout.EXPIRING);
  }

  private void readAll() {
    allowOnBucket(
        "s3:ListBucket",
        "s3:GetBucketLocation",
        "s3:GetBucketVersioning",
        "s3:GetBucketObjectLockConfiguration");
    allow(List.of("s3:GetObject", "s3:GetObjectRetention"), "");
  }

  private void allowOnBucket(String... actions) {
    add(List.of(actions), List.of("arn:aws:s3:::" + bucket));
  }

  /**
   * @param prefixes of keys; one that does not end in a slash is a whole key
   */
  private void allow(List<String> actions, String... prefixes) {
    add(
        actions,
        Stream.of(prefixes)
            .map(
                prefix ->
                    "arn:aws:s3:::"
                        + bucket
                        + "/"
                        + prefix
                        + (prefix.isEmpty() || prefix.endsWith("/") ? "*" : ""))
            .toList());
  }

  private void add(List<String> actions, List<String> resources) {
    Map<String, Object> statement = new LinkedHashMap<>();
    statement.put("Effect", "Allow");
    statement.put("Action", actions);
    statement.put("Resource", resources);
    statements.add(statement);
  }
}
