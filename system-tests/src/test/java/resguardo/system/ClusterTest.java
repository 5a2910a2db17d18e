package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.catalog.Status;
import resguardo.core.catalog.StatusBook;
import resguardo.core.port.Subscription;
import resguardo.core.version.VersionHeader;
import resguardo.infra.rabbit.RabbitBroker;
import resguardo.testkit.servers.RealCluster;
import resguardo.testkit.servers.RealServer;

/**
 * The broker is three nodes, and each of them is lost under load: backups go on at the others,
 * nothing is lost or doubled, and what operators have under way comes through or fails and is done
 * again.
 */
class ClusterTest {
  private static final int REGISTRATIONS = 9;
  private static final List<String> NODES = List.of("node-0", "node-1", "node-2");

  /** A node with a broker user of its own, which has a large set and may be restored to. */
  private static final String LARGE = "large";

  private static final int MEBIBYTES = 128;

  /** As roles name their connections, within what they say of themselves. */
  private static final Pattern CONNECTION =
      Pattern.compile("\"((?:coordinator|fetch-worker|agent)\\.\\S+) (publishes|consumes)\"");

  private final SoakRecord record = new SoakRecord();

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  private @Nullable RealCluster cluster;
  private Pipeline pipeline;
  private SoakFleet fleet;
  private List<SoakAudit.Source> sources;
  private Path data;
  private Path target;

  @BeforeEach
  void start() throws Exception {
    cluster = RealCluster.rabbitmq(folder);
    pipeline = new Pipeline(folder, cluster);
    fleet = new SoakFleet(pipeline, 1);
    fleet.start(2, 2, NODES);
    sources = new ArrayList<>();
    for (int i = 0; i < REGISTRATIONS; i++) {
      String node = NODES.get(i % NODES.size());
      sources.add(SoakAudit.Source.of(node, pipeline.data(node + "-" + i), 4L + i));
    }
    data = pipeline.data(LARGE);
    target = Files.createDirectories(folder.resolve("target")).toRealPath();
    writeRandom(data.resolve("random"));
    startEnrolled();
  }

  private void startEnrolled() throws Exception {
    Path settings = folder.resolve("large.env");
    Pipeline.Result enrolled =
        pipeline.admin("node", "enroll", LARGE, "--save-to-file", settings.toString());
    assertThat(enrolled.exit()).as(enrolled.err()).isZero();
    pipeline.agentBy(
        "unset RESGUARDO_AMQP_URI; exec \"$@\"",
        LARGE,
        Map.of(),
        "--config",
        settings.toString(),
        "--restore-to",
        target.toString());
  }

  @AfterEach
  void end() throws Exception {
    if (pipeline != null) {
      pipeline.close();
    } else if (cluster != null) {
      cluster.close();
    }
  }

  private static void writeRandom(Path file) throws IOException {
    Random random = new Random(1);
    byte[] mebibyte = new byte[1 << 20];
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int i = 0; i < MEBIBYTES; i++) {
        random.nextBytes(mebibyte);
        out.write(mebibyte);
      }
    }
  }

  @Test
  void whicheverNodeOfTheBrokerIsLostBackupsGoOnAndNothingIsLostOrDoubled() throws Exception {
    SoakAudit audit = new SoakAudit(pipeline, fleet, record, sources);
    SoakFiles files =
        new SoakFiles(sources.stream().map(SoakAudit.Source::path).toList(), 1, REGISTRATIONS);
    files.fill();
    try (RabbitBroker broker = pipeline.connect();
        Subscription events = broker.events().subscribe(record::note)) {
      audit.register(broker);
      pipeline.register(LARGE, data, 3600);
      pipeline.awaitVersions(LARGE, data, 1);
      files.begin();
      loseEach();
      files.close();
      audit.awaitLastRound(Instant.now());
      SoakLedger ledger = audit.ledger();
      System.out.println(ledger);
      assertThat(ledger.problems()).isEmpty();
      assertThat(ledger.compared()).isEqualTo(REGISTRATIONS);
      assertThat(ledger.missed()).doesNotContainKey(SoakAccount.NO_REASON);
    }
    assertThat(pipeline.history(LARGE, data).versions())
        .extracting(VersionHeader::serial)
        .extracting(serial -> serial.value())
        .containsExactly(1L);
  }

  private void loseEach() throws Exception {
    Path tgz = Files.createDirectories(folder.resolve("queried")).resolve("latest.tgz");
    Process query = query(tgz);
    awaitSome(tgz.getParent());
    fleet.without("broker 1", false, () -> goOnWithout(0));
    assertQueried(query, tgz);
    Process restore = restore(target.resolve("first"));
    awaitSome(target);
    fleet.without("broker 2", false, () -> goOnWithout(1));
    assertRestored(restore, target.resolve("first"), target.resolve("second"));
    fleet.without("broker 3", false, () -> goOnWithout(2));
    fleet.without("broker 1", true, () -> goOnWithout(0));
  }

  /** All are connected to those that are left, and each node is backed up again. */
  private void goOnWithout(int gone) throws IOException {
    Instant since = Instant.now();
    RealServer left = pipeline.brokers().get(gone == 0 ? 1 : 0);
    int roles = 2 + 2 + NODES.size() + 1;
    await()
        .atMost(Pipeline.PATIENCE)
        .pollInterval(Duration.ofSeconds(1))
        .untilAsserted(() -> assertThat(connected(left)).hasSize(roles));
    StatusBook statuses = new StatusBook(pipeline.bucket());
    for (String node : NODES) {
      await().atMost(Pipeline.PATIENCE).until(() -> wasBackedUp(node, since, statuses));
    }
    System.out.println("all went on after " + Duration.between(since, Instant.now()));
  }

  /** Any path of it: where the end of a job was told while nobody heard, the next slot waits. */
  private boolean wasBackedUp(String node, Instant since, StatusBook statuses) throws IOException {
    for (SoakAudit.Source source : sources) {
      Instant success = statuses.find(source.key()).map(Status::lastSuccess).orElse(null);
      if (source.node().equals(node) && success != null && success.isAfter(since)) {
        return true;
      }
    }
    return false;
  }

  /** The processes that have both of their connections. */
  private static Set<String> connected(RealServer node) {
    Map<String, Set<String>> does = new HashMap<>();
    Matcher named = CONNECTION.matcher(node.control("list_connections", "client_properties"));
    while (named.find()) {
      does.computeIfAbsent(named.group(1), any -> new HashSet<>()).add(named.group(2));
    }
    does.values().removeIf(both -> both.size() < 2);
    return does.keySet();
  }

  private Process query(Path tgz) throws IOException {
    return pipeline.adminProcess(Pipeline.queryWords(LARGE, data, tgz, "--timeout", "60"));
  }

  private Process restore(Path to) throws IOException {
    return pipeline.adminProcess(
        "restore",
        "--node",
        LARGE,
        "--path",
        data.toString(),
        "--to-node",
        LARGE + ":" + to,
        "--timeout",
        "60");
  }

  /** Waits until something of it is there. */
  private static void awaitSome(Path in) {
    await()
        .atMost(Pipeline.PATIENCE)
        .pollInterval(Duration.ofMillis(10))
        .until(() -> bytes(in) > 1 << 20);
  }

  private static long bytes(Path in) {
    try (Stream<Path> files = Files.walk(in)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    } catch (IOException | java.io.UncheckedIOException changesMeanwhile) {
      return 0;
    }
  }

  /** It came through, or it failed and left nothing; and a repeat comes through. */
  private void assertQueried(Process query, Path tgz) throws Exception {
    int exit = query.waitFor();
    System.out.println("the query under way ended with " + exit);
    assertThat(exit).isIn(0, 1, 4, 5);
    if (exit != 0) {
      assertThat(tgz).doesNotExist();
    }
    pipeline.assertRestorable(LARGE, data);
  }

  /** It came through, or it failed and was told; and a repeat comes through. */
  private void assertRestored(Process restore, Path to, Path again) throws Exception {
    int exit = restore.waitFor();
    System.out.println("the restore under way ended with " + exit);
    assertThat(exit).isIn(0, 1, 4, 5);
    if (exit == 0) {
      Trees.assertEqual(Path.of(to + data.toString()), data);
    }
    assertThat(restore(again).waitFor()).isZero();
    Trees.assertEqual(Path.of(again + data.toString()), data);
  }
}
