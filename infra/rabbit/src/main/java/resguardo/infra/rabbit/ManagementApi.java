package resguardo.infra.rabbit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import resguardo.infra.tls.Tls;

/**
 * The HTTP interface of RabbitMQ's management plugin, as far as it is needed. Nothing is tried
 * twice: whoever asks can ask again.
 */
final class ManagementApi {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ManagementUri uri;
  private final HttpClient client;

  /**
   * @param tls asked for where the address is an https one
   */
  ManagementApi(ManagementUri uri, Supplier<Tls> tls) {
    this.uri = uri;
    HttpClient.Builder builder = HttpClient.newBuilder().connectTimeout(PATIENCE);
    if (uri.base().startsWith("https:")) {
      builder.sslContext(tls.get().context());
    }
    this.client = builder.build();
  }

  /** What lies there; empty: nothing. */
  Optional<JsonNode> find(String... path) throws ManagementException {
    HttpResponse<String> response = call("GET", null, path);
    return response.statusCode() == 404
        ? Optional.empty()
        : Optional.of(read(checked(response).body()));
  }

  /**
   * The things of a list, and no more of each than is asked for: all of many queues takes long.
   *
   * @param columns with commas between them
   */
  JsonNode list(String columns, String... path) throws ManagementException {
    String address = address(path) + "?columns=" + columns;
    return read(checked(call("GET", null, URI.create(address))).body());
  }

  /** Makes it so, whatever was there. */
  void put(Map<String, ?> value, String... path) throws ManagementException {
    try {
      checked(call("PUT", JSON.writeValueAsString(value), path));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not to be written as JSON", e);
    }
  }

  /**
   * Removes it.
   *
   * @return whether there was something to remove
   */
  boolean delete(String... path) throws ManagementException {
    HttpResponse<String> response = call("DELETE", null, path);
    return response.statusCode() != 404 && checked(response) != null;
  }

  private String address(String... path) {
    StringBuilder address = new StringBuilder(uri.base()).append("/api");
    for (String part : path) {
      // The encoding of forms writes a space as +, which is itself in a path.
      address
          .append('/')
          .append(URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20"));
    }
    return address.toString();
  }

  private HttpResponse<String> call(String method, @Nullable String body, String... path)
      throws ManagementException {
    return call(method, body, URI.create(address(path)));
  }

  private HttpResponse<String> call(String method, @Nullable String body, URI address)
      throws ManagementException {
    String login = uri.user() + ":" + uri.password();
    HttpRequest request =
        HttpRequest.newBuilder(address)
            .timeout(PATIENCE)
            .header(
                "Authorization",
                "Basic "
                    + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8)))
            .header("Content-Type", "application/json")
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body))
            .build();
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unreachable("interrupted", e);
    } catch (IOException e) {
      throw unreachable(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage(), e);
    }
  }

  private ManagementException unreachable(String why, Exception e) {
    return new ManagementException(
        ManagementException.Kind.UNREACHABLE,
        "the management interface at " + uri + " does not answer: " + why,
        e);
  }

  private HttpResponse<String> checked(HttpResponse<String> response) throws ManagementException {
    int status = response.statusCode();
    if (status < 300) {
      return response;
    }
    if (status == 401 || status == 403) {
      throw new ManagementException(
          ManagementException.Kind.NOT_ALLOWED,
          "the management interface at " + uri + " does not allow it (" + status + ")",
          null);
    }
    throw new ManagementException(
        ManagementException.Kind.FAILED,
        "the management interface at " + uri + " answered " + status + ": " + response.body(),
        null);
  }

  private JsonNode read(String body) throws ManagementException {
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw new ManagementException(
          ManagementException.Kind.FAILED,
          "what answers at " + uri + " is no management interface of RabbitMQ",
          e);
    }
  }
}
