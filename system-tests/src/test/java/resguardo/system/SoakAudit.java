package resguardo.system;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import resguardo.admin.Desk;
import resguardo.coordinator.Slots;
import resguardo.core.NodeName;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.Schedule;
import resguardo.core.Serial;
import resguardo.core.SourcePath;
import resguardo.core.catalog.Registry;
import resguardo.core.catalog.Status;
import resguardo.core.catalog.StatusBook;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.ArchiveStore;
import resguardo.core.protocol.Command;
import resguardo.core.version.VersionHeader;
import resguardo.infra.rabbit.RabbitBroker;

/** Registrations under whatever happens to a pipeline, and the account of it in the end. */
final class SoakAudit {
  private static final Duration LAST_ROUND = Duration.ofMinutes(10);
  private static final int QUERIES_AT_ONCE = 2;

  private final Pipeline pipeline;
  private final SoakFleet fleet;
  private final SoakRecord record;
  private final List<Source> sources;

  /** One path that is backed up. */
  record Source(String node, Path path, RegistrationKey key, long seconds) {
    static Source of(String node, Path path, long seconds) {
      SourcePath source = SourcePath.parse(path.toString());
      return new Source(node, path, new RegistrationKey(new NodeName(node), source), seconds);
    }
  }

  /**
   * @param fleet what was down, and when
   * @param record what was told
   */
  SoakAudit(Pipeline pipeline, SoakFleet fleet, SoakRecord record, List<Source> sources) {
    this.pipeline = pipeline;
    this.fleet = fleet;
    this.record = record;
    this.sources = List.copyOf(sources);
  }

  /** As {@code admin publish register} does, without a process for each. */
  void register(RabbitBroker broker) throws Exception {
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
  void awaitLastRound(Instant still) throws Exception {
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

  /** What it came to. */
  SoakLedger ledger() throws Exception {
    return SoakLedger.of(accounts());
  }

  private List<SoakAccount> accounts() throws Exception {
    ExecutorService queries = Executors.newFixedThreadPool(QUERIES_AT_ONCE);
    try {
      ArchiveStore bucket = pipeline.bucket();
      List<SoakRecord.Slots> slots = new ArrayList<>();
      for (Source source : sources) {
        slots.add(slots(bucket, source)); // of all, before more of them come due
      }
      List<Future<SoakComparison>> comparisons = new ArrayList<>();
      for (Source source : sources) {
        comparisons.add(queries.submit(() -> compared(source)));
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

  private SoakComparison compared(Source source) throws Exception {
    Path target = pipeline.folder("restored");
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
}
