package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import resguardo.core.protocol.Json;

/** The image has all programs, and they take the options that docker-compose.yml gives them. */
class DockerTest {
  private static final Path PROJECT = Path.of("..");
  private static final Pattern LAUNCHED = Pattern.compile("(?m)^launch ([a-z-]+) ");
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{[A-Z_]+:-([^}]*)}");

  @Test
  void theImageHasEachProgramThatIsStarted() throws Exception {
    String image = Files.readString(PROJECT.resolve("infra/docker/Dockerfile"));
    Set<String> programs = new TreeSet<>();
    try (Stream<Path> files = Files.list(PROJECT.resolve("bin"))) {
      for (Path file : files.toList()) {
        Matcher launched = LAUNCHED.matcher(Files.readString(file));
        while (launched.find()) {
          programs.add(launched.group(1));
        }
      }
    }
    assertThat(programs).contains("coordinator", "console", "transfer", "standalone");
    programs.remove("standalone"); // it is for trying things without any of this
    assertThat(programs)
        .allSatisfy(
            program -> {
              assertThat(image).containsPattern("-pl [a-z,-]*\\b" + program + "\\b");
              String target = program + "/target/";
              assertThat(image)
                  .contains("/source/" + target + "lib ./" + target + "lib\n")
                  .contains("/source/" + target + "*.jar ./" + target + "\n");
            });
  }

  @Test
  void everyBrokerThatWeSetUpTakesNoMessageLargerThanAnyOfOurs() throws Exception {
    String bound = "max_message_size = " + Json.ANSWER_BYTES + "\n";
    String mounted = "./infra/docker/rabbitmq.conf:/etc/rabbitmq/conf.d/20-resguardo.conf:ro";
    assertThat(Files.readString(PROJECT.resolve("infra/servers/rabbitmq"))).contains(bound);
    assertThat(Files.readString(PROJECT.resolve("infra/docker/rabbitmq.conf"))).contains(bound);
    assertThat(Files.readString(PROJECT.resolve("infra/kubernetes/components/broker/broker.yaml")))
        .contains(bound);
    JsonNode volumes =
        new YAMLMapper()
            .readTree(PROJECT.resolve("docker-compose.yml").toFile())
            .at("/services/rabbitmq/volumes");
    assertThat(volumes).anyMatch(volume -> volume.asText().equals(mounted));
  }

  /** Those of RabbitMQ 4, which know it. */
  @Test
  void everyBrokerThatWeSetUpHasFewConsumersOnAChannel() throws Exception {
    String bound = "consumer_max_per_channel = 64";
    for (String file :
        List.of(
            "infra/servers/rabbitmq",
            "infra/docker/rabbitmq.conf",
            "infra/kubernetes/components/broker/broker.yaml",
            "docs/operating.md")) {
      assertThat(Files.readString(PROJECT.resolve(file))).as(file).contains(bound);
    }
  }

  @Test
  void theProgramsTakeTheirOptions() throws Exception {
    JsonNode services =
        new YAMLMapper().readTree(PROJECT.resolve("docker-compose.yml").toFile()).path("services");
    List<String> started = new ArrayList<>();
    for (JsonNode service : services) {
      List<String> words = new ArrayList<>();
      service
          .path("command")
          .forEach(word -> words.add(VARIABLE.matcher(word.asText()).replaceAll("$1")));
      if (service.path("image").isMissingNode() && !words.isEmpty()) {
        started.add(words.get(0));
        String[] options = words.subList(1, words.size()).toArray(new String[0]);
        KubernetesTest.program(words.get(0)).parseArgs(options);
      }
    }
    assertThat(started)
        .containsExactlyInAnyOrder("coordinator", "fetch-worker", "retention", "admin", "console");
  }
}
