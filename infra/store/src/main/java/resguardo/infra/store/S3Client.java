package resguardo.infra.store;

import io.minio.MinioAsyncClient;
import io.minio.credentials.StaticProvider;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import okhttp3.ConnectionPool;
import okhttp3.ConnectionSpec;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import org.jspecify.annotations.Nullable;
import resguardo.infra.tls.Tls;

/**
 * How a process speaks with an S3: for how long it waits, whom it trusts, how much goes at once.
 */
final class S3Client {
  private static final Duration CONNECT = Duration.ofSeconds(10);

  /**
   * A server that says nothing for so long is taken as gone. What was handed to the system to be
   * sent, up to 4 MiB, has to arrive within it too.
   */
  private static final Duration SILENCE = Duration.ofSeconds(30);

  /**
   * More than a process has threads that ask at once. By itself the client lets 5 requests go to a
   * server at once, and has all others wait for these.
   */
  private static final int AT_ONCE = 128;

  private static final Duration IDLE = Duration.ofMinutes(5);

  private S3Client() {}

  /**
   * One for this place. Nothing is connected to before the first call.
   *
   * @param tls asked only where the place is reached by TLS
   */
  static MinioAsyncClient of(StoreUri.S3 at, Supplier<Tls> tls) {
    return MinioAsyncClient.builder()
        .endpoint(at.host(), at.port(), at.tls())
        .credentialsProvider(new StaticProvider(at.accessKey(), at.secretKey(), at.sessionToken()))
        .region(at.region())
        .httpClient(http(at.tls() ? tls.get() : null))
        .build();
  }

  /**
   * Not from {@link io.minio.Http#newDefaultClient}: where {@code SSL_CERT_FILE} or {@code
   * SSL_CERT_DIR} is set it reads all certificates there, a byte at a time, which takes a second of
   * a processor at each start; and whom to trust is said by {@link Tls} alone.
   */
  static OkHttpClient http(@Nullable Tls tls) {
    Dispatcher dispatcher = new Dispatcher();
    dispatcher.setMaxRequests(AT_ONCE);
    dispatcher.setMaxRequestsPerHost(AT_ONCE);
    OkHttpClient.Builder builder =
        new OkHttpClient.Builder()
            .protocols(List.of(Protocol.HTTP_1_1))
            .dispatcher(dispatcher)
            .connectionPool(new ConnectionPool(AT_ONCE, IDLE.toMinutes(), TimeUnit.MINUTES))
            .connectTimeout(CONNECT)
            .readTimeout(SILENCE)
            .writeTimeout(SILENCE)
            .followRedirects(false) // what is signed and written for this store goes to no other
            .addInterceptor(RedirectedException::refuse);
    if (tls == null) {
      builder.connectionSpecs(List.of(ConnectionSpec.CLEARTEXT)); // so those of Java are not read
    } else {
      builder.sslSocketFactory(tls.context().getSocketFactory(), tls.trust());
    }
    return builder.build();
  }
}
