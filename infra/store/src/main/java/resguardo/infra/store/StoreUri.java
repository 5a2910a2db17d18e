package resguardo.infra.store;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import resguardo.core.Role;
import resguardo.core.port.ArchiveStore;
import resguardo.infra.tls.Tls;

/** Where the archives lie. Shown without the secret. */
public sealed interface StoreUri {
  /**
   * A bucket of an S3.
   *
   * @param sessionToken that goes with a key for a short time, as a token service gives it; absent:
   *     the key is one that lasts
   * @param locked whether it is made with object lock, where it is not there yet
   */
  record S3(
      String host,
      int port,
      boolean tls,
      String bucket,
      String accessKey,
      String secretKey,
      @Nullable String sessionToken,
      String region,
      boolean locked)
      implements StoreUri {
    @Override
    public String toString() {
      return "s3://" + host + ":" + port + "/" + bucket;
    }
  }

  /** A folder of this machine. */
  record Folder(Path path) implements StoreUri {
    @Override
    public String toString() {
      return path.toUri().toString();
    }
  }

  /**
   * @param uri {@code
   *     s3://KEY:SECRET@host:port/bucket?tls=true|false&region=…&lock=true|false&token=…}, where
   *     the token is for a key that has one, TLS is on unless said otherwise, the region is
   *     us-east-1, and a bucket that has to be made is made without object lock; or {@code
   *     file:///folder}. Key and secret are percent-decoded
   * @throws IllegalArgumentException when it is of no such form; the message does not hold the
   *     secret
   */
  static StoreUri parse(String uri) {
    URI parsed;
    try {
      parsed = URI.create(uri.strip());
    } catch (IllegalArgumentException e) {
      throw bad("it is not a URI");
    }
    if ("file".equals(parsed.getScheme())) {
      return new Folder(Path.of(parsed));
    }
    if (!"s3".equals(parsed.getScheme())) {
      throw bad("it begins neither with s3:// nor with file://");
    }
    return s3(parsed);
  }

  private static S3 s3(URI uri) {
    String user = uri.getRawUserInfo();
    if (user == null || user.indexOf(':') < 1 || uri.getHost() == null) {
      throw bad("it has no KEY:SECRET@host");
    }
    String path = uri.getPath() == null ? "" : uri.getPath();
    String bucket = path.replaceAll("^/|/$", "");
    if (bucket.isEmpty() || bucket.contains("/")) {
      throw bad("it does not end in one bucket");
    }
    Map<String, String> options = options(uri.getRawQuery());
    boolean tls = !"false".equals(options.get("tls"));
    int port = uri.getPort() > 0 ? uri.getPort() : tls ? 443 : 80;
    int colon = user.indexOf(':');
    return new S3(
        uri.getHost(),
        port,
        tls,
        bucket,
        decoded(user.substring(0, colon)),
        decoded(user.substring(colon + 1)),
        options.get("token"),
        options.getOrDefault("region", "us-east-1"),
        "true".equals(options.get("lock")));
  }

  private static Map<String, String> options(@Nullable String query) {
    if (query == null || query.isEmpty()) {
      return Map.of();
    }
    return Arrays.stream(query.split("&"))
        .map(option -> option.split("=", 2))
        .filter(option -> option.length == 2)
        .collect(
            Collectors.toMap(
                option -> option[0], option -> decoded(option[1]), (first, second) -> second));
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static IllegalArgumentException bad(String why) {
    return new IllegalArgumentException(
        "not the address of a store, "
            + why
            + "; one is like s3://KEY:SECRET@host:9000/bucket?tls=false or file:///folder");
  }

  /** Whether those who use it have keys, which may do more or less. */
  default boolean hasKeys() {
    return this instanceof S3;
  }

  /**
   * The least rights of a role's key there, as a policy in JSON.
   *
   * @throws IllegalArgumentException when it has no keys, or the role has none
   */
  default String policy(Role role) {
    return S3Policy.json(role, withKeys().bucket());
  }

  /**
   * The least rights of a worker's key there, as a policy in JSON.
   *
   * @param longestLock it can lock nothing for longer; absent: for any time
   * @throws IllegalArgumentException when it has no keys
   */
  default String workersPolicy(@Nullable Duration longestLock) {
    return S3Policy.ofWorker(withKeys().bucket(), longestLock);
  }

  /**
   * The least rights of a key there that moves versions, as a policy in JSON.
   *
   * @throws IllegalArgumentException when it has no keys
   */
  default String policy(S3Policy.Transfer transfer) {
    return S3Policy.json(transfer, withKeys().bucket());
  }

  private S3 withKeys() {
    if (this instanceof S3 s3) {
      return s3;
    }
    throw new IllegalArgumentException("a folder has no keys: its rights are those of its files");
  }

  /** As the other, with the authorities that this Java trusts. */
  default ArchiveStore open() {
    return open(Tls::ofJava);
  }

  /**
   * The store at this place; nothing is connected to yet.
   *
   * @param tls asked for TLS only
   */
  default ArchiveStore open(Supplier<Tls> tls) {
    if (this instanceof S3 s3) {
      return new S3ArchiveStore(s3, tls);
    }
    return new FolderArchiveStore(((Folder) this).path());
  }
}
