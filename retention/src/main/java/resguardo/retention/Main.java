package resguardo.retention;

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

/** The program that expires versions. */
@Command(
    name = "retention",
    mixinStandardHelpOptions = true,
    description =
        "Expires the versions that the policies of registrations do not keep, and frees what nothing leans on any more. The one role"
            + " whose key of the store may remove versions. One is enough; several do no harm.")
public final class Main implements Callable<Integer> {
  @Mixin private RetentionOptions options = new RetentionOptions();

  @Option(
      names = "--name",
      description = "Name of this process: a-z, 0-9 and -. Default: one at random.")
  private @Nullable String name;

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
      System.out.println(at.policy(Role.RETENTION));
      return 0;
    }
    Supplier<Tls> tls = environment::tls;
    List<BrokerUri> brokers = BrokerUri.parse(settings.brokers(environment), tls);
    Peer self =
        name == null
            ? Instances.random(Role.RETENTION, RoleUser.of(brokers.get(0)).map(RoleUser::group))
            : new Peer(Role.RETENTION, name);
    RunningProcess process = RunningProcess.of(self, environment);
    ArchiveStore store = process.add(at.open(tls));
    RabbitBroker broker = process.add(new RabbitBroker(brokers, self));
    ActivityLog activity = process.activity(broker.activity());
    if (health.isAsked()) {
      process.readiness().needs(broker::trouble);
      process
          .readiness()
          .needs(process.add(new StoreProbe(store, BucketLayout.EXPIRY_ROUND))::trouble);
      health.answer(process);
    }
    process.tellOfLife(broker.events());
    process.add(
        new Retention(
            new RetentionContext(
                self,
                process.platform(),
                store,
                broker.events(),
                activity,
                options.grace(),
                options.interval(),
                process.metrics())));
    process.obey(broker.control());
    activity.tell("retention started, store " + at);
    process.runUntilStopped();
    return 0;
  }
}
