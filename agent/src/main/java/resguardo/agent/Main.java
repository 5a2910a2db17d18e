package resguardo.agent;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import resguardo.agent.cache.CacheFolder;
import resguardo.agent.cache.CacheLock;
import resguardo.agent.hook.Hooks;
import resguardo.archive.Deflaters;
import resguardo.archive.MemberDeflater;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.infra.rabbit.BrokerUri;
import resguardo.infra.rabbit.RabbitBroker;
import resguardo.infra.runtime.ActivityLog;
import resguardo.infra.runtime.Environment;
import resguardo.infra.runtime.HealthOptions;
import resguardo.infra.runtime.Program;
import resguardo.infra.runtime.RunningProcess;
import resguardo.infra.tls.Tls;

/** The program that runs on a node. */
@Command(
    name = "agent",
    mixinStandardHelpOptions = true,
    description =
        "Runs on a node: sends what the workers ask for, as far as --allow goes, and restores as far as --restore-to does."
            + " Connects out only.")
public final class Main implements Callable<Integer> {
  /** An agent that is to end does so within this time, or is about to be killed. */
  private static final Duration PREDECESSOR = Duration.ofSeconds(30);

  @Option(
      names = "--node",
      description = "Name of this node: a-z, 0-9 and -. Default: $RESGUARDO_NODE.")
  private @Nullable String node;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "Settings as lines of NAME=value, such as `admin node enroll` writes; they win over the environment. Default: none.")
  private @Nullable Path config;

  @Option(
      names = "--allow",
      required = true,
      paramLabel = "PATH",
      description = "What may be read: this path and all below it. May be given several times.")
  private List<Path> allow = new ArrayList<>();

  @Option(
      names = "--restore-to",
      paramLabel = "PATH",
      description =
          "Where restores may write: into this folder and those below it. May be given several times. Default: nowhere.")
  private List<Path> restoreTo = new ArrayList<>();

  @Option(
      names = "--hooks",
      paramLabel = "FILE",
      description =
          "What to run before and after the backups of which path: see docs/operating.md. Nobody but root and this user may"
              + " be able to write to it. Default: nothing.")
  private @Nullable Path hooks;

  @Option(
      names = "--cache",
      paramLabel = "DIR",
      description =
          "Where it remembers what it has seen, to read only what changed; may be deleted, and is for one agent alone."
              + " Default: resguardo/NODE in $XDG_CACHE_HOME or ~/.cache.")
  private @Nullable Path cache;

  @Option(
      names = "--deflater",
      description =
          "What compresses: ISA_L, LIBDEFLATE, JDK, or AUTO for the first of them that is installed. Default: AUTO.",
      defaultValue = "AUTO")
  private Deflaters.Choice deflater = Deflaters.Choice.AUTO;

  @Option(
      names = "--amqp-uri",
      description =
          "Where the broker is. Default: $RESGUARDO_AMQP_URI. Prefer that: this shows in the process list.")
  private @Nullable String amqpUri;

  @Mixin private HealthOptions health = new HealthOptions();

  /** Runs until it is stopped. */
  public static void main(String[] args) {
    System.exit(Program.run(new Main(), args));
  }

  @Override
  public Integer call() throws Exception {
    Environment environment = Environment.ofProcess(config);
    NodeName name =
        new NodeName(
            environment
                .value(node, Environment.NODE)
                .orElseThrow(
                    () ->
                        new IllegalArgumentException(
                            "the node has no name: give --node or RESGUARDO_NODE")));
    Supplier<Tls> tls = environment::tls;
    List<BrokerUri> brokers = BrokerUri.parse(environment.brokers(amqpUri), tls);
    Hooks known = hooks == null ? Hooks.NONE : Hooks.load(hooks);
    MemberDeflater chosen = Deflaters.choose(deflater);
    RunningProcess process = RunningProcess.of(Peer.agent(name), environment);
    Path caches = cache == null ? defaultCache(name) : cache;
    process
        .add(CacheLock.take(caches, PREDECESSOR, process.platform()))
        .trouble()
        .ifPresent(process::concerns);
    RabbitBroker broker = process.add(new RabbitBroker(brokers, process.self()));
    ActivityLog activity = process.activity(broker.activity());
    if (health.isAsked()) {
      process.readiness().needs(broker::trouble);
      health.answer(process);
    }
    process.tellOfLife(broker.events(), broker::rival);
    process.add(
        new Agent(
            name,
            new AllowList(allow),
            new RestoreTargets(restoreTo),
            known,
            new CacheFolder(caches, Clock.systemUTC()),
            chosen,
            broker.agents(),
            broker.replies(),
            activity,
            process.platform(),
            process::stop));
    activity.tell(
        name,
        null,
        "agent started; allows "
            + allow
            + (restoreTo.isEmpty() ? "" : ", restores to " + restoreTo)
            + ", compresses by "
            + chosen.form().deflater()
            + (hooks == null ? "" : ", has " + known.count() + " hooks"));
    process.runUntilStopped();
    return 0;
  }

  private static Path defaultCache(NodeName node) {
    String set = System.getenv("XDG_CACHE_HOME");
    Path caches =
        set == null || set.isBlank()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(set);
    return caches.resolve("resguardo").resolve(node.value());
  }
}
