package resguardo.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import resguardo.archive.SetTotals;
import resguardo.core.BackupOptions;
import resguardo.core.FetchJob;
import resguardo.core.Peer;
import resguardo.core.RawPath;
import resguardo.core.Registration;
import resguardo.core.Role;
import resguardo.core.Schedule;
import resguardo.core.Serial;
import resguardo.core.Sha256;
import resguardo.core.SliceLimit;
import resguardo.core.catalog.Alarms;
import resguardo.core.catalog.Registry;
import resguardo.core.catalog.Status;
import resguardo.core.catalog.StatusBook;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ChunkKind;
import resguardo.core.port.Platform;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.AgentOrder;
import resguardo.core.protocol.Event;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.stream.ChunkSender;
import resguardo.core.stream.ManifestEdit;
import resguardo.core.version.Alarm;
import resguardo.core.version.ArchiveForm;
import resguardo.core.version.Entry;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.Piece;
import resguardo.core.version.Place;
import resguardo.core.version.Placed;
import resguardo.core.version.Totals;
import resguardo.core.version.VersionHeader;
import resguardo.infra.runtime.ActivityLog;
import resguardo.testkit.broker.Interference;
import resguardo.testkit.broker.MemoryBroker;
import resguardo.testkit.broker.MemoryConnection;
import resguardo.testkit.store.MemoryArchiveStore;
import resguardo.testkit.versions.MadeEntries;

/** What an agent that is in somebody else's hands can do to a worker, and what it cannot. */
class HostileAgentTest {
  private static final Peer SELF = new Peer(Role.WORKER, "one");
  private static final ArchiveForm FORM = new ArchiveForm(BackupOptions.Codec.GZIP, "any", 1);
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir Path spool;
  private final ArchiveStore store = new MemoryArchiveStore();
  private final MemoryBroker memory = new MemoryBroker(Interference.NONE);
  private final MemoryConnection broker = memory.connect(SELF, Platform.ofJvm());
  private final MemoryConnection node =
      memory.connect(Peer.agent(TestVersion.KEY.node()), Platform.ofJvm());
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private Duration patience = Duration.ofHours(6);
  private int versions;
  private Registration registration;

  /** What the agent does with its stream once it is accepted. */
  private interface Deed {
    void on(ChunkSender stream, AgentOrder.ScanAndSend order) throws Exception;
  }

  @BeforeEach
  void register() throws Exception {
    registration =
        new Registration(
            TestVersion.KEY, new Schedule.Every(60), 1, Instant.EPOCH, Registration.State.ACTIVE);
    new Registry(store).save(registration, null);
  }

  private void onOrders(Deed deed) throws Exception {
    ExecutorService agent = Executors.newSingleThreadExecutor();
    node.ports().agents().prepare(TestVersion.KEY.node());
    try (Subscription orders =
            node.ports()
                .agents()
                .consume(
                    TestVersion.KEY.node(),
                    order -> {
                      if (order instanceof AgentOrder.ScanAndSend scan) {
                        agent.submit(() -> carryOut(deed, scan));
                      }
                    },
                    (stream, chunk) -> {});
        Subscription told = node.ports().events().subscribe(events::add);
        ActivityLog activity = new ActivityLog(SELF, Platform.ofJvm(), broker.ports().activity());
        FetchWorker worker = new FetchWorker(context(activity), 1)) {
      assertThat(worker).isNotNull();
      broker.jobs().publish(FetchJob.first(registration, Instant.parse("2026-01-02T03:04:05Z")));
      await().atMost(SOON).until(() -> events.stream().anyMatch(HostileAgentTest::isEnd));
    } finally {
      agent.shutdownNow();
    }
    assertThat(new VersionCatalog(store).serials(TestVersion.KEY))
        .as("%s", events)
        .hasSize(versions);
  }

  private static boolean isEnd(Event event) {
    return event instanceof Event.JobReturned || event instanceof Event.JobEnded;
  }

  private Void carryOut(Deed deed, AgentOrder.ScanAndSend scan) throws Exception {
    ChunkSender stream =
        new ChunkSender(
            node.ports().replies(), scan.replyTo(), scan.credit(), SOON, Platform.ofJvm());
    stream.message(new StreamMessage.Accepted());
    deed.on(stream, scan);
    return null;
  }

  private WorkerContext context(ActivityLog activity) {
    return new WorkerContext(
        SELF,
        Platform.ofJvm(),
        spool,
        store,
        broker.jobs(),
        broker.ports().agents(),
        broker.ports().replies(),
        broker.ports().events(),
        activity,
        SliceLimit.USUAL,
        patience,
        new SimpleMeterRegistry());
  }

  private String returned() {
    return events.stream()
        .filter(Event.JobReturned.class::isInstance)
        .map(event -> String.valueOf(((Event.JobReturned) event).why()))
        .findFirst()
        .orElseThrow();
  }

  private static byte[] line(String name) {
    return EntryCodec.write(MadeEntries.of(name, Entry.Type.FOLDER, 0));
  }

  private static Totals sent(ChunkSender stream, String name) throws Exception {
    byte[] line = line(name);
    stream.send(ChunkKind.ENTRIES, (new String(line, UTF_8) + "\n").getBytes(UTF_8));
    SetTotals totals = new SetTotals();
    totals.add(EntryCodec.read(line).entry(), line);
    return totals.totals();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "etc/cron.d/evil",
        "srv/database",
        "srv",
        "srv/data/../../etc/passwd",
        "srv/data/./x",
        "srv/data//x",
        "srv/data/",
        "/srv/data",
        "../srv/data",
        ""
      })
  void whatIsNotBelowThePathIsNotTaken(String name) throws Exception {
    onOrders(
        (stream, order) -> {
          Totals totals = sent(stream, name);
          stream.message(new StreamMessage.Finished(0, Sha256.of(new byte[0]), totals, FORM));
        });
    assertThat(returned()).contains("is not below srv/data");
  }

  @Test
  void theBaseIsSentOnceForAnAttempt() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    ExecutorService threads = Executors.newSingleThreadExecutor();
    new TestVersion().folder("srv/data").store(store, threads, spool);
    threads.shutdown();
    versions = 1;
    onOrders(
        (stream, order) -> {
          asked.incrementAndGet();
          stream.message(new StreamMessage.NeedBase());
          stream.message(new StreamMessage.NeedBase());
        });
    assertThat(asked.get()).isEqualTo(1);
    assertThat(returned()).contains("asks again for the base");
  }

  @Test
  void aSliceThatGoesNoFurtherThanTheOneBeforeIsNotTaken() throws Exception {
    AtomicInteger slices = new AtomicInteger();
    onOrders(
        (stream, order) -> {
          Totals totals = sent(stream, "srv/data");
          stream.message(
              new StreamMessage.Sliced(
                  0, Sha256.of(new byte[0]), totals, FORM, RawPath.parse("srv/data")));
          if (slices.incrementAndGet() == 1) {
            await()
                .atMost(SOON)
                .until(() -> events.stream().anyMatch(Event.JobSliced.class::isInstance));
            broker.jobs().publish(order.job().afterSlice());
          }
        });
    assertThat(returned()).contains("ends where the one before it did");
    assertThat(slices.get()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"etc", "srv/data/../x", "srv/data/LONG"})
  void aSliceThatEndsAtNoNameOfThePathIsNotTaken(String upTo) throws Exception {
    RawPath name = RawPath.parse(upTo.replace("LONG", "x".repeat(RawPath.LONGEST)));
    onOrders(
        (stream, order) -> {
          Totals totals = sent(stream, "srv/data");
          stream.message(new StreamMessage.Sliced(0, Sha256.of(new byte[0]), totals, FORM, name));
        });
    assertThat(returned()).contains("ends at no name of what is backed up");
  }

  @Test
  void anAgentThatIsNeverDoneFailsItsJobAndTheWorkerGoesOn() throws Exception {
    patience = Duration.ofMillis(1);
    onOrders(
        (stream, order) -> {
          while (events.stream().noneMatch(HostileAgentTest::isEnd)) {
            stream.message(new StreamMessage.Progress(0, 0));
            TimeUnit.MILLISECONDS.sleep(20);
          }
        });
    Optional<Status> status = new StatusBook(store).find(TestVersion.KEY);
    assertThat(status.orElseThrow().lastOutcome()).isEqualTo(Status.Outcome.FAILED);
    assertThat(status.orElseThrow().lastReason()).contains("was not done after");
  }

  @Test
  void anAgentThatSaysOneThingForEverIsNotWaitedFor() throws Exception {
    onOrders(
        (stream, order) -> {
          while (events.stream().noneMatch(HostileAgentTest::isEnd)) {
            new ChunkSender(node.ports().replies(), order.replyTo(), 0, SOON, Platform.ofJvm())
                .message(new StreamMessage.Accepted());
            TimeUnit.MILLISECONDS.sleep(5);
          }
        });
    assertThat(returned()).contains("repeats itself");
  }

  @Test
  void whatEndsNoBackupIsNotTakenForItsEnd() throws Exception {
    onOrders((stream, order) -> stream.message(new StreamMessage.Restored(1, 1, List.of(), 0)));
    assertThat(returned()).contains("ends with what ends no backup");
  }

  /** It packs its archives itself, and nobody looks into them before a drill does. */
  @Test
  void otherContentUnderTheDigestsOfBeforeRaisesAnAlarm() throws Exception {
    ExecutorService threads = Executors.newSingleThreadExecutor();
    TestVersion before = new TestVersion().folder("srv/data");
    List<String> names = IntStream.range(100, 130).mapToObj(i -> "srv/data/" + i).toList();
    names.forEach(name -> before.file(name, (name + "\n").repeat(1300).getBytes(UTF_8)));
    before.store(store, threads, spool);
    threads.shutdown();
    versions = 2;
    onOrders(
        (stream, order) -> {
          byte[] garbage = new byte[20_000 * names.size()];
          new Random(1).nextBytes(garbage);
          for (int from = 0; from < garbage.length; from += 100_000) {
            stream.send(ChunkKind.ARCHIVE, Arrays.copyOfRange(garbage, from, from + 100_000));
          }
          SetTotals totals = new SetTotals();
          ByteArrayOutputStream edit = new ByteArrayOutputStream();
          edit.writeBytes(ManifestEdit.drop(1 + names.size()));
          Entry touched = MadeEntries.of("srv/data", Entry.Type.FOLDER, 0);
          add(edit, totals, new Placed(touched, Place.NONE));
          for (int i = 0; i < names.size(); i++) {
            Piece there = new Piece(order.archive(), 20_000L * i, 20_000, 20_000, 0);
            Entry same = before.placed(names.get(i)).entry();
            add(edit, totals, new Placed(same, new Place(there, null, List.of())));
          }
          stream.send(ChunkKind.ENTRIES, edit.toByteArray());
          stream.message(
              new StreamMessage.Finished(
                  garbage.length, Sha256.of(garbage), totals.totals(), FORM));
        });
    VersionHeader committed =
        new Alarms(store).raised(TestVersion.KEY, new Serial(2)).orElseThrow().header();
    assertThat(committed.alarm().signs()).containsExactly(Alarm.Sign.CHANGED, Alarm.Sign.ENTROPY);
    assertThat(committed.alarm().filesChanged()).isEqualTo(names.size());
  }

  private static void add(ByteArrayOutputStream edit, SetTotals totals, Placed placed) {
    byte[] line = EntryCodec.write(placed);
    totals.add(placed.entry(), line);
    edit.writeBytes(line);
    edit.write('\n');
  }

  /** What is shown to operators was added up by a worker. */
  @Test
  void whatAnAgentSaysOfASetThatHasNotChangedIsNotKept() throws Exception {
    ExecutorService threads = Executors.newSingleThreadExecutor();
    VersionHeader there = new TestVersion().folder("srv/data").store(store, threads, spool);
    threads.shutdown();
    versions = 1;
    onOrders(
        (stream, order) ->
            stream.message(
                new StreamMessage.Unchanged(
                    new Totals(-5, 1L << 60, -7, 3, there.totals().fingerprint()))));
    Status status = new StatusBook(store).find(TestVersion.KEY).orElseThrow();
    assertThat(status.lastOutcome()).isEqualTo(Status.Outcome.UNCHANGED);
    assertThat(status.lastBytes()).isZero();
  }

  @Test
  void aReasonOfAnyLengthIsCutBeforeItIsKept() throws Exception {
    onOrders(
        (stream, order) ->
            stream.message(
                new StreamMessage.Failed(
                    StreamMessage.Failed.Kind.SOURCE_MISSING, "gone".repeat(10_000))));
    assertThat(new StatusBook(store).find(TestVersion.KEY).orElseThrow().lastReason())
        .startsWith("gonegone")
        .hasSizeLessThan(3000);
  }

  @Test
  void aFormThatWouldMakeTheManifestUnreadableIsNotTaken() throws Exception {
    String form =
        "{\"type\": \"finished\", \"archiveBytes\": 0, \"archiveDigest\": \"%s\", \"totals\":"
            + " {\"entries\": 0, \"files\": 0, \"bytes\": 0, \"warnings\": 0, \"fingerprint\":"
            + " \"%s\"}, \"form\": {\"codec\": \"gzip\", \"deflater\": \"%s\", \"level\": 6}}";
    String digest = "0".repeat(64);
    for (String deflater : List.of("x".repeat(60_000), "\\u001b[2J", "")) {
      byte[] bytes = form.formatted(digest, digest, deflater).getBytes(UTF_8);
      assertThatThrownBy(() -> Json.read(bytes, StreamMessage.class, Json.MESSAGE_BYTES))
          .hasMessageContaining("no name of a deflater");
    }
  }
}
