package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static resguardo.testkit.servers.Amqp10Client.body;
import static resguardo.testkit.servers.Amqp10Client.contentType;
import static resguardo.testkit.servers.Amqp10Client.properties;
import static resguardo.testkit.servers.Amqp10Client.value;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.testkit.servers.Amqp10Client;

/**
 * Somebody has the password of a node, and sends what RabbitMQ 4 ends the connections of others
 * for: by the programs that users run.
 */
class PoisonTest {
  private static final byte[] UUID = properties(Map.of("a", value(0x98, new byte[16])));
  private static final byte[] LONG_TYPE = contentType("x".repeat(300));

  @TempDir Path folder;

  @AutoClose private Pipeline pipeline;

  private void poison(String user, String password) throws IOException {
    for (String exchange : List.of("events", "logs")) {
      try (Amqp10Client thief =
          new Amqp10Client(
              Pipeline.portOf(pipeline.broker().fact("amqp_uri")),
              user,
              password,
              "/exchanges/resguardo." + exchange + "/agent.alpha.x",
              Pipeline.PATIENCE)) {
        thief.send(UUID, body(new byte[2]));
        thief.send(LONG_TYPE, body(new byte[2]));
      }
    }
  }

  @Test
  void whatRabbitMqCannotPassOnStopsNeitherCommandsNorBackupsAndDoctorSaysSo() throws Exception {
    Assumptions.assumeTrue(
        "4".equals(System.getenv("RESGUARDO_RABBITMQ")), "RabbitMQ 3 takes no AMQP 1.0");
    pipeline = new Pipeline(folder);
    Path settings = folder.resolve("alpha.env");
    assertThat(pipeline.admin("node", "enroll", "alpha", "--save-to-file", settings + "").exit())
        .isZero();
    String password =
        Files.readString(settings).replaceFirst("(?s).*://node\\.alpha:([^@]+)@.*", "$1");
    Path data = pipeline.data("data");
    Files.writeString(data.resolve("file"), "content");
    pipeline.startOfEach("beta");
    pipeline.register("beta", data, 1);
    pipeline.awaitVersions("beta", data, 1);
    for (int times = 0; times < 3; times++) {
      poison("node.alpha", password);
      Pipeline.Result answer = pipeline.admin("list", "--timeout", "60");
      assertThat(answer.exit()).as(answer.err()).isZero();
      assertThat(answer.out()).contains("beta");
    }
    Files.writeString(data.resolve("file"), "content after that");
    pipeline.awaitVersions("beta", data, 2);
    pipeline.assertRestorable("beta", data);
    poison("node.alpha", password);
    await()
        .atMost(Pipeline.PATIENCE)
        .until(
            () ->
                pipeline
                    .admin("doctor")
                    .out()
                    .contains("something that a node sent has ended the connections"));
  }
}
