package resguardo.system;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import resguardo.testkit.servers.RealServer;

/** All that runs in a soak, killed at random and started again, and the memory that it takes. */
final class SoakFleet {
  private static final Pattern RSS = Pattern.compile("VmRSS:\\s+(\\d+) kB");
  private static final int SHORTEST_GAP = 5;
  private static final int LONGEST_GAP = 15;
  private static final int LONGEST_DOWN = 8;

  private static final int QUARTERS = 4;

  /** One kill in so many is of two at once. */
  private static final int TWO_AT_ONCE = 4;

  private final Pipeline pipeline;
  private final Random random;
  private final Map<String, List<Member>> members = new TreeMap<>();
  private final Map<String, Integer> kills = new TreeMap<>();
  private final Map<String, List<Long>> memory = new ConcurrentHashMap<>();
  private final List<Outage> outages = new ArrayList<>();
  private final Deque<String> deck = new ArrayDeque<>();

  /**
   * The largest process of a role, in MiB.
   *
   * @param quarters means over the first, second, third and last quarter of the time: where nothing
   *     is killed, memory that is flat shows in them
   */
  record Memory(List<Long> quarters, long max) {
    static Memory of(List<Long> measured) {
      List<Long> quarters = new ArrayList<>();
      int many = measured.size();
      for (int i = 0; i < QUARTERS; i++) {
        quarters.add(
            Math.round(
                measured.subList(many * i / QUARTERS, many * (i + 1) / QUARTERS).stream()
                    .mapToLong(Long::longValue)
                    .average()
                    .orElse(0)));
      }
      return new Memory(quarters, Collections.max(measured));
    }
  }

  /** When something was down: from its kill until it was started again. */
  record Outage(String role, String name, Instant from, Instant until) {}

  private interface Member {
    String name();

    void start() throws Exception;

    void kill() throws Exception;

    /** Ends it in order. */
    void stop() throws Exception;

    long pid();
  }

  /** How a program is started. */
  private interface Starts {
    Process start() throws IOException;
  }

  SoakFleet(Pipeline pipeline, long seed) {
    this.pipeline = pipeline;
    this.random = new Random(seed);
  }

  /** Starts all; the servers run already. */
  void start(int coordinators, int workers, List<String> agents) throws Exception {
    for (int i = 0; i < coordinators; i++) {
      add("coordinator", "coordinator " + i, pipeline::coordinator);
    }
    for (int i = 0; i < workers; i++) {
      add("worker", "worker " + i, pipeline::worker);
    }
    for (String node : agents) {
      add("agent", node, () -> pipeline.agent(node));
    }
    List<RealServer> nodes = pipeline.brokers();
    for (int i = 0; i < nodes.size(); i++) {
      String name = nodes.size() == 1 ? "broker" : "broker " + (i + 1);
      members.computeIfAbsent("broker", any -> new ArrayList<>()).add(member(nodes.get(i), name));
    }
    members.put("store", List.of(member(pipeline.store(), "store")));
  }

  private void add(String role, String name, Starts starts) throws IOException {
    members.computeIfAbsent(role, any -> new ArrayList<>()).add(member(name, starts));
  }

  private static Member member(String name, Starts starts) throws IOException {
    return new Member() {
      private volatile Process process = starts.start();

      @Override
      public String name() {
        return name;
      }

      @Override
      public void start() throws IOException {
        process = starts.start();
      }

      @Override
      public void kill() throws Exception {
        Pipeline.kill(process);
      }

      @Override
      public void stop() throws Exception {
        process.destroy();
        process.waitFor();
      }

      @Override
      public long pid() {
        return process.pid();
      }
    };
  }

  private static Member member(RealServer server, String name) {
    return new Member() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public void start() {
        server.start();
      }

      @Override
      public void kill() {
        server.kill();
      }

      @Override
      public void stop() {
        server.stop();
      }

      @Override
      public long pid() {
        return Long.parseLong(server.fact("pid"));
      }
    };
  }

  /** Kills and starts again until this time; all runs on return. */
  void killUntil(Instant end) throws Exception {
    while (true) {
      Duration gap =
          Duration.ofSeconds(SHORTEST_GAP + random.nextInt(LONGEST_GAP - SHORTEST_GAP + 1));
      if (Instant.now().plus(gap).isAfter(end)) {
        return;
      }
      Thread.sleep(gap.toMillis());
      killSome();
    }
  }

  private void killSome() throws Exception {
    int many = random.nextInt(TWO_AT_ONCE) == 0 ? 2 : 1;
    Map<Member, Outage> down = new java.util.LinkedHashMap<>();
    for (int i = 0; i < many; i++) {
      String role = nextRole();
      List<Member> all = members.get(role);
      Member victim = all.get(random.nextInt(all.size()));
      if (down.containsKey(victim)) {
        continue;
      }
      System.out.println("soak: kill -9 " + victim.name());
      Instant from = Instant.now();
      victim.kill();
      kills.merge(role, 1, Integer::sum);
      down.put(victim, new Outage(role, victim.name(), from, from));
    }
    Thread.sleep(Duration.ofSeconds(random.nextInt(LONGEST_DOWN + 1)).toMillis());
    for (Map.Entry<Member, Outage> one : down.entrySet()) {
      one.getKey().start();
      Outage known = one.getValue();
      outages.add(new Outage(known.role(), known.name(), known.from(), Instant.now()));
    }
  }

  /** What is to be done while something is down. */
  interface Meanwhile {
    void run() throws Exception;
  }

  /**
   * Takes one down, and starts it again when the rest is done.
   *
   * @param inOrder whether it is asked to end; otherwise it is killed
   */
  void without(String name, boolean inOrder, Meanwhile meanwhile) throws Exception {
    Map.Entry<String, Member> found = find(name);
    System.out.println((inOrder ? "stop " : "kill -9 ") + name);
    Instant from = Instant.now();
    if (inOrder) {
      found.getValue().stop();
    } else {
      found.getValue().kill();
      kills.merge(found.getKey(), 1, Integer::sum);
    }
    meanwhile.run();
    found.getValue().start();
    outages.add(new Outage(found.getKey(), name, from, Instant.now()));
  }

  private Map.Entry<String, Member> find(String name) {
    for (Map.Entry<String, List<Member>> role : members.entrySet()) {
      for (Member member : role.getValue()) {
        if (member.name().equals(name)) {
          return Map.entry(role.getKey(), member);
        }
      }
    }
    throw new IllegalArgumentException("nothing is called " + name);
  }

  /** Each role has its turn, in an order that differs from round to round. */
  private String nextRole() {
    if (deck.isEmpty()) {
      List<String> round = new ArrayList<>(members.keySet());
      Collections.shuffle(round, random);
      deck.addAll(round);
    }
    return deck.pop();
  }

  /** Takes note of how much memory each role takes now. */
  void measure() {
    members.forEach(
        (role, all) -> {
          long largest = all.stream().mapToLong(member -> mebibytes(member.pid())).max().orElse(0);
          if (largest > 0) {
            memory
                .computeIfAbsent(role, any -> Collections.synchronizedList(new ArrayList<>()))
                .add(largest);
          }
        });
  }

  /** 0 for a process that is gone. */
  private static long mebibytes(long pid) {
    try {
      Matcher rss = RSS.matcher(Files.readString(Path.of("/proc/" + pid + "/status")));
      return rss.find() ? Long.parseLong(rss.group(1)) / 1024 : 0;
    } catch (IOException gone) {
      return 0;
    }
  }

  /** By role. */
  Map<String, Integer> kills() {
    return kills;
  }

  /** By role. */
  Map<String, Memory> memory() {
    Map<String, Memory> taken = new TreeMap<>();
    memory.forEach((role, measured) -> taken.put(role, Memory.of(List.copyOf(measured))));
    return taken;
  }

  /**
   * The roles that were down in this time and are needed for the jobs of a node.
   *
   * @param after how long the effects of each last
   */
  Set<String> down(String node, Instant from, Instant until, Duration after) {
    Set<String> roles = new HashSet<>();
    for (Outage outage : outages) {
      boolean concerns = !outage.role().equals("agent") || outage.name().equals(node);
      if (concerns && outage.from().isBefore(until) && outage.until().plus(after).isAfter(from)) {
        roles.add(outage.role());
      }
    }
    return roles;
  }
}
