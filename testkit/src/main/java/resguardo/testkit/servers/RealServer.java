package resguardo.testkit.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * A private RabbitMQ or MinIO, on loopback, with all that it has in one folder. Where it cannot be
 * had, the test is aborted; with {@code RESGUARDO_REQUIRE_REAL=1} it fails.
 */
public final class RealServer implements AutoCloseable {
  private final Path script;
  private final Path folder;
  private List<String> joined = List.of();
  private Map<String, String> facts = Map.of();

  private RealServer(String which, Path folder) {
    this.script = scripts().resolve(which);
    this.folder = folder;
  }

  /** Starts a RabbitMQ; its address is the fact {@code amqp_uri}. */
  public static RealServer rabbitmq(Path folder) {
    return started(new RealServer("rabbitmq", folder));
  }

  /** Starts a RabbitMQ that is a node of the cluster of another, which runs. */
  static RealServer rabbitmq(Path folder, RealServer member) {
    RealServer server = new RealServer("rabbitmq", folder);
    server.joined = List.of("--join", member.folder.toString());
    return started(server);
  }

  /** Starts a MinIO; its address is the fact {@code store_uri}. */
  public static RealServer minio(Path folder) {
    return started(new RealServer("minio", folder));
  }

  /**
   * Starts a RabbitMQ that can be reached by TLS too; its address for that is the fact {@code
   * amqps_uri}. It takes only those who show a certificate of the authority.
   *
   * @param server the name of the certificate that it shows, as {@code localhost} or {@code
   *     elsewhere} has it
   */
  public static RealServer rabbitmqWithTls(Path folder, TestCa authority, String server) {
    authority.give(server, folder.resolve("tls"));
    return started(new RealServer("rabbitmq", folder));
  }

  /** Starts a MinIO that is reached by TLS alone. */
  public static RealServer minioWithTls(Path folder, TestCa authority, String server) {
    authority.give(server, folder.resolve("tls"));
    return started(new RealServer("minio", folder));
  }

  private static RealServer started(RealServer server) {
    try {
      server.start();
      return server;
    } catch (IllegalStateException e) {
      if ("1".equals(System.getenv("RESGUARDO_REQUIRE_REAL"))) {
        Assertions.fail(e);
      }
      Assumptions.abort(String.valueOf(e.getMessage()));
      throw e;
    }
  }

  static Path scripts() {
    String given = System.getenv("RESGUARDO_SERVERS_DIR");
    if (given != null) {
      return Path.of(given);
    }
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null && !Files.isDirectory(folder.resolve("infra/servers"))) {
      folder = folder.getParent();
    }
    return Objects.requireNonNull(folder, "tests run within the project").resolve("infra/servers");
  }

  /** Starts it, or starts it again at the same place with what it had. */
  public void start() {
    facts =
        run("start", joined.toArray(String[]::new))
            .lines()
            .filter(line -> line.contains("="))
            .collect(
                Collectors.toMap(
                    l -> l.substring(0, l.indexOf('=')), l -> l.substring(l.indexOf('=') + 1)));
  }

  /** Ends it as {@code kill -9} does. */
  public void kill() {
    run("kill");
  }

  /** Ends it in order. */
  public void stop() {
    run("stop");
  }

  /** Loses all that it had, its users and addresses excepted; it must not run. */
  public void forget() {
    try (Stream<Path> files = Files.walk(folder.resolve("data"))) {
      for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What it says of itself: {@code amqp_uri}, {@code store_uri}, {@code version} … */
  public String fact(String name) {
    return Objects.requireNonNull(facts.get(name), "the server says no " + name);
  }

  /** Has its own tool say something to it, and gives what that says: of a RabbitMQ. */
  public String control(String... words) {
    return run("ctl", words);
  }

  private String run(String command, String... more) {
    try {
      List<String> words = new ArrayList<>(List.of(script.toString(), command, folder.toString()));
      words.addAll(List.of(more));
      Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException(script.getFileName() + " " + command + ": " + said);
      }
      return said;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  @Override
  public void close() {
    run("kill");
  }
}
