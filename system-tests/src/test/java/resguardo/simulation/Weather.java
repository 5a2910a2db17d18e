package resguardo.simulation;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import resguardo.core.Peer;
import resguardo.core.Role;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Reply;
import resguardo.core.port.StoreException;
import resguardo.core.protocol.Event;
import resguardo.testkit.broker.Interference;

/**
 * How long each call takes and what goes wrong with it, as the seed has it. Each call is also where
 * others may go on, and where a process may be killed: right before its effect, or right after.
 */
final class Weather implements Interference {
  private static final Set<String> EFFECTS =
      Set.of(
          "putIfAbsent", "putIfMatch", "upload.complete", "jobs.publish", "ack", "commands.send");

  private static final int REMEMBERED = 400;
  private static final long MILLI = 1_000_000;

  private final Baton baton;
  private final Random random;
  private final Kind kind;
  private final Watch watch;
  private final Hand hand;
  private final Map<String, Long> faults = new TreeMap<>();
  private final Deque<String> last = new ArrayDeque<>();
  private final @Nullable List<String> trace;
  private long storeDownUntil;
  private long steps;
  private long hash = 17;
  private boolean over;

  /** What goes wrong in a run. In thousandths: how often at a call. */
  enum Kind {
    /** Nothing but that messages come late or twice; then no job may fail. */
    CALM(0, 0, 0, 0, 0),
    /** Processes are killed, or stand still for a while and go on. */
    CRASHES(3, 2, 0, 0, 0),
    /** The store does not answer, or its answer is lost. */
    STORE(0, 0, 12, 0, 0),
    /** The broker does not, and loses what it may lose. */
    BROKER(0, 0, 0, 12, 8),
    /** All of it. */
    STORM(2, 2, 4, 4, 3);

    private final int kills;
    private final int hangs;
    private final int storeErrors;
    private final int brokerErrors;
    private final int losses;

    Kind(int kills, int hangs, int storeErrors, int brokerErrors, int losses) {
      this.kills = kills;
      this.hangs = hangs;
      this.storeErrors = storeErrors;
      this.brokerErrors = brokerErrors;
      this.losses = losses;
    }
  }

  /** Does something to a process, in the middle of what it does. */
  interface Hand {
    /**
     * Kills it.
     *
     * @return false when this one may not be killed now
     */
    boolean kill(Peer peer);

    /** Has it stand still, and go on later as if no time had passed. */
    void hang(Peer peer);
  }

  /**
   * @param trace takes a line for each call; absent: only the last are remembered
   */
  Weather(
      Baton baton, Random random, Kind kind, Watch watch, Hand hand, @Nullable List<String> trace) {
    this.baton = baton;
    this.random = random;
    this.kind = kind;
    this.watch = watch;
    this.hand = hand;
    this.trace = trace;
  }

  Kind kind() {
    return kind;
  }

  /** From now on nothing goes wrong. */
  void clearsUp() {
    over = true;
    storeDownUntil = 0;
  }

  boolean isOver() {
    return over;
  }

  /** Nobody reaches the store for so long. */
  void storeIsDown(Duration time) {
    storeDownUntil = baton.now() + time.toNanos();
    count("store down");
  }

  void count(String fault) {
    faults.merge(fault, 1L, Long::sum);
  }

  /** How often each kind of fault came. */
  Map<String, Long> faults() {
    return faults;
  }

  long steps() {
    return steps;
  }

  /** Equal for equal runs. */
  long hash() {
    return hash;
  }

  List<String> lastSteps() {
    return List.copyOf(last);
  }

  /** Takes down what somebody does. */
  void note(String what) {
    String line = String.format("%10.4f %s", baton.now() / 1e9, what);
    hash = hash * 1_000_003 + line.hashCode();
    last.add(line);
    if (last.size() > REMEMBERED) {
      last.remove();
    }
    if (trace != null) {
      trace.add(line);
    }
  }

  /** Right before and after what others see, it is the most interesting to be killed or to hang. */
  private static int often(String call, int thousandths) {
    return EFFECTS.contains(call) ? thousandths * 4 : thousandths;
  }

  private boolean happens(int thousandths) {
    return !over && thousandths > 0 && random.nextInt(1000) < thousandths;
  }

  private boolean isMember(Peer peer) {
    return peer.role() != Role.ADMIN;
  }

  private void step(Peer by, String call, String detail) {
    Baton.Task task = baton.current();
    task.process().dieIfDead();
    steps++;
    note(task + " " + call + " " + detail);
    baton.sleep(latency());
  }

  private long latency() {
    int kindOfCall = random.nextInt(100);
    if (kindOfCall < 60) {
      return 0;
    } else if (kindOfCall < 90) {
      return random.nextInt(3_000) * 1_000L;
    }
    return (kindOfCall < 98 || over ? random.nextInt(60) : random.nextInt(1_500)) * MILLI;
  }

  private void maybeKill(Peer peer, String when, int thousandths) {
    if (isMember(peer) && happens(thousandths) && hand.kill(peer)) {
      count("killed " + when + " a call");
      baton.current().process().dieIfDead();
    }
  }

  private void maybeHang(Peer peer, int thousandths) {
    if (isMember(peer) && happens(thousandths)) {
      hand.hang(peer);
      baton.sleep(0); // goes on when the process does
    }
  }

  void beforeStore(SimulatedProcess process, String call, String key) throws StoreException {
    step(process.peer(), call, key);
    maybeKill(process.peer(), "before", often(call, kind.kills));
    maybeHang(process.peer(), often(call, kind.hangs));
    if (isMember(process.peer()) && (baton.now() < storeDownUntil || happens(kind.storeErrors))) {
      count("store error before the effect");
      watch.broke();
      throw new StoreException.Unavailable("the store does not answer", null);
    }
  }

  void afterStore(SimulatedProcess process, String call) throws StoreException {
    maybeKill(process.peer(), "after", often(call, kind.kills));
    if (isMember(process.peer()) && happens(kind.storeErrors)) {
      count("answer of the store lost");
      watch.broke();
      throw new StoreException.Unavailable("the answer of the store was lost", null);
    }
  }

  @Override
  public void before(Peer by, String call, @Nullable Object message) throws BrokerException {
    if (call.equals("activity.publish")) {
      return; // nothing hangs on it
    }
    watch.sends(by, message);
    step(by, call, "");
    maybeKill(by, "before", often(call, kind.kills));
    maybeHang(by, often(call, kind.hangs));
    if (isMember(by) && happens(kind.brokerErrors)) {
      count("broker error before the effect");
      watch.broke();
      throw new BrokerException.Unavailable("the broker does not answer", null);
    }
  }

  @Override
  public void after(Peer by, String call) throws BrokerException {
    if (call.equals("activity.publish")) {
      return;
    }
    maybeKill(by, "after", often(call, kind.kills));
    if (isMember(by) && happens(kind.brokerErrors)) {
      count("confirm of the broker lost");
      watch.broke();
      throw new BrokerException.Unavailable("the confirm was lost", null);
    }
  }

  @Override
  public int copies(Peer by, Object message) {
    if (over) {
      return 1;
    }
    boolean mayBeLost = message instanceof Reply.Chunk || message instanceof Event;
    if (mayBeLost && isMember(by) && happens(kind.losses)) {
      count(message instanceof Event ? "event lost" : "chunk lost");
      watch.broke();
      return 0;
    } else if (mayBeLost && happens(40)) {
      count(message instanceof Event ? "event twice" : "chunk twice");
      return 2;
    }
    return 1;
  }

  @Override
  public void handing(Peer to, Object message) {
    note(baton.current() + " gets " + message.getClass().getSimpleName());
    watch.hands(to, message);
    if (random.nextInt(10) == 0) {
      baton.sleep(latency());
    }
  }

  @Override
  public void acked(Peer by, Object message) {
    watch.acked(by, message);
  }
}
