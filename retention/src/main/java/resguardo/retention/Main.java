package resguardo.retention;

import java.net.InetAddress;
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
import resguardo.infra.runtime.Instances;
import resguardo.infra.runtime.Program;
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

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "Settings as lines of NAME=value, such as `admin role enroll` writes; they win over the environment. Default: none.")
  private @Nullable Path config;

  @Option(
      names = "--port",
      description =
          "Serve /healthz and /metrics at this port; 0 takes a free one. Default: neither.")
  private @Nullable Integer port;

  @Option(
      names = "--listen",
      description = "Address for --port. Default: ${DEFAULT-VALUE}.",
      defaultValue = "127.0.0.1")
  private String listen = "127.0.0.1";

  @Option(
      names = "--amqp-uri",
      description =
          "Where the broker is. Default: $RESGUARDO_AMQP_URI. Prefer that: this shows in the process list.")
  private @Nullable String amqpUri;

  @Option(
      names = "--print-policy",
      description =
          "Print the least rights that its key of the store needs, as a policy for an S3, and do nothing else.")
  private boolean printPolicy;

  /** Runs until it is stopped. */
  public static void main(String[] args) {
    System.exit(Program.run(new Main(), args));
  }

  @Override
  public Integer call() throws Exception {
    Environment environment = Environment.ofProcess(config);
    StoreUri at = StoreUri.parse(environment.store(null));
    if (printPolicy) {
      System.out.println(at.policy(Role.RETENTION));
      return 0;
    }
    Supplier<Tls> tls = environment::tls;
    List<BrokerUri> brokers = BrokerUri.parse(environment.brokers(amqpUri), tls);
    Peer self =
        name == null
            ? Instances.random(Role.RETENTION, RoleUser.of(brokers.get(0)).map(RoleUser::group))
            : new Peer(Role.RETENTION, name);
    RunningProcess process = RunningProcess.of(self, environment);
    ArchiveStore store = process.add(at.open(tls));
    RabbitBroker broker = process.add(new RabbitBroker(brokers, self));
    ActivityLog activity = process.activity(broker.activity());
    if (port != null) {
      process.readiness().needs(broker::trouble);
      process
          .readiness()
          .needs(process.add(new StoreProbe(store, BucketLayout.EXPIRY_ROUND))::trouble);
      process.answerHealth(InetAddress.getByName(listen), port);
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
