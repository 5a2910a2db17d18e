package resguardo.infra.store;

import io.minio.GetBucketLifecycleArgs;
import io.minio.MinioAsyncClient;
import io.minio.messages.Filter;
import io.minio.messages.LifecycleConfiguration;
import io.minio.messages.Status;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoreRule;

/** The lifecycle rules of a bucket, as far as they are about objects as they are now. */
final class S3Rules {
  private S3Rules() {}

  static List<StoreRule> of(MinioAsyncClient client, String bucket) throws StoreException {
    try {
      LifecycleConfiguration configuration =
          S3Calls.once(
              "ask for the lifecycle rules of " + bucket,
              () ->
                  client.getBucketLifecycle(
                      GetBucketLifecycleArgs.builder().bucket(bucket).build()));
      return configuration == null ? List.of() : rules(configuration);
    } catch (StoreException.NotFound none) {
      return List.of();
    }
  }

  private static List<StoreRule> rules(LifecycleConfiguration configuration) {
    List<StoreRule> rules = new ArrayList<>();
    for (LifecycleConfiguration.Rule rule : configuration.rules()) {
      Optional<String> prefix = prefix(rule.filter());
      if (rule.status() != Status.ENABLED || prefix.isEmpty()) {
        continue;
      }
      String name = rule.id() == null ? "without a name" : rule.id();
      LifecycleConfiguration.Expiration expiration = rule.expiration();
      if (expiration != null && (expiration.days() != null || expiration.date() != null)) {
        String when = when(expiration.days(), expiration.date());
        rules.add(new StoreRule(name, prefix.get(), StoreRule.Effect.REMOVES, when));
      }
      LifecycleConfiguration.Transition transition = rule.transition();
      if (transition != null) {
        String when = when(transition.days(), transition.date());
        rules.add(new StoreRule(name, prefix.get(), StoreRule.Effect.MOVES, when));
      }
    }
    return rules;
  }

  /** Empty: it is about objects with tags, and ours have none. */
  private static Optional<String> prefix(@Nullable Filter filter) {
    if (filter == null) {
      return Optional.of("");
    }
    Filter.And all = filter.andOperator();
    boolean tags = filter.tag() != null || all != null && !isEmpty(all.tags());
    String prefix = all == null ? filter.prefix() : all.prefix();
    return tags ? Optional.empty() : Optional.of(prefix == null ? "" : prefix);
  }

  private static boolean isEmpty(@Nullable List<?> tags) {
    return tags == null || tags.isEmpty();
  }

  private static String when(@Nullable Integer days, @Nullable ZonedDateTime date) {
    return days == null ? "from " + date + " on" : "after " + days + " days";
  }
}
