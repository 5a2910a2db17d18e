package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import resguardo.admin.Desk;
import resguardo.coordinator.Slots;
import resguardo.core.NodeName;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.Role;
import resguardo.core.Schedule;
import resguardo.core.Serial;
import resguardo.core.SourcePath;
import resguardo.core.catalog.Registry;
import resguardo.core.catalog.Status;
import resguardo.core.catalog.StatusBook;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.Command;
import resguardo.core.protocol.Json;
import resguardo.core.version.VersionHeader;
import resguardo.infra.rabbit.BrokerUri;
import resguardo.infra.rabbit.RabbitBroker;
import resguardo.infra.runtime.Instances;

/**
 * Many registrations whose files change, while all that runs is killed at random. {@code make soak}
 * runs it for longer and with more of them; {@code resguardo.soak.seed} has it kill and change the
 * same again.
 */
class SoakTest {
  private static final Duration LAST_ROUND = Duration.ofMinutes(10);
  private static final Duration MEASURED_EVERY = Duration.ofSeconds(5);
  private static final int MANY = 100;
  private static final int MOST_NODES = 8;
  private static final int QUERIES_AT_ONCE = 2;
  private static final Path REPORT = Path.of("target/soak");

  private final double minutes =
      Double.parseDouble(System.getProperty("resguardo.soak.minutes", "3"));
  private final int registrations = Integer.getInteger("resguardo.soak.registrations", 40);
  private final long seed = Long.getLong("resguardo.soak.seed", System.nanoTime() % 1_000_000);
  private final SoakRecord record = new SoakRecord();
  private final ScheduledExecutorService meter = Executors.newSingleThreadScheduledExecutor();

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  private @Nullable Pipeline started;

  /** One path that is backed up. */
  private record Source(String node, Path path, RegistrationKey key, long seconds) {}

  @AfterEach
  void end() throws Exception {
    meter.shutdownNow();
    if (started != null) {
      started.close();
    }
  }

  @Test
  @SuppressWarnings("FutureReturnValueIgnored") // it measures until the end
  void nothingIsLostOrDoubledWhileAllIsKilledAtRandom() throws Exception {
    System.out.printf(
        "soak: %s minutes, %d registrations, seed %d%n", minutes, registrations, seed);
    Pipeline pipeline = new Pipeline(folder);
    started = pipeline;
    List<Source> sources = sources(pipeline);
    SoakFleet fleet = new SoakFleet(pipeline, seed);
    fleet.start(2, registrations < MANY ? 2 : 3, nodes());
    SoakFiles files = new SoakFiles(sources.stream().map(Source::path).toList(), seed, perSecond());
    files.fill();
    Instant began = Instant.now();
    try (RabbitBroker broker = broker(pipeline);
        Subscription events = broker.events().subscribe(record::note)) {
      register(broker, sources);
      meter.scheduleAtFixedRate(fleet::measure, 0, MEASURED_EVERY.toSeconds(), TimeUnit.SECONDS);
      files.begin();
      fleet.killUntil(Instant.now().plusSeconds(Math.round(minutes * 60)));
      files.close();
      Instant still = Instant.now();
      awaitLastRound(pipeline, sources, still);
      double seconds = Duration.between(began, Instant.now()).toMillis() / 1000.0;
      double eventsPerSecond = record.events() / seconds;
      double jobsPerSecond = record.jobs() / seconds;
      SoakLedger ledger = SoakLedger.of(accounts(pipeline, fleet, sources));
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

  private List<Source> sources(Pipeline pipeline) throws IOException {
    List<String> nodes = nodes();
    List<Source> sources = new ArrayList<>();
    for (int i = 0; i < registrations; i++) {
      String node = nodes.get(i % nodes.size());
      Path path = pipeline.data(node + "-" + i);
      RegistrationKey key =
          new RegistrationKey(new NodeName(node), SourcePath.parse(path.toString()));
      long shortest = registrations < MANY ? 15 : 30;
      sources.add(new Source(node, path, key, shortest + 5L * (i % 7)));
    }
    return sources;
  }

  private static RabbitBroker broker(Pipeline pipeline) throws Exception {
    RabbitBroker broker =
        new RabbitBroker(
            List.of(BrokerUri.parse(pipeline.broker().fact("amqp_uri"))),
            Instances.random(Role.ADMIN));
    broker.await(Pipeline.PATIENCE);
    return broker;
  }

  /** As {@code admin publish register} does, without a process for each. */
  private static void register(RabbitBroker broker, List<Source> sources) throws Exception {
    Desk desk = new Desk(broker.commands(), broker.replies(), Pipeline.PATIENCE);
    for (Source source : sources) {
      Schedule every = new Schedule.Every(source.seconds());
      desk.ask(
          replyTo ->
              new Command.Register(source.key().node(), source.key().path(), every, null, replyTo),
          "register " + source.key());
    }
  }

  /**
   * Waits until each has been looked at since all is still. One that never is will be found to
   * differ.
   */
  private static void awaitLastRound(Pipeline pipeline, List<Source> sources, Instant still)
      throws Exception {
    StatusBook statuses = new StatusBook(pipeline.bucket());
    List<Source> waiting = new ArrayList<>(sources);
    Instant end = still.plus(LAST_ROUND);
    while (!waiting.isEmpty() && Instant.now().isBefore(end)) {
      Thread.sleep(1000);
      List<Source> done = new ArrayList<>();
      for (Source source : waiting) {
        Optional<Instant> success = statuses.find(source.key()).map(Status::lastSuccess);
        if (success.isPresent() && success.get().isAfter(still)) {
          done.add(source);
        }
      }
      waiting.removeAll(done);
    }
    System.out.printf(
        "soak: the last round took %s; not seen again: %s%n",
        Duration.between(still, Instant.now()), waiting);
  }

  private List<SoakAccount> accounts(Pipeline pipeline, SoakFleet fleet, List<Source> sources)
      throws Exception {
    ExecutorService queries = Executors.newFixedThreadPool(QUERIES_AT_ONCE);
    try {
      ArchiveStore bucket = pipeline.bucket();
      List<SoakRecord.Slots> slots = new ArrayList<>();
      for (Source source : sources) {
        slots.add(slots(bucket, source)); // of all, before more of them come due
      }
      List<Future<SoakComparison>> comparisons = new ArrayList<>();
      for (Source source : sources) {
        comparisons.add(queries.submit(() -> compared(pipeline, source)));
      }
      pipeline.logLines("coordinator").forEach(record::read);
      pipeline.logLines("fetch-worker").forEach(record::read);
      List<SoakAccount> accounts = new ArrayList<>();
      for (int i = 0; i < sources.size(); i++) {
        accounts.add(
            new SoakAccount(
                sources.get(i).key().toString(),
                slots.get(i).due(),
                versions(bucket, sources.get(i)),
                record.ended(slots.get(i)),
                record.reasons(slots.get(i), fleet),
                result(comparisons.get(i))));
      }
      return accounts;
    } finally {
      queries.shutdownNow();
    }
  }

  /** All slots up to the last one that has ended. */
  private static SoakRecord.Slots slots(ArchiveStore bucket, Source source) throws IOException {
    Registration registration = new Registry(bucket).find(source.key()).orElseThrow();
    Instant last =
        new StatusBook(bucket)
            .find(source.key())
            .map(Status::lastSlot)
            .orElse(registration.since());
    List<Instant> due = new ArrayList<>();
    Instant slot = registration.since();
    while (!slot.isAfter(last)) {
      due.add(slot);
      slot = Slots.next(registration.schedule(), registration.since(), slot).orElseThrow();
    }
    Duration every = Duration.ofSeconds(source.seconds());
    return new SoakRecord.Slots(source.key(), registration.generation(), due, every);
  }

  private static List<SoakAccount.Version> versions(ArchiveStore bucket, Source source)
      throws IOException {
    VersionCatalog catalog = new VersionCatalog(bucket);
    List<SoakAccount.Version> versions = new ArrayList<>();
    for (Serial serial : catalog.serials(source.key())) {
      VersionHeader header = catalog.header(source.key(), serial).orElseThrow();
      versions.add(new SoakAccount.Version(serial.value(), header.slot()));
    }
    return versions;
  }

  private SoakComparison compared(Pipeline pipeline, Source source) throws Exception {
    Path target = Files.createTempDirectory(folder, "restored");
    Path tgz = target.resolve("version.tgz");
    pipeline.query(source.node(), source.path(), tgz);
    Pipeline.run("tar", "-xpzf", tgz.toString(), "-C", target.toString());
    return SoakComparison.of(Path.of(target + source.path().toString()), source.path());
  }

  private static @Nullable SoakComparison result(Future<SoakComparison> comparison)
      throws InterruptedException {
    try {
      return comparison.get();
    } catch (java.util.concurrent.ExecutionException e) {
      e.printStackTrace(); // the ledger says that it was not compared
      return null;
    }
  }

  private static void report(SoakReport report) throws IOException {
    Files.createDirectories(REPORT);
    Files.write(REPORT.resolve("ledger.json"), Json.write(report));
    Files.writeString(REPORT.resolve("ledger.md"), report.markdown());
    System.out.println(report.markdown());
    report.ledger().problems().forEach(problem -> System.out.println("soak: " + problem));
  }
}
