package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * The user of the broker that the manifests for Kubernetes have made, at a real one: what it is for
 * it may do, and no more.
 */
class KubernetesUsersTest {
  private static final Path USERS =
      Path.of("..", "infra", "kubernetes", "components", "broker", "users.yaml");
  private static final String QUEUE = "queues/%2F/jobs.fetch";

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @AutoClose private Pipeline pipeline;

  @BeforeEach
  void start() throws Exception {
    pipeline = new Pipeline(folder);
    pipeline.coordinator(); // it makes the bucket, and what all use at the broker
    await()
        .atMost(Pipeline.PATIENCE)
        .until(() -> pipeline.logged("coordinator", "coordinator started"));
  }

  @Test
  void thatOfTheScalerSeesHowLongQueuesAreAndNoMore() throws Exception {
    pipeline.worker(); // the queue is there once somebody takes from it
    make("resguardo-scaler", "management");
    await()
        .atMost(Pipeline.PATIENCE)
        .until(() -> asScaler("GET", QUEUE, "").statusCode(), status -> status == 200);
    JsonNode queue = new ObjectMapper().readTree(asScaler("GET", QUEUE, "").body());
    assertThat(queue.path("name").asText()).isEqualTo("jobs.fetch");
    String get = "{\"count\":1,\"ackmode\":\"ack_requeue_true\",\"encoding\":\"auto\"}";
    assertThat(asScaler("POST", QUEUE + "/get", get).statusCode()).isIn(401, 403);
    assertThat(asScaler("PUT", "queues/%2F/another", "{}").statusCode()).isIn(401, 403);
    assertThat(asScaler("DELETE", QUEUE + "/contents", "").statusCode()).isIn(401, 403);
    assertThat(asScaler("GET", "users", "").statusCode()).isIn(401, 403);
  }

  private HttpResponse<String> asScaler(String method, String path, String body) throws Exception {
    return call("resguardo-scaler:secret", method, path, body);
  }

  /** As the topology operator would: the user, and its rights in the one virtual host. */
  private void make(String name, String tags) throws Exception {
    String administrator =
        pipeline.broker().fact("management_user")
            + ":"
            + pipeline.broker().fact("management_password");
    ObjectNode user = new ObjectMapper().createObjectNode();
    user.put("password", "secret").put("tags", tags);
    JsonNode permission = document("Permission", name).path("spec");
    JsonNode asked = document("User", name).path("spec").path("tags");
    assertThat(asked.isMissingNode() ? "" : asked.path(0).asText()).isEqualTo(tags);
    assertThat(permission.path("vhost").asText()).isEqualTo("/");
    assertThat(call(administrator, "PUT", "users/" + name, user.toString()).statusCode())
        .isBetween(200, 299);
    String rights = permission.path("permissions").toString();
    assertThat(call(administrator, "PUT", "permissions/%2F/" + name, rights).statusCode())
        .isBetween(200, 299);
  }

  private static JsonNode document(String kind, String name) throws Exception {
    try (MappingIterator<JsonNode> read =
        new YAMLMapper().readerFor(JsonNode.class).readValues(USERS.toFile())) {
      return read.readAll().stream()
          .filter(one -> one.path("kind").asText().equals(kind))
          .filter(one -> one.path("metadata").path("name").asText().equals(name))
          .findFirst()
          .orElseThrow();
    }
  }

  private HttpResponse<String> call(String login, String method, String path, String body)
      throws Exception {
    String encoded = Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8));
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(pipeline.broker().fact("management_url") + "/api/" + path))
            .header("Authorization", "Basic " + encoded)
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }
}
