package resguardo.coordinator;

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

/** The program that coordinates. */
@Command(
    name = "coordinator",
    mixinStandardHelpOptions = true,
    description =
        "Takes the operators' commands and publishes due jobs. Run two or more, on different machines: one leads, and another takes"
            + " over within ten seconds when it dies.")
public final class Main implements Callable<Integer> {
  @Option(
      names = "--name",
      description = "Name of this coordinator: a-z, 0-9 and -. Default: one at random.")
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
      System.out.println(at.policy(Role.COORDINATOR));
      return 0;
    }
    Supplier<Tls> tls = environment::tls;
    List<BrokerUri> brokers = BrokerUri.parse(settings.brokers(environment), tls);
    Peer self =
        name == null
            ? Instances.random(Role.COORDINATOR, RoleUser.of(brokers.get(0)).map(RoleUser::group))
            : new Peer(Role.COORDINATOR, name);
    RunningProcess process = RunningProcess.of(self, environment);
    ArchiveStore store = process.add(at.open(tls));
    RabbitBroker broker = process.add(new RabbitBroker(brokers, self));
    ActivityLog activity = process.activity(broker.activity());
    if (health.isAsked()) {
      process.readiness().needs(broker::trouble);
      process.readiness().needs(process.add(new StoreProbe(store, BucketLayout.LEASE))::trouble);
      health.answer(process);
    }
    process.tellOfLife(broker.events());
    process.obey(broker.control()); // one that stands by; the one that leads tells all others
    Coordinator coordinator =
        new Coordinator(
            new CoordinatorContext(
                self,
                process.platform(),
                store,
                broker.jobs(),
                broker.dead(),
                broker.commands(),
                broker.agents(),
                broker.replies(),
                broker.events(),
                broker.control(),
                activity,
                health.isAsked() ? process.metrics() : null),
            process::stop);
    process.add(coordinator);
    activity.tell("coordinator started, store " + at);
    coordinator.start();
    process.runUntilStopped();
    return 0;
  }
}
