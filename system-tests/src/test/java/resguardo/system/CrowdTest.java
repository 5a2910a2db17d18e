package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import resguardo.admin.Desk;
import resguardo.agent.Agent;
import resguardo.agent.AllowList;
import resguardo.agent.RestoreTargets;
import resguardo.agent.cache.CacheFolder;
import resguardo.agent.hook.Hooks;
import resguardo.archive.Deflaters;
import resguardo.archive.MemberDeflater;
import resguardo.coordinator.Roster;
import resguardo.coordinator.Scheduler;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.Role;
import resguardo.core.Schedule;
import resguardo.core.SourcePath;
import resguardo.core.catalog.Status;
import resguardo.core.port.Platform;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.Command;
import resguardo.core.protocol.Event;
import resguardo.infra.rabbit.BrokerUri;
import resguardo.infra.rabbit.RabbitBroker;
import resguardo.infra.runtime.Instances;
import resguardo.infra.runtime.RunningProcess;

/**
 * Many agents at once, within one process, at a real broker, with a coordinator and two workers of
 * their own. {@code make crowd} runs it with a thousand, and prints what each role takes; nothing
 * of that is asserted.
 */
class CrowdTest {
  private static final Pattern RSS = Pattern.compile("VmRSS:\\s+(\\d+) kB");
  private static final int TICKS = 200;

  private final int agents = Integer.getInteger("resguardo.crowd.agents", 25);
  private final int registrations = Integer.getInteger("resguardo.crowd.registrations", 100);
  private final int scheduled = Integer.getInteger("resguardo.crowd.scheduled", 10_000);

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  @AutoClose private @Nullable Pipeline pipeline;

  private final List<RunningProcess> crowd = new ArrayList<>();
  private final Map<String, Long> pids = new LinkedHashMap<>();

  @AfterEach
  void end() throws Exception {
    crowd.parallelStream().forEach(RunningProcess::end);
  }

  @Test
  void allAreHeardOfAndBackedUp() throws Exception {
    Pipeline own = new Pipeline(folder).measured();
    pipeline = own;
    pids.put("broker", Long.parseLong(own.broker().fact("pid")));
    pids.put("store", Long.parseLong(own.store().fact("pid")));
    pids.put("coordinator", own.coordinator().pid());
    pids.put("worker 1", own.worker().pid());
    pids.put("worker 2", own.worker().pid());
    Map<RegistrationKey, Status.Outcome> ended = new ConcurrentHashMap<>();
    BrokerUri uri = BrokerUri.parse(own.broker().fact("amqp_uri"));
    try (RabbitBroker broker = new RabbitBroker(List.of(uri), Instances.random(Role.ADMIN))) {
      broker.await(Pipeline.PATIENCE);
      // What nobody hears of the end of a job is found in the list at the end.
      try (Subscription events = broker.events().subscribe(event -> note(event, ended))) {
        MemberDeflater deflater = Deflaters.choose(Deflaters.Choice.AUTO);
        Instant began = Instant.now();
        for (int i = 0; i < agents; i++) {
          crowd.add(agent(i, uri, deflater));
        }
        int connections = 2 * agents;
        await()
            .atMost(Duration.ofMinutes(10))
            .pollInterval(Duration.ofSeconds(1))
            .until(() -> connections(own) >= connections);
        say("%d agents connected after %s", agents, Duration.between(began, Instant.now()));
        Map<String, Double> cpu = cpu();
        Thread.sleep(10_000);
        print("at rest, for 10 s", cpu, 10);
        began = Instant.now();
        cpu = cpu();
        register(broker);
        say("%d registered after %s", registrations, Duration.between(began, Instant.now()));
        await()
            .atMost(Duration.ofMinutes(40))
            .pollInterval(Duration.ofSeconds(1))
            .until(() -> ended.size() == registrations);
        double seconds = Duration.between(began, Instant.now()).toMillis() / 1000.0;
        say("all backed up after %.1f s: %.1f jobs/s", seconds, registrations / seconds);
        print("at work", cpu, seconds);
      }
    }
    assertThat(ended.values()).containsOnly(Status.Outcome.COMMITTED);
    assertThat(own.list()).hasSize(registrations);
  }

  private static void note(Event event, Map<RegistrationKey, Status.Outcome> ended) {
    if (event instanceof Event.JobEnded job) {
      ended.putIfAbsent(job.job().registration(), job.status().lastOutcome());
    }
  }

  private RunningProcess agent(int number, BrokerUri uri, MemberDeflater deflater)
      throws IOException {
    NodeName node = new NodeName("node-" + number);
    RunningProcess process = new RunningProcess(Peer.agent(node), Platform.ofJvm());
    RabbitBroker broker = process.add(new RabbitBroker(List.of(uri), process.self()));
    process.tellOfLife(broker.events());
    process.add(
        new Agent(
            node,
            new AllowList(List.of(folder.resolve("data"))),
            new RestoreTargets(List.of()),
            Hooks.NONE,
            new CacheFolder(folder.resolve("caches").resolve(node.value()), Clock.systemUTC()),
            deflater,
            broker.agents(),
            broker.replies(),
            process.activity(broker.activity()),
            process.platform(),
            process::stop));
    return process;
  }

  private static long connections(Pipeline pipeline) {
    return pipeline.broker().control("list_connections", "pid").lines().count();
  }

  private void register(RabbitBroker broker) throws Exception {
    Desk desk = new Desk(broker.commands(), broker.replies(), Pipeline.PATIENCE);
    for (int i = 0; i < registrations; i++) {
      Path path = Files.createDirectories(folder.resolve("data/set-" + i)).toRealPath();
      Files.writeString(path.resolve("file"), "content of " + i);
      NodeName node = new NodeName("node-" + i % agents);
      SourcePath source = SourcePath.parse(path.toString());
      desk.ask(
          replyTo -> new Command.Register(node, source, new Schedule.Every(86_400), null, replyTo),
          "register");
    }
  }

  /** Seconds of CPU that each process has taken. */
  private Map<String, Double> cpu() throws IOException {
    Map<String, Double> seconds = new LinkedHashMap<>();
    for (Map.Entry<String, Long> one : pids.entrySet()) {
      String stat = Files.readString(Path.of("/proc/" + one.getValue() + "/stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      seconds.put(one.getKey(), (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0);
    }
    return seconds;
  }

  private void print(String when, Map<String, Double> before, double seconds) throws IOException {
    Map<String, Double> after = cpu();
    for (Map.Entry<String, Long> one : pids.entrySet()) {
      Matcher rss = RSS.matcher(Files.readString(Path.of("/proc/" + one.getValue() + "/status")));
      double used = after.get(one.getKey()) - before.get(one.getKey());
      say(
          "%s: %s: %d MiB, %.1f s of CPU, %.0f %% of a core",
          when,
          one.getKey(),
          rss.find() ? Long.parseLong(rss.group(1)) / 1024 : 0,
          used,
          100 * used / seconds);
    }
  }

  private static void say(String format, Object... values) {
    System.out.println("crowd: " + String.format(java.util.Locale.ROOT, format, values));
  }

  @Test
  void aTickLooksAtAllRegistrations() {
    Instant now = Instant.parse("2026-11-25T10:00:00Z");
    Roster roster = new Roster();
    Scheduler scheduler = new Scheduler(roster);
    scheduler.listens(now.minusSeconds(3600));
    for (int i = 0; i < scheduled; i++) {
      NodeName node = new NodeName("node-" + i % 1000);
      roster.note(new Event.ProcessAlive(now, Peer.agent(node), now), now);
      RegistrationKey key = new RegistrationKey(node, SourcePath.parse("/set/" + i));
      Schedule schedule =
          i % 2 == 0
              ? new Schedule.Every(3600 + i)
              : new Schedule.Cron(i % 60 + " 3 * * *", java.time.ZoneOffset.UTC);
      scheduler.put(
          new Registration(key, schedule, 1, now.minusSeconds(100), Registration.State.ACTIVE));
      scheduler.done(key, now.minusSeconds(100));
    }
    long[] nanos = new long[TICKS];
    int due = 0;
    for (int i = 0; i < TICKS; i++) {
      Instant at = now.plusSeconds(i);
      long began = System.nanoTime();
      due += scheduler.tick(at).size();
      nanos[i] = System.nanoTime() - began;
    }
    Arrays.sort(nanos);
    say(
        "a tick over %d registrations: median %.2f ms, slowest %.2f ms",
        scheduled, nanos[TICKS / 2] / 1e6, nanos[TICKS - 1] / 1e6);
    assertThat(Optional.of(due)).as("none is due before its time").contains(0);
  }
}
