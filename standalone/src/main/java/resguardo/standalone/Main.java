package resguardo.standalone;

import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import resguardo.agent.Agent;
import resguardo.agent.AllowList;
import resguardo.agent.RestoreTargets;
import resguardo.agent.cache.CacheFolder;
import resguardo.agent.hook.Hooks;
import resguardo.archive.Deflaters;
import resguardo.console.ConsoleServer;
import resguardo.coordinator.Coordinator;
import resguardo.coordinator.CoordinatorContext;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.Role;
import resguardo.core.SliceLimit;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Platform;
import resguardo.infra.rabbit.BrokerUri;
import resguardo.infra.rabbit.RabbitBroker;
import resguardo.infra.runtime.ActivityLog;
import resguardo.infra.runtime.HealthServer;
import resguardo.infra.runtime.Program;
import resguardo.infra.runtime.RunningProcess;
import resguardo.infra.store.FolderArchiveStore;
import resguardo.infra.store.PrivateFolder;
import resguardo.retention.Retention;
import resguardo.retention.RetentionContext;
import resguardo.retention.RetentionOptions;
import resguardo.worker.FetchWorker;
import resguardo.worker.SliceOptions;
import resguardo.worker.WorkerContext;

/** Everything in one process. */
@Command(
    name = "standalone",
    mixinStandardHelpOptions = true,
    description =
        "Runs a coordinator, workers, agents and retention in one process, on an embedded broker and a folder as store: to try Resguardo"
            + " out, without Docker, RabbitMQ or MinIO.")
public final class Main implements Callable<Integer> {
  /** A node of this process. */
  static final class Node {
    @Option(names = "--node", required = true, description = "Name of a node to run an agent for.")
    private String name = "";

    @Option(
        names = "--allow",
        required = true,
        paramLabel = "PATH",
        description = "What its agent may read.")
    private List<Path> allow = new ArrayList<>();

    @Option(
        names = "--restore-to",
        paramLabel = "PATH",
        description = "Where its agent may restore to. Default: nowhere.")
    private List<Path> restoreTo = new ArrayList<>();
  }

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DIR",
      description = "Where everything is kept. A new folder is made for you alone.")
  private Path data = Path.of("");

  @Option(
      names = "--workers",
      description = "How many fetch workers. Default: ${DEFAULT-VALUE}.",
      defaultValue = "1")
  private int workers = 1;

  @ArgGroup(exclusive = false, multiplicity = "0..*")
  private List<Node> nodes = new ArrayList<>();

  @Option(
      names = "--amqp-port",
      description = "Port of the broker on 127.0.0.1. Default: a free one.",
      defaultValue = "0")
  private int amqpPort;

  @Option(
      names = "--http-port",
      description = "Port of /healthz and /metrics on 127.0.0.1. Default: a free one.",
      defaultValue = "0")
  private int httpPort;

  @Option(
      names = "--console-port",
      description = "Port of the web console on 127.0.0.1. Default: a free one.",
      defaultValue = "0")
  private int consolePort;

  @Mixin private SliceOptions slices = new SliceOptions();

  @Mixin private RetentionOptions retention = new RetentionOptions();

  /** Runs until it is stopped. */
  public static void main(String[] args) {
    System.exit(Program.run(new Main(), args));
  }

  @Override
  public Integer call() throws Exception {
    Path folder = PrivateFolder.made(data).toRealPath();
    RunningProcess running =
        new RunningProcess(new Peer(Role.COORDINATOR, "standalone"), Platform.ofJvm());
    EmbeddedBroker broker = running.add(EmbeddedBroker.start(amqpPort));
    ArchiveStore store = running.add(new FolderArchiveStore(folder.resolve("store")));
    store.prepare();
    // First, so that it hears the first signs of life of all others.
    startCoordinator(running, broker, store);
    for (Node node : nodes) {
      startAgent(running, broker, folder, node);
    }
    for (int i = 1; i <= workers; i++) {
      startWorker(running, broker, store, folder, slices.limit(), slices.patience(), i);
    }
    startRetention(running, broker, store, retention);
    HealthServer health = running.answerHealth(InetAddress.getLoopbackAddress(), httpPort);
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    out.println("ready amqp=" + broker.uri() + " http=http://127.0.0.1:" + health.port());
    out.println("console " + startConsole(running, broker).entrance());
    running.runUntilStopped();
    return 0;
  }

  private ConsoleServer startConsole(RunningProcess running, EmbeddedBroker embedded)
      throws java.io.IOException {
    RabbitBroker broker = connect(running, embedded, new Peer(Role.ADMIN, "console"));
    return running.add(ConsoleServer.onLoopback(broker, consolePort, running.platform()));
  }

  private static RabbitBroker connect(RunningProcess running, EmbeddedBroker broker, Peer self) {
    return running.add(new RabbitBroker(List.of(BrokerUri.parse(broker.uri())), self));
  }

  private static void startAgent(
      RunningProcess running, EmbeddedBroker embedded, Path folder, Node node)
      throws java.io.IOException {
    NodeName name = new NodeName(node.name);
    RunningProcess part = new RunningProcess(Peer.agent(name), Platform.ofJvm());
    RabbitBroker broker = connect(running, embedded, part.self());
    ActivityLog activity = part.activity(broker.activity());
    part.tellOfLife(broker.events());
    part.add(
        new Agent(
            name,
            new AllowList(node.allow),
            new RestoreTargets(node.restoreTo),
            Hooks.NONE,
            new CacheFolder(folder.resolve("cache").resolve(node.name), Clock.systemUTC()),
            Deflaters.choose(Deflaters.Choice.AUTO),
            broker.agents(),
            broker.replies(),
            activity,
            part.platform(),
            part::stop));
    activity.tell(name, null, "agent started; allows " + node.allow);
    running.add(part.onThread());
  }

  private static void startWorker(
      RunningProcess running,
      EmbeddedBroker embedded,
      ArchiveStore store,
      Path folder,
      SliceLimit slices,
      Duration patience,
      int number)
      throws java.io.IOException {
    RunningProcess part =
        new RunningProcess(new Peer(Role.WORKER, "worker-" + number), Platform.ofJvm());
    RabbitBroker broker = connect(running, embedded, part.self());
    ActivityLog activity = part.activity(broker.activity());
    part.tellOfLife(broker.events());
    Path spool = Files.createDirectories(folder.resolve("spool"));
    part.add(
        new FetchWorker(
            new WorkerContext(
                part.self(),
                part.platform(),
                spool,
                store,
                broker.jobs(),
                broker.agents(),
                broker.replies(),
                broker.events(),
                activity,
                slices,
                patience,
                running.metrics()),
            2));
    part.obey(broker.control());
    activity.tell("worker started");
    running.add(part.onThread());
  }

  private static void startRetention(
      RunningProcess running,
      EmbeddedBroker embedded,
      ArchiveStore store,
      RetentionOptions options) {
    RunningProcess part =
        new RunningProcess(new Peer(Role.RETENTION, "retention"), Platform.ofJvm());
    RabbitBroker broker = connect(running, embedded, part.self());
    ActivityLog activity = part.activity(broker.activity());
    part.tellOfLife(broker.events());
    part.add(
        new Retention(
            new RetentionContext(
                part.self(),
                part.platform(),
                store,
                broker.events(),
                activity,
                options.grace(),
                options.interval(),
                running.metrics())));
    part.obey(broker.control());
    running.add(part.onThread());
  }

  private static void startCoordinator(
      RunningProcess running, EmbeddedBroker embedded, ArchiveStore store) throws Exception {
    RabbitBroker broker = connect(running, embedded, running.self());
    ActivityLog activity = running.activity(broker.activity());
    running.tellOfLife(broker.events());
    Coordinator coordinator =
        new Coordinator(
            new CoordinatorContext(
                running.self(),
                running.platform(),
                store,
                broker.jobs(),
                broker.dead(),
                broker.commands(),
                broker.agents(),
                broker.replies(),
                broker.events(),
                broker.control(),
                activity,
                running.metrics()),
            running::stop);
    running.add(coordinator);
    activity.tell(
        "standalone started: what RabbitMQ alone can promise (cluster, user checks) is not here");
    coordinator.start();
  }
}
