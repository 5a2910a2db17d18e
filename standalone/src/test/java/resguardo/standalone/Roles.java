package resguardo.standalone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import resguardo.agent.Agent;
import resguardo.agent.AllowList;
import resguardo.agent.RestoreTargets;
import resguardo.agent.cache.CacheFolder;
import resguardo.agent.hook.Hooks;
import resguardo.archive.JdkDeflater;
import resguardo.coordinator.Coordinator;
import resguardo.coordinator.CoordinatorContext;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.Role;
import resguardo.core.SliceLimit;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Platform;
import resguardo.core.protocol.Event;
import resguardo.infra.rabbit.BrokerUri;
import resguardo.infra.rabbit.RabbitBroker;
import resguardo.infra.runtime.ActivityLog;
import resguardo.infra.runtime.RunningProcess;
import resguardo.worker.FetchWorker;
import resguardo.worker.WorkerContext;

/** All roles in this process, over a store of the test's own. */
final class Roles implements AutoCloseable {
  static {
    // Several tests run at once in this process: a worker that one has die is none of the others'
    // concern.
    Awaitility.doNotCatchUncaughtExceptionsByDefault();
  }

  private final Path folder;
  private final ArchiveStore store;
  private final EmbeddedBroker broker;
  private final List<RunningProcess> processes = new ArrayList<>();

  /**
   * None yet.
   *
   * @param folder for what they keep on a disk
   */
  Roles(Path folder, ArchiveStore store) throws Exception {
    this.folder = folder;
    this.store = store;
    this.broker = EmbeddedBroker.start(0);
  }

  private RunningProcess process(Peer self) {
    RunningProcess process = new RunningProcess(self, Platform.ofJvm());
    processes.add(process);
    return process;
  }

  private RabbitBroker connect(RunningProcess process) {
    RabbitBroker connected =
        process.add(new RabbitBroker(List.of(BrokerUri.parse(broker.uri())), process.self()));
    process.tellOfLife(connected.events());
    return connected;
  }

  /** An agent that may read this set. */
  void agent(NodeName node, Path set) throws Exception {
    RunningProcess process = process(Peer.agent(node));
    RabbitBroker connected = connect(process);
    process.add(
        new Agent(
            node,
            new AllowList(List.of(set)),
            new RestoreTargets(List.of()),
            Hooks.NONE,
            new CacheFolder(folder.resolve("cache"), Clock.systemUTC()),
            new JdkDeflater(1),
            connected.agents(),
            connected.replies(),
            process.activity(connected.activity()),
            process.platform(),
            process::stop));
  }

  RunningProcess worker(SliceLimit slices) throws IOException {
    RunningProcess process = process(new Peer(Role.WORKER, "worker-1"));
    RabbitBroker connected = connect(process);
    process.add(
        new FetchWorker(
            new WorkerContext(
                process.self(),
                process.platform(),
                Files.createDirectories(folder.resolve("spool")),
                store,
                connected.jobs(),
                connected.agents(),
                connected.replies(),
                connected.events(),
                process.activity(connected.activity()),
                slices,
                Duration.ofHours(6),
                process.metrics()),
            2));
    return process;
  }

  /** A coordinator, which can be ended before the others. */
  RunningProcess coordinator() throws Exception {
    RunningProcess process = process(new Peer(Role.COORDINATOR, "one"));
    RabbitBroker connected = connect(process);
    ActivityLog activity = process.activity(connected.activity());
    Coordinator started =
        new Coordinator(
            new CoordinatorContext(
                process.self(),
                process.platform(),
                store,
                connected.jobs(),
                connected.dead(),
                connected.commands(),
                connected.agents(),
                connected.replies(),
                connected.events(),
                connected.control(),
                activity,
                process.metrics()),
            process::stop);
    process.add(started);
    started.start();
    return process;
  }

  /** Hears what they tell. */
  void listen(Consumer<Event> ear) {
    RunningProcess process = process(new Peer(Role.ADMIN, "ear"));
    process.add(connect(process).events().subscribe(ear));
  }

  @Override
  public void close() throws Exception {
    for (RunningProcess process : processes) {
      process.end();
    }
    broker.close();
  }
}
