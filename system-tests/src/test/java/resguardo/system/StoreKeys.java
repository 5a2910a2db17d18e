package resguardo.system;

import io.minio.credentials.AssumeRoleProvider;
import io.minio.credentials.Credentials;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import resguardo.infra.store.StoreUri;
import resguardo.testkit.servers.RealServer;

/** Keys of a store that can do what a policy says and no more. */
final class StoreKeys {
  private StoreKeys() {}

  /**
   * The address of the store with such a key.
   *
   * @param options that follow in the address, such as {@code &lock=true}
   */
  static String of(RealServer store, String options, String policy) throws Exception {
    String owner = store.fact("store_uri") + options;
    StoreUri.S3 at = (StoreUri.S3) StoreUri.parse(owner);
    Credentials key =
        new AssumeRoleProvider(
                store.fact("endpoint"),
                at.accessKey(),
                at.secretKey(),
                3600,
                policy,
                at.region(),
                null,
                null,
                null,
                null)
            .fetch();
    return String.format(
        "s3://%s:%s@%s:%d/%s?tls=false&token=%s%s",
        encoded(key.accessKey()),
        encoded(key.secretKey()),
        at.host(),
        at.port(),
        at.bucket(),
        encoded(key.sessionToken()),
        options);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
