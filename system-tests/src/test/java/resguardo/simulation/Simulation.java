package resguardo.simulation;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
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
import resguardo.core.Registration;
import resguardo.core.RetentionPolicy;
import resguardo.core.Role;
import resguardo.core.Serial;
import resguardo.core.SliceLimit;
import resguardo.core.catalog.Status;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.core.version.VersionHeader;
import resguardo.infra.runtime.ActivityLog;
import resguardo.infra.runtime.Heartbeat;
import resguardo.retention.Retention;
import resguardo.retention.RetentionContext;
import resguardo.testkit.broker.BrokerPorts;
import resguardo.testkit.broker.MemoryBroker;
import resguardo.testkit.broker.MemoryConnection;
import resguardo.testkit.broker.NoDeadLetters;
import resguardo.testkit.store.MemoryArchiveStore;
import resguardo.worker.FetchWorker;
import resguardo.worker.WorkerContext;

/**
 * One run: two coordinators, workers and agents as they are, some minutes in which files change,
 * operators ask and things go wrong as the seed has it, and then rest, until all that is registered
 * is backed up as it is. A run of one seed at a time, as its files lie in a folder of the seed's.
 */
final class Simulation {
  /** How long all may take to come to rest once nothing goes wrong any more. */
  private static final Duration REST = Duration.ofMinutes(15);

  /** Longer than anything is paused, or an answer is waited for. */
  private static final Duration GRACE = Duration.ofSeconds(45);

  private static final Duration A_DAY = Duration.ofDays(1);
  private static final Duration LOOK = Duration.ofSeconds(2);

  /** So many seeds may run at once; a lock of a file is one of the whole process. */
  private static final int LOCKS = 64;

  private static final Map<Long, Object> IN_THIS_PROCESS = new ConcurrentHashMap<>();

  private final long seed;
  private final Mutant mutant;
  private final Random random;
  private final Baton baton;
  private final Weather weather;
  private final Watch watch;
  private final MemoryBroker broker;
  private final ArchiveStore bucket;
  private final SimulatedProcess world;
  private final Path folder;
  private final List<String> violations = new ArrayList<>();
  private final Map<Peer, Member> members = new LinkedHashMap<>();
  private final List<Source> sources = new ArrayList<>();
  private final Operator operator;
  private SliceLimit slices = SliceLimit.USUAL;
  private int slots = 1;
  private boolean frozen;
  private long crashes;

  /**
   * What came of a run.
   *
   * @param violations what must not have been, in the order in which it was found; none: all is
   *     well
   * @param hash equal for equal runs
   * @param lastSteps what was done before the end
   */
  record Result(
      long seed,
      Weather.Kind kind,
      List<String> violations,
      long hash,
      List<String> lastSteps,
      Duration simulated,
      Map<String, Long> counts,
      Map<String, Long> faults) {}

  /** Starts a role in a process. */
  private interface Starting {
    /**
     * @return what is closed when it ends in order
     */
    AutoCloseable start(SimulatedProcess process, MemoryConnection connection, ActivityLog activity)
        throws Exception;
  }

  /** A process that is started again whenever it was killed. */
  private static final class Member {
    private final Peer peer;
    private final Starting role;
    private @Nullable SimulatedProcess process;
    private @Nullable MemoryConnection connection;

    /** In the order in which they are closed. */
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();

    /** How wrong the clock of its machine is, whoever sets it. */
    private Duration ahead = Duration.ZERO;

    Member(Peer peer, Starting role) {
      this.peer = peer;
      this.role = role;
    }
  }

  /**
   * @param trace takes a line for each step; absent: nothing does
   */
  Simulation(long seed, Mutant mutant, @Nullable List<String> trace) {
    this.seed = seed;
    this.mutant = mutant;
    this.random = new Random(seed);
    this.baton = new Baton(random);
    Weather.Kind[] kinds = Weather.Kind.values();
    Weather.Kind kind = kinds[random.nextInt(kinds.length)];
    this.watch = new Watch(baton, this::violated, this::waitingFetches);
    this.weather = new Weather(baton, random, kind, watch, new FromWithin(), trace);
    this.broker = new MemoryBroker(weather);
    this.world = new SimulatedProcess(baton, random, new Peer(Role.ADMIN, "world"), this::threw);
    this.bucket = new MemoryArchiveStore(world.clock());
    this.folder = base().resolve("run-" + seed);
    this.operator =
        new Operator(
            world,
            random,
            broker.connect(world.peer(), world).ports(),
            bucket,
            watch,
            this::violated,
            sources);
  }

  private long waitingFetches() {
    return broker.waitingFetches();
  }

  /** The same for each run of a seed, as names of files are part of what is decided by. */
  private static Path base() {
    Path memory = Path.of("/dev/shm");
    return (Files.isWritable(memory) ? memory : Path.of(System.getProperty("java.io.tmpdir")))
        .resolve("resguardo-simulation");
  }

  /** Runs it; once whoever else runs this seed is done, in this process or in another. */
  Result run() throws IOException {
    long one = Math.floorMod(seed, LOCKS);
    synchronized (IN_THIS_PROCESS.computeIfAbsent(one, any -> new Object())) {
      Files.createDirectories(base());
      Path lock = base().resolve("lock-" + one);
      try (FileChannel file =
          FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        file.lock();
        return runAlone();
      }
    }
  }

  private Result runAlone() throws IOException {
    clear();
    Files.createDirectories(folder);
    try {
      baton.run(baton.start(world, "world", this::live));
    } finally {
      clear();
    }
    Map<String, Long> counts = new LinkedHashMap<>();
    counts.put("steps", weather.steps());
    counts.put("switches", baton.switches());
    counts.put("jobs ended", watch.jobsDone());
    counts.put("jobs failed", watch.failed());
    counts.put(
        "versions", sources.stream().mapToLong(s -> watch.of(s.key()).versions().size()).sum());
    counts.put("versions expired", watch.expired());
    counts.put("slices", watch.slicesKept());
    counts.put("commands", operator.commands());
    counts.put("queries", operator.queries());
    counts.put("queries that overtook backups", watch.overtaken());
    counts.put("versions compared", operator.compared());
    counts.put("bytes compared", operator.bytes());
    counts.put("crashes", crashes);
    return new Result(
        seed,
        weather.kind(),
        List.copyOf(violations),
        weather.hash(),
        weather.lastSteps(),
        Duration.ofNanos(baton.now()),
        counts,
        weather.faults());
  }

  private void clear() throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }

  private void violated(String what) {
    if (baton.isEnding()) {
      return; // what ends only because all does
    }
    violations.add(what);
    weather.note("VIOLATED " + what);
    throw baton.end();
  }

  private void threw(String what, Throwable why) {
    StringBuilder text = new StringBuilder(what + ": " + why);
    for (StackTraceElement line : why.getStackTrace()) {
      text.append("\n    at ").append(line);
    }
    violations.add(text.toString());
    weather.note("VIOLATED " + what);
    SimulatedCrash unused = baton.end();
  }

  private void live() {
    try {
      settle();
      members.values().forEach(this::start);
      for (Source source : sources) {
        operator.register(source, 5 + random.nextInt(30));
      }
      baton.start(world, "writer", this::write);
      baton.start(world, "operator", this::operate);
      misbehave();
      weather.note("CLEARS UP");
      weather.clearsUp();
      rest();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    throw baton.end();
  }

  /** Who takes part, as the seed has it. */
  private void settle() {
    slots = 1 + random.nextInt(2);
    slices = new SliceLimit(random.nextBoolean() ? 500 : 3000, 600);
    member(new Peer(Role.COORDINATOR, "one"), this::startCoordinator);
    member(new Peer(Role.COORDINATOR, "two"), this::startCoordinator);
    int workers = 1 + random.nextInt(3);
    for (int i = 1; i <= workers; i++) {
      member(new Peer(Role.WORKER, "worker-" + i), this::startWorker);
    }
    int expirers = 1 + random.nextInt(2);
    for (int i = 1; i <= expirers; i++) {
      member(new Peer(Role.RETENTION, "retention-" + i), this::startRetention);
    }
    int nodes = 1 + random.nextInt(2);
    for (int i = 1; i <= nodes; i++) {
      NodeName node = new NodeName("node-" + i);
      int many = 1 + random.nextInt(3);
      for (int j = 1; j <= many; j++) {
        boolean large = random.nextInt(5) == 0;
        Integer keepLast = random.nextInt(3) == 0 ? null : Integer.valueOf(1 + random.nextInt(3));
        Source source = new Source(node, folder.resolve(node + "/set-" + j), large, keepLast);
        source.change(random, baton.now());
        sources.add(source);
      }
      Member agent = member(Peer.agent(node), this::startAgent);
      if (random.nextInt(4) == 0) {
        agent.ahead = random.nextBoolean() ? A_DAY : A_DAY.negated();
        weather.count("clock of a node wrong by a day");
      }
    }
    if (weather.kind() == Weather.Kind.CALM) {
      watch.nothingBreaks();
    }
  }

  private Member member(Peer peer, Starting role) {
    Member member = new Member(peer, role);
    members.put(peer, member);
    return member;
  }

  private void start(Member member) {
    SimulatedProcess process = new SimulatedProcess(baton, random, member.peer, this::threw);
    process.setAhead(member.ahead);
    MemoryConnection connection = broker.connect(member.peer, process);
    watch.started(member.peer);
    member.process = process;
    member.connection = connection;
    member.parts.clear();
    baton.start(
        process,
        "main",
        () -> {
          try {
            ActivityLog activity =
                new ActivityLog(member.peer, process, connection.ports().activity());
            member.parts.push(activity);
            member.parts.push(new Heartbeat(member.peer, process, connection.ports().events()));
            member.parts.push(member.role.start(process, connection, activity));
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private ArchiveStore store(SimulatedProcess process) {
    return mutant.store(new SimulatedStore(bucket, process, weather, watch));
  }

  private AutoCloseable startCoordinator(
      SimulatedProcess process, MemoryConnection connection, ActivityLog activity)
      throws Exception {
    BrokerPorts ports = connection.ports();
    Coordinator coordinator =
        new Coordinator(
            new CoordinatorContext(
                process.peer(),
                process,
                store(process),
                connection.jobs(),
                new NoDeadLetters(),
                ports.commands(),
                ports.agents(),
                ports.replies(),
                ports.events(),
                ports.control(),
                activity),
            () -> {});
    coordinator.start();
    return coordinator;
  }

  private AutoCloseable startWorker(
      SimulatedProcess process, MemoryConnection connection, ActivityLog activity)
      throws Exception {
    BrokerPorts ports = connection.ports();
    return new FetchWorker(
        new WorkerContext(
            process.peer(),
            process,
            Files.createDirectories(folder.resolve(process.peer().instance())),
            store(process),
            mutant.jobs(connection.jobs()),
            ports.agents(),
            mutant.replies(ports.replies()),
            ports.events(),
            activity,
            slices,
            Duration.ofHours(6),
            new SimpleMeterRegistry()),
        slots);
  }

  private AutoCloseable startRetention(
      SimulatedProcess process, MemoryConnection connection, ActivityLog activity) {
    return new Retention(
        new RetentionContext(
            process.peer(),
            process,
            mutant.expirersStore(store(process)),
            connection.ports().events(),
            activity,
            GRACE,
            Duration.ofSeconds(15),
            new SimpleMeterRegistry()));
  }

  private AutoCloseable startAgent(
      SimulatedProcess process, MemoryConnection connection, ActivityLog activity)
      throws Exception {
    BrokerPorts ports = connection.ports();
    NodeName node = new NodeName(process.peer().instance());
    return new Agent(
        node,
        new AllowList(List.of(folder.resolve(node.value()))),
        new RestoreTargets(List.of()),
        Hooks.NONE,
        new CacheFolder(folder.resolve("cache-" + node), process.clock()),
        new JdkDeflater(1),
        ports.agents(),
        ports.replies(),
        activity,
        process,
        () -> {});
  }

  /** What the weather does to a process in the middle of a call. */
  private final class FromWithin implements Weather.Hand {
    @Override
    public boolean kill(Peer peer) {
      return Simulation.this.kill(Objects.requireNonNull(members.get(peer)));
    }

    @Override
    public void hang(Peer peer) {
      Member member = Objects.requireNonNull(members.get(peer));
      SimulatedProcess process = Objects.requireNonNull(member.process);
      if (peer.role() == Role.WORKER) {
        cutAndPause(member, process);
      } else {
        pause(process);
      }
    }
  }

  private boolean kill(Member member) {
    SimulatedProcess process = member.process;
    MemoryConnection connection = member.connection;
    if (process == null || connection == null || process.isDead() || !watch.mayDie(member.peer)) {
      return false;
    }
    crashes++;
    weather.note("KILLED " + member.peer);
    isGone(member, process, connection);
    return true;
  }

  /** It is started again after a while. */
  private void isGone(Member member, SimulatedProcess process, MemoryConnection connection) {
    watch.died(member.peer);
    process.kill();
    connection.end();
    long away = (200 + random.nextInt(random.nextInt(4) == 0 ? 40_000 : 5_000)) * 1_000_000L;
    baton.start(
        world,
        "restart",
        () -> {
          baton.sleep(away);
          weather.note("STARTED " + member.peer);
          start(member);
        });
  }

  /** As on SIGTERM: it finishes what it has in hand, says goodbye, and is started again. */
  private void endInOrder(Member member, SimulatedProcess process, MemoryConnection connection) {
    weather.note("ENDS " + member.peer);
    weather.count("ended in order");
    watch.broke();
    baton.start(
        process,
        "end",
        () -> {
          while (!member.parts.isEmpty()) {
            close(member.parts.pop());
          }
          isGone(member, process, connection);
          process.dieIfDead();
        });
  }

  private static void close(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Changes files until all is to come to rest. */
  private void write() {
    while (!frozen) {
      baton.sleep(random.nextInt(12_000) * 1_000_000L);
      if (!frozen) {
        operator.any().change(random, baton.now());
      }
    }
  }

  private void operate() {
    try {
      while (!weather.isOver()) {
        world.sleep(Duration.ofMillis(random.nextInt(20_000)));
        if (weather.isOver()) {
          return;
        }
        Source source = operator.any();
        switch (random.nextInt(8)) {
          case 0 -> operator.register(source, 5 + random.nextInt(30));
          case 1 -> {
            operator.unregister(source);
            operator.register(source, 5 + random.nextInt(30));
          }
          default -> operator.compare(source);
        }
      }
    } catch (Operator.NoAnswerException again) {
      baton.start(world, "operator", this::operate);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What goes wrong beside calls. */
  private void misbehave() {
    long end = baton.now() + Duration.ofSeconds(60 + random.nextInt(180)).toNanos();
    while (baton.now() < end) {
      baton.sleep(random.nextInt(15_000) * 1_000_000L);
      List<Member> all = List.copyOf(members.values());
      Member member = all.get(random.nextInt(all.size()));
      switch (weather.kind()) {
        case CALM -> {}
        case CRASHES -> killOrPause(member);
        case STORE -> weather.storeIsDown(Duration.ofMillis(random.nextInt(12_000)));
        case BROKER -> cutOrLose(member);
        case STORM -> {
          switch (random.nextInt(4)) {
            case 0 -> weather.storeIsDown(Duration.ofMillis(random.nextInt(12_000)));
            case 1 -> cutOrLose(member);
            default -> killOrPause(member);
          }
        }
      }
    }
  }

  private void killOrPause(Member member) {
    SimulatedProcess process = member.process;
    MemoryConnection connection = member.connection;
    int choice = random.nextInt(5);
    if (choice == 0) {
      if (kill(member)) {
        weather.count("killed while it waits");
      }
    } else if (choice == 3
        && process != null
        && connection != null
        && !process.isDead()
        && member.parts.size() == 3) {
      endInOrder(member, process, connection);
    } else if (choice == 1 && process != null && member.peer.role() == Role.WORKER) {
      cutAndPause(member, process);
    } else if (choice == 1 && process != null) {
      pause(process);
    } else if (choice == 2 && process != null && member.peer.role() != Role.AGENT) {
      process.setAhead(Duration.ofMillis(random.nextInt(8_000) - 4_000));
      weather.note("CLOCK " + member.peer);
      weather.count("clock set");
    }
  }

  private void pause(SimulatedProcess process) {
    weather.note("PAUSED " + process);
    weather.count("paused");
    watch.broke();
    process.pauseUntil(baton.now() + random.nextInt(25_000) * 1_000_000L);
  }

  /**
   * One that stands still for so long is taken for gone by the broker, and goes on all the same.
   */
  private void cutAndPause(Member member, SimulatedProcess process) {
    if (watch.mayDie(member.peer)) {
      pause(process);
      cut(member);
    }
  }

  /** The queue of a node is of no process, and neither workers nor agents may make it anew. */
  private void cutOrLose(Member member) {
    if (member.peer.role() == Role.AGENT && random.nextInt(3) == 0) {
      weather.note("LOST the queue of " + member.peer);
      weather.count("queue of a node lost");
      watch.broke();
      broker.loseQueueOf(new NodeName(member.peer.instance()));
    } else {
      cut(member);
    }
  }

  private void cut(Member member) {
    MemoryConnection connection = member.connection;
    SimulatedProcess process = member.process;
    if (connection == null || process == null || process.isDead() || !watch.mayDie(member.peer)) {
      return;
    }
    weather.note("CUT " + member.peer);
    weather.count("connection cut");
    watch.died(member.peer);
    connection.cut();
    long away = random.nextInt(8_000) * 1_000_000L;
    baton.start(
        world,
        "mend",
        () -> {
          baton.sleep(away);
          if (!process.isDead()) {
            connection.mend();
          }
        });
  }

  /** All comes to rest: each registration is backed up as it is, and restored. */
  private void rest() throws InterruptedException {
    for (Member member : members.values()) {
      if (member.process != null) {
        member.process.setAhead(member.ahead);
      }
    }
    world.sleep(Duration.ofSeconds(5));
    frozen = true;
    world.sleep(Duration.ofSeconds(60)); // what was not answered is carried out, or never is
    for (Source source : sources) {
      operator.register(source, 5 + random.nextInt(30));
    }
    long since = baton.now();
    for (Source source : sources) {
      awaitSuccess(source, since);
    }
    for (Source source : sources) {
      compareAtLast(source);
    }
    awaitExpired();
    for (Source source : sources) {
      for (Serial serial : List.copyOf(watch.of(source.key()).there().keySet())) {
        compareAtLast(source, serial);
      }
    }
  }

  /** What is to go is gone, and all that nothing leans on with it. */
  private void awaitExpired() throws InterruptedException {
    long since = baton.now();
    while (true) {
      Optional<String> left = left();
      if (left.isEmpty()) {
        return;
      } else if (baton.now() - since > REST.toNanos()) {
        violated("left behind at the end: " + left.get());
      }
      world.sleep(LOOK);
    }
  }

  private Optional<String> left() {
    for (Source source : sources) {
      RetentionPolicy policy = source.retention();
      Integer last = policy == null ? null : policy.last();
      int versions = watch.of(source.key()).there().size();
      if (last != null && versions > last) {
        return Optional.of(versions + " versions of " + source.key() + " instead of " + last);
      }
      if (last != null) {
        Optional<String> orphan = orphan(source);
        if (orphan.isPresent()) {
          return orphan;
        }
      }
    }
    return Optional.empty();
  }

  /** An archive that a version named, and none names any more. */
  private Optional<String> orphan(Source source) {
    Set<String> needed = new HashSet<>();
    watch.of(source.key()).there().values().forEach(version -> addArchives(version, needed));
    Set<String> named = new TreeSet<>();
    watch.of(source.key()).versions().forEach(version -> addArchives(version, named));
    named.removeAll(needed);
    return named.stream().filter(key -> isThere(new ObjectKey(key))).findFirst();
  }

  private static void addArchives(VersionHeader version, Set<String> to) {
    version.archives().forEach(ref -> to.add(ref.key()));
  }

  private boolean isThere(ObjectKey key) {
    try {
      return bucket.head(key).isPresent();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void awaitSuccess(Source source, long since) throws InterruptedException {
    while (!succeeded(source, since)) {
      if (baton.now() - since > REST.toNanos()) {
        violated(
            "%s does not come to rest: %s, %s"
                .formatted(
                    source.key(),
                    watch.registration(source.key()),
                    watch.of(source.key()).status()));
      }
      world.sleep(LOOK);
    }
  }

  private boolean succeeded(Source source, long since) {
    Registration registration = watch.registration(source.key());
    Status status = watch.of(source.key()).status();
    return registration != null
        && registration.active()
        && status != null
        && status.lastSuccess() != null
        && status.lastSuccess().isAfter(SimulatedProcess.EPOCH.plusNanos(since));
  }

  /** A look at something, which may have no answer. */
  private interface Comparison {
    void run() throws InterruptedException, Operator.NoAnswerException;
  }

  private void compareAtLast(Source source) throws InterruptedException {
    compareAtLast(source, () -> operator.compareWithNow(source));
  }

  private void compareAtLast(Source source, Serial serial) throws InterruptedException {
    compareAtLast(source, () -> operator.compareOlder(source, serial));
  }

  private void compareAtLast(Source source, Comparison comparison) throws InterruptedException {
    for (int tries = 1; ; tries++) {
      try {
        comparison.run();
        return;
      } catch (Operator.NoAnswerException e) {
        if (tries == 5) {
          violated("no version of " + source.key() + " can be had at the end: " + e.getMessage());
        }
        world.sleep(LOOK);
      }
    }
  }
}
