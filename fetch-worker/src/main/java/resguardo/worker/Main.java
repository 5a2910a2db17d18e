package resguardo.worker;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import resguardo.core.Peer;
import resguardo.core.Role;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.port.ArchiveStore;
import resguardo.infra.rabbit.BrokerUri;
import resguardo.infra.rabbit.RabbitBroker;
import resguardo.infra.rabbit.RoleUser;
import resguardo.infra.runtime.ActivityLog;
import resguardo.infra.runtime.Environment;
import resguardo.infra.runtime.HealthOptions;
import resguardo.infra.runtime.Instances;
import resguardo.infra.runtime.Program;
import resguardo.infra.runtime.RoleOptions;
import resguardo.infra.runtime.RunningProcess;
import resguardo.infra.runtime.StoreProbe;
import resguardo.infra.store.StoreUri;
import resguardo.infra.tls.Tls;

/** The program that fetches. */
@Command(
    name = "fetch-worker",
    mixinStandardHelpOptions = true,
    description =
        "Takes due jobs, asks the nodes' agents, and writes versions into the store. Start as many as you like.")
public final class Main implements Callable<Integer> {
  @Option(
      names = "--slots",
      description = "Jobs at once. Default: ${DEFAULT-VALUE}.",
      defaultValue = "2")
  private int slots = 2;

  @Option(
      names = "--name",
      description = "Name of this worker: a-z, 0-9 and -. Default: one at random.")
  private @Nullable String name;

  @Mixin private SliceOptions slices = new SliceOptions();

  @Mixin private LockOptions locks = new LockOptions();

  @Mixin private RoleOptions settings = new RoleOptions();

  @Mixin private HealthOptions health = new HealthOptions();

  /** Runs until it is stopped. */
  public static void main(String[] args) {
    System.exit(Program.run(new Main(), args));
  }

  @Override
  public Integer call() throws Exception {
    Environment environment = settings.environment();
    StoreUri at = StoreUri.parse(environment.store(null));
    if (settings.printsPolicy()) {
      System.out.println(at.workersPolicy(locks.most().orElse(null)));
      return 0;
    }
    Supplier<Tls> tls = environment::tls;
    List<BrokerUri> brokers = BrokerUri.parse(settings.brokers(environment), tls);
    Peer self =
        name == null
            ? Instances.random(Role.WORKER, RoleUser.of(brokers.get(0)).map(RoleUser::group))
            : new Peer(Role.WORKER, name);
    RunningProcess process = RunningProcess.of(self, environment);
    ArchiveStore store = process.add(at.open(tls));
    RabbitBroker broker = process.add(new RabbitBroker(brokers, self));
    ActivityLog activity = process.activity(broker.activity());
    if (health.isAsked()) {
      process.readiness().needs(broker::trouble);
      process.readiness().needs(process.add(new StoreProbe(store, BucketLayout.LEASE))::trouble);
      health.answer(process);
    }
    if (at.hasKeys()) {
      KeyCheck.begin(store, process);
    }
    process.tellOfLife(broker.events());
    Spool spool = process.add(Spool.open(Path.of(System.getProperty("java.io.tmpdir"))));
    process.add(
        new FetchWorker(
            new WorkerContext(
                self,
                process.platform(),
                spool.folder(),
                store,
                broker.jobs(),
                broker.agents(),
                broker.replies(),
                broker.events(),
                activity,
                slices.limit(),
                slices.patience(),
                process.metrics(),
                locks.most().orElse(null)),
            slots));
    process.obey(broker.control());
    activity.tell("worker started with " + slots + " slots, store " + at);
    process.runUntilStopped();
    return 0;
  }
}
