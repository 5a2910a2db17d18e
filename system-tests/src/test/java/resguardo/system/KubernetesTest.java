package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import resguardo.admin.notify.NotifyConfig;

/**
 * What schemas and linters cannot know of the manifests of infra/kubernetes: that the programs take
 * their options and settings, and that the queues are those that there are.
 */
class KubernetesTest {
  private static final Path FOLDER = Path.of("..", "infra", "kubernetes");

  /** A process is given 60 seconds to end in order (RunningProcess). */
  private static final Duration ORDERLY_END = Duration.ofSeconds(60);

  @TempDir Path folder;

  @Test
  void theProgramsTakeTheirOptions() throws Exception {
    List<List<String>> calls =
        containers().stream()
            .map(container -> texts(container.path("args")))
            .filter(args -> !args.isEmpty())
            .toList();
    assertThat(calls)
        .extracting(call -> call.get(0))
        .contains("coordinator", "fetch-worker", "retention", "agent", "admin", "console");
    assertThat(calls)
        .allSatisfy(
            call ->
                program(call.get(0))
                    .parseArgs(call.subList(1, call.size()).toArray(new String[0])));
  }

  @Test
  void theSettingsAreOnesThatAreRead() throws Exception {
    String told =
        Files.readString(Path.of("../README.md"))
            + Files.readString(Path.of("../docs/operating.md"));
    Set<String> names = new TreeSet<>();
    for (JsonNode container : containers()) {
      for (JsonNode variable : container.path("env")) {
        names.add(variable.path("name").asText());
      }
    }
    assertThat(names).contains("RESGUARDO_STORE_FILE");
    assertThat(names)
        .filteredOn(name -> name.startsWith("RESGUARDO_"))
        .allSatisfy(name -> assertThat(told).contains("`" + name.replaceFirst("_FILE$", "") + "`"));
  }

  /**
   * Whoever asks for what is in a volume or for the downward API's value names one that is there.
   */
  @Test
  void whatIsMountedIsThere() throws Exception {
    assertThat(pods())
        .isNotEmpty()
        .allSatisfy(
            pod -> {
              Set<String> volumes = new TreeSet<>();
              elements(pod.path("volumes")).forEach(one -> volumes.add(one.path("name").asText()));
              volumes.add("data"); // of the example's claim
              assertThat(containersOf(pod))
                  .allSatisfy(
                      container -> {
                        assertThat(elements(container.path("volumeMounts")))
                            .extracting(mount -> mount.path("name").asText())
                            .isSubsetOf(volumes);
                        Set<String> variables = new TreeSet<>();
                        elements(container.path("env"))
                            .forEach(one -> variables.add("$(" + one.path("name").asText() + ")"));
                        assertThat(texts(container.path("args")))
                            .filteredOn(arg -> arg.startsWith("$("))
                            .isSubsetOf(variables);
                      });
            });
  }

  @Test
  void podsAreNotKilledBeforeTheyCouldEndInOrder() throws Exception {
    assertThat(pods())
        .filteredOn(pod -> "Always".equals(pod.path("restartPolicy").asText("Always")))
        .filteredOn(pod -> pod.toString().contains("\"health\""))
        .hasSizeGreaterThanOrEqualTo(5)
        .allSatisfy(
            pod ->
                assertThat(pod.path("terminationGracePeriodSeconds").asLong())
                    .isGreaterThan(ORDERLY_END.toSeconds()));
  }

  @Test
  void workersAreScaledByTheQueuesThatTheyTakeFrom() throws Exception {
    JsonNode scaled =
        documents().stream()
            .filter(one -> one.path("kind").asText().equals("ScaledObject"))
            .findFirst()
            .orElseThrow();
    String topology =
        Files.readString(
            Path.of("../infra/rabbit/src/main/java/resguardo/infra/rabbit/Topology.java"));
    List<String> queues =
        elements(scaled.path("spec").path("triggers"))
            .map(trigger -> trigger.path("metadata").path("queueName").asText())
            .toList();
    assertThat(queues).hasSize(2);
    assertThat(queues)
        .allSatisfy(queue -> assertThat(topology).contains("_QUEUE = \"" + queue + "\""));
  }

  /** Notices go where the file says, which is in the form that is read; its secrets are files. */
  @Test
  void whoIsToldStandsInAFileThatIsRead() throws Exception {
    Path secret = Files.writeString(folder.resolve("slack"), "https://hooks.example.org/1");
    String channels = Files.readString(FOLDER.resolve("example/channels.yaml"));
    assertThat(channels).contains("/etc/resguardo/slack");
    Path file =
        Files.writeString(
            folder.resolve("notify.yaml"),
            channels.replace("/etc/resguardo/slack", secret.toString()));
    NotifyConfig config = NotifyConfig.read(file, Duration::parse);
    assertThat(config.channels()).hasSize(1);
  }

  @Test
  void nobodyIsLetToTheConsole() throws Exception {
    List<JsonNode> ingress =
        documents().stream()
            .filter(one -> one.path("kind").asText().equals("NetworkPolicy"))
            .flatMap(policy -> elements(policy.path("spec").path("ingress")))
            .toList();
    assertThat(ingress).hasSizeGreaterThan(3);
    assertThat(ingress)
        .allSatisfy(
            rule ->
                assertThat(elements(rule.path("ports")).map(port -> port.path("port").asText()))
                    .isNotEmpty()
                    .doesNotContain("console", "7070"));
  }

  /** What takes the options of a program. */
  static CommandLine program(String name) {
    Map<String, Object> programs = new HashMap<>();
    programs.put("coordinator", new resguardo.coordinator.Main());
    programs.put("fetch-worker", new resguardo.worker.Main());
    programs.put("retention", new resguardo.retention.Main());
    programs.put("agent", new resguardo.agent.Main());
    programs.put("console", new resguardo.console.Main());
    return name.equals("admin")
        ? resguardo.admin.Main.commandLine()
        : new CommandLine(programs.get(name));
  }

  private static List<JsonNode> documents() throws Exception {
    List<JsonNode> all = new ArrayList<>();
    try (Stream<Path> files = Files.walk(FOLDER)) {
      for (Path file :
          (Iterable<Path>) files.filter(one -> one.toString().endsWith(".yaml"))::iterator) {
        try (MappingIterator<JsonNode> read =
            new YAMLMapper().readerFor(JsonNode.class).readValues(file.toFile())) {
          all.addAll(read.readAll());
        }
      }
    }
    return all;
  }

  /** The specifications of pods, of whatever makes them. */
  private static List<JsonNode> pods() throws Exception {
    List<JsonNode> pods = new ArrayList<>();
    for (JsonNode document : documents()) {
      for (JsonNode template : document.findValues("template")) {
        pods.add(template.path("spec"));
      }
    }
    return pods;
  }

  private static List<JsonNode> containers() throws Exception {
    List<JsonNode> all = new ArrayList<>();
    pods().forEach(pod -> all.addAll(containersOf(pod)));
    return all;
  }

  private static List<JsonNode> containersOf(JsonNode pod) {
    return Stream.concat(elements(pod.path("containers")), elements(pod.path("initContainers")))
        .toList();
  }

  private static Stream<JsonNode> elements(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }

  private static List<String> texts(JsonNode array) {
    return elements(array).map(JsonNode::asText).toList();
  }
}
