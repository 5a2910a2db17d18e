package resguardo.infra.store;

import io.minio.credentials.AssumeRoleProvider;
import io.minio.credentials.Credentials;
import io.minio.errors.MinioException;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.ProviderException;
import java.time.Duration;
import java.util.function.Supplier;
import resguardo.infra.tls.Tls;

/**
 * Keys with no more rights than a policy says, as the token service of a MinIO gives them to
 * whoever has a key with more ({@code AssumeRole}). Such a key ends with its time, and with that of
 * whom it was made by, and no earlier.
 */
public final class RoleKeys {
  /** For how long MinIO gives one at the most. */
  public static final Duration LONGEST = Duration.ofDays(365);

  private static final Duration SHORTEST = Duration.ofDays(7); // the client asks for no less

  private RoleKeys() {}

  /**
   * The address of a store with a key of its own.
   *
   * @param owner the address with the key that makes it
   * @param policy in JSON, as {@link StoreUri#policy} has it
   * @param lasting 7 to 365 days
   * @throws IllegalArgumentException when the store has no keys, or the time is another
   * @throws IOException when the store gives none, which those of others than MinIO do not; to be
   *     asked again where it did not answer
   */
  public static String of(StoreUri owner, String policy, Duration lasting, Supplier<Tls> tls)
      throws IOException {
    if (!(owner instanceof StoreUri.S3 at)) {
      throw new IllegalArgumentException("a folder has no keys: its rights are those of its files");
    } else if (lasting.compareTo(SHORTEST) < 0 || lasting.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "a key is for " + SHORTEST.toDays() + " to " + LONGEST.toDays() + " days");
    }
    try {
      Credentials key =
          new AssumeRoleProvider(
                  (at.tls() ? "https://" : "http://") + at.host() + ":" + at.port(),
                  at.accessKey(),
                  at.secretKey(),
                  Math.toIntExact(lasting.toSeconds()),
                  policy,
                  at.region(),
                  null,
                  null,
                  null,
                  S3Client.http(at.tls() ? tls.get() : null))
              .fetch();
      return address(at, key);
    } catch (MinioException | ProviderException e) {
      throw new IOException(at + " gives no key: " + reason(e), e);
    }
  }

  private static String reason(Exception e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return String.valueOf(cause.getMessage());
  }

  private static String address(StoreUri.S3 at, Credentials key) {
    return String.format(
        "s3://%s:%s@%s:%d/%s?tls=%s&region=%s%s&token=%s",
        encoded(key.accessKey()),
        encoded(key.secretKey()),
        at.host(),
        at.port(),
        at.bucket(),
        at.tls(),
        encoded(at.region()),
        at.locked() ? "&lock=true" : "",
        encoded(key.sessionToken()));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
