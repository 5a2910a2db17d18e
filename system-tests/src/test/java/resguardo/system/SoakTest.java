package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.Json;
import resguardo.infra.rabbit.RabbitBroker;

/**
 * Many registrations whose files change, while all that runs is killed at random. {@code make soak}
 * runs it for longer and with more of them; {@code resguardo.soak.seed} has it kill and change the
 * same again; with {@code resguardo.soak.kills=false} nothing is killed, and what it holds and what
 * memory that takes can be seen; {@code resguardo.soak.every} is the shortest time in seconds from
 * one backup of a path to the next.
 */
class SoakTest {
  private static final Duration MEASURED_EVERY = Duration.ofSeconds(5);
  private static final int MANY = 100;
  private static final int MOST_NODES = 8;
  private static final Path REPORT = Path.of("target/soak");

  private final double minutes =
      Double.parseDouble(System.getProperty("resguardo.soak.minutes", "3"));
  private final int registrations = Integer.getInteger("resguardo.soak.registrations", 40);
  private final long seed = Long.getLong("resguardo.soak.seed", System.nanoTime() % 1_000_000);
  private final boolean kills =
      Boolean.parseBoolean(System.getProperty("resguardo.soak.kills", "true"));
  private final int every =
      Integer.getInteger("resguardo.soak.every", registrations < MANY ? 15 : 30);
  private final SoakRecord record = new SoakRecord();

  @AutoClose("shutdownNow")
  private final ScheduledExecutorService meter = Executors.newSingleThreadScheduledExecutor();

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  @AutoClose private @Nullable Pipeline started;

  @Test
  @SuppressWarnings("FutureReturnValueIgnored") // it measures until the end
  void nothingIsLostOrDoubledWhileAllIsKilledAtRandom() throws Exception {
    System.out.printf(
        "soak: %s minutes, %d registrations, seed %d%n", minutes, registrations, seed);
    Pipeline pipeline = new Pipeline(folder).measured();
    started = pipeline;
    List<SoakAudit.Source> sources = sources(pipeline);
    SoakFleet fleet = new SoakFleet(pipeline, seed);
    SoakAudit audit = new SoakAudit(pipeline, fleet, record, sources);
    fleet.start(2, registrations < MANY ? 2 : 3, nodes());
    SoakFiles files =
        new SoakFiles(sources.stream().map(SoakAudit.Source::path).toList(), seed, perSecond());
    files.fill();
    Instant began = Instant.now();
    try (RabbitBroker broker = pipeline.connect();
        Subscription events = broker.events().subscribe(record::note)) {
      audit.register(broker);
      meter.scheduleAtFixedRate(fleet::measure, 0, MEASURED_EVERY.toSeconds(), TimeUnit.SECONDS);
      files.begin();
      Duration time = Duration.ofSeconds(Math.round(minutes * 60));
      if (kills) {
        fleet.killUntil(Instant.now().plus(time));
      } else {
        Thread.sleep(time.toMillis());
      }
      files.close();
      Instant still = Instant.now();
      audit.awaitLastRound(still);
      double seconds = Duration.between(began, Instant.now()).toMillis() / 1000.0;
      double eventsPerSecond = record.events() / seconds;
      double jobsPerSecond = record.jobs() / seconds;
      SoakLedger ledger = audit.ledger();
      report(
          new SoakReport(
              seed,
              minutes,
              files.changes(),
              ledger,
              eventsPerSecond,
              jobsPerSecond,
              fleet.kills(),
              fleet.memory()));
      assertThat(ledger.problems()).as("seed %d", seed).isEmpty();
      assertThat(ledger.compared()).isEqualTo(registrations);
    }
  }

  private List<String> nodes() {
    int many = Math.max(1, Math.min(MOST_NODES, registrations / 10));
    return IntStream.range(0, many).mapToObj(i -> "node-" + i).toList();
  }

  /** Each tree changes every eight seconds or so. */
  private int perSecond() {
    return Math.max(1, registrations / 8);
  }

  private List<SoakAudit.Source> sources(Pipeline pipeline) throws IOException {
    List<String> nodes = nodes();
    List<SoakAudit.Source> sources = new ArrayList<>();
    for (int i = 0; i < registrations; i++) {
      String node = nodes.get(i % nodes.size());
      Path path = pipeline.data(node + "-" + i);
      sources.add(SoakAudit.Source.of(node, path, every + 5L * (i % 7)));
    }
    return sources;
  }

  private static void report(SoakReport report) throws IOException {
    Files.createDirectories(REPORT);
    Files.write(REPORT.resolve("ledger.json"), Json.write(report));
    Files.writeString(REPORT.resolve("ledger.md"), report.markdown());
    System.out.println(report.markdown());
    report.ledger().problems().forEach(problem -> System.out.println("soak: " + problem));
  }
}
