package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.FetchJob;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.Role;
import resguardo.core.Serial;
import resguardo.core.SourcePath;
import resguardo.core.catalog.Proof;
import resguardo.core.catalog.Registry;
import resguardo.core.catalog.Status;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Delivery;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.Event;
import resguardo.core.protocol.QueryJob;
import resguardo.infra.rabbit.BrokerUri;
import resguardo.infra.rabbit.RabbitBroker;

/** What a worker says of how something ended is not what an operator is told. */
class LyingWorkerTest {
  private static final Peer LIAR = new Peer(Role.WORKER, "liar");

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  private Pipeline pipeline;
  private Path data;
  private RegistrationKey key;
  private RabbitBroker broker;

  @BeforeEach
  void start() throws Exception {
    pipeline = new Pipeline(folder);
    data = pipeline.data("docs");
    Files.writeString(data.resolve("a.txt"), "one");
    key = new RegistrationKey(new NodeName("alpha"), SourcePath.parse(data.toString()));
    pipeline.coordinator();
    pipeline.agent("alpha");
    broker = new RabbitBroker(List.of(BrokerUri.parse(pipeline.broker().fact("amqp_uri"))), LIAR);
    broker.await(Pipeline.PATIENCE);
  }

  @AfterEach
  void end() throws Exception {
    broker.close();
    pipeline.close();
  }

  private Process admin(String... words) throws Exception {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--node", "alpha", "--path", data.toString(), "--wait"));
    return pipeline.adminProcess(all.toArray(String[]::new));
  }

  /** Waits until it has asked, and so hears what is told. */
  private void awaitOrder(String what) {
    await().atMost(Pipeline.PATIENCE).until(() -> pipeline.logged("admin", what));
  }

  private static void assertDone(Process process) throws Exception {
    assertThat(process.waitFor(Pipeline.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  @Test
  void thatARunHasCommittedAVersionIsLookedUp() throws Exception {
    // On a day that does not come for long: nothing but the order has it run.
    assertDone(admin("publish", "register", "--cron", "0 0 29 2 *"));
    Process run = admin("run-now");
    awaitOrder("ordered a run");
    Instant now = Instant.now();
    try (ArchiveStore bucket = pipeline.bucket()) {
      Registration registration = new Registry(bucket).find(key).orElseThrow();
      FetchJob job = FetchJob.first(registration, now.plusSeconds(60));
      Status made =
          new Status(
              job.id(),
              job.slot(),
              Status.Outcome.COMMITTED,
              null,
              now,
              job.slot(),
              new Serial(77));
      broker.events().publish(new Event.JobEnded(now, LIAR, job, made));
    }
    pipeline.worker();
    assertDone(run);
    assertThat(pipeline.logged("admin", "version 000001 was committed")).isTrue();
    assertThat(pipeline.logged("admin", "000077")).isFalse();
  }

  @Test
  void thatAVersionCanBeRestoredIsLookedUp() throws Exception {
    Process worker = pipeline.worker();
    pipeline.register("alpha", data, 86_400);
    pipeline.awaitVersions("alpha", data, 1);
    pipeline.awaitQuiet();
    Pipeline.kill(worker);
    BlockingQueue<Delivery<QueryJob>> taken = new LinkedBlockingQueue<>();
    try (Subscription all = broker.jobs().consumeQueries(1, taken::add)) {
      Process drill = admin("drill");
      awaitOrder("ordered a drill");
      Delivery<QueryJob> job =
          Objects.requireNonNull(
              taken.poll(Pipeline.PATIENCE.toSeconds(), TimeUnit.SECONDS), "the drill");
      broker.events().publish(lie(job.message()));
      pipeline.worker();
      all.pause();
      job.handBack();
      assertDone(drill);
    }
    assertThat(pipeline.logged("admin", "can be restored")).isTrue();
    assertThat(pipeline.logged("admin", "4321 entries")).isFalse();
  }

  private static Event lie(QueryJob job) {
    Instant now = Instant.now();
    Proof.Drill drill =
        new Proof.Drill(
            job.replyTo(),
            job.serial(),
            now,
            now,
            LIAR,
            Proof.Extent.WHOLE,
            true,
            4321,
            99,
            null,
            null,
            null,
            null);
    Proof proof = new Proof(Proof.VERSION, job.registration(), drill, drill);
    return new Event.DrillEnded(
        now, LIAR, job.registration(), job.serial(), job.replyTo(), proof, null);
  }
}
