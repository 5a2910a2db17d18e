package resguardo.admin.notify;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/** Requests that are answered within a while, or are taken as failed. */
final class HttpSender {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int REFUSED_FROM = 300;

  private final HttpClient client =
      HttpClient.newBuilder()
          .connectTimeout(PATIENCE)
          // Whoever follows makes a question of what was posted, which is answered and takes
          // nothing.
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  /**
   * Posts.
   *
   * @throws IOException when it was not taken; its message does not hold the address, of which
   *     parts may be secret
   */
  void post(URI to, String body, Map<String, String> headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(to)
            .timeout(PATIENCE)
            .POST(HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8));
    headers.forEach(request::header);
    send(request.build());
  }

  /** Gets, for the effect of it; as {@link #post}. */
  void get(URI from) throws IOException, InterruptedException {
    send(HttpRequest.newBuilder(from).timeout(PATIENCE).GET().build());
  }

  private void send(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<Void> response;
    try {
      response = client.send(request, HttpResponse.BodyHandlers.discarding());
    } catch (IOException e) {
      throw new IOException(
          "no answer of " + request.uri().getHost() + " (" + e.getClass().getSimpleName() + ")", e);
    }
    if (response.statusCode() >= REFUSED_FROM) {
      throw new IOException(request.uri().getHost() + " answers " + response.statusCode());
    }
  }
}
