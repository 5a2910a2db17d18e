package resguardo.worker;

import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.catalog.Proof;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Delivery;
import resguardo.core.protocol.Event;
import resguardo.core.protocol.QueryJob;
import resguardo.core.stream.ChunkSender;

/**
 * A worker's drills. One that an operator asked for has a query's place, and comes to another
 * worker if this one dies within twenty minutes (see {@link LongWork}). One that the coordinator
 * wants has none: it is acked at once, and made beside all else, one at a time; if this worker dies
 * with it, the coordinator has it made again some time.
 */
final class Drilling implements AutoCloseable {
  /** One that so many workers died with is not given to another. */
  private static final int DELIVERIES = 5;

  private static final long SIGN_OF_LIFE_MILLIS = 5000;
  private static final Logger LOG = LoggerFactory.getLogger(Drilling.class);

  private final WorkerContext context;
  private final ExecutorService compressors;
  private final ScheduledExecutorService timer;
  private final BooleanSupplier others;
  private final ExecutorService beside;
  private final AtomicBoolean busy = new AtomicBoolean();

  /**
   * @param timer for signs of life
   * @param others whether this worker has other work in hand
   */
  Drilling(
      WorkerContext context,
      ExecutorService compressors,
      ScheduledExecutorService timer,
      BooleanSupplier others) {
    this.context = context;
    this.compressors = compressors;
    this.timer = timer;
    this.others = others;
    this.beside = context.platform().pool("drill", 1);
  }

  /** Takes one that nobody waits for; returns at once. */
  void begin(Delivery<QueryJob> delivery) {
    QueryJob drill = delivery.message();
    delivery.ack();
    if (!busy.compareAndSet(false, true)) {
      ended(drill, new DrillFlow.Result(null, "this worker is making another drill"));
      return;
    }
    try {
      beside.execute(() -> makeBeside(drill));
    } catch (RejectedExecutionException ends) {
      LOG.debug("not begun any more", ends);
    }
  }

  private void makeBeside(QueryJob drill) {
    try {
      make(drill, others, ChunkSender.Turns.NONE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // this worker ends; nothing is kept of it
    } finally {
      busy.set(false);
    }
  }

  /**
   * Makes one that an operator asked for.
   *
   * @param places that it takes one of
   */
  void serve(Delivery<QueryJob> delivery, QueryPlaces places) {
    QueryJob drill = delivery.message();
    if (delivery.deliveries() > DELIVERIES) {
      String why = "given up: " + DELIVERIES + " workers ended with it in hand";
      ended(drill, new DrillFlow.Result(null, why));
      delivery.dead(why);
      return;
    }
    try (QueryPlaces.Turn turn = places.enter(drill.asker(), false, null)) {
      make(drill, () -> false, turn);
      delivery.ack();
    } catch (QueryPlaces.NoPlaceException e) {
      ended(drill, new DrillFlow.Result(null, e.getMessage()));
      delivery.ack();
    } catch (InterruptedException e) {
      delivery.handBack();
      Thread.currentThread().interrupt();
    }
  }

  private void make(QueryJob drill, BooleanSupplier givesWayTo, ChunkSender.Turns turns)
      throws InterruptedException {
    tell(drill, "tries whether version " + drill.serial() + " can be restored");
    GivingWay way = new GivingWay(context.platform(), givesWayTo, turns);
    DrillFlow flow = new DrillFlow(context, compressors, drill, way);
    ScheduledFuture<?> signs =
        timer.scheduleAtFixedRate(
            () ->
                tell(
                    new Event.DrillRunning(
                        context.clock().instant(),
                        context.self(),
                        drill.registration(),
                        drill.serial(),
                        drill.replyTo(),
                        flow.entries(),
                        flow.bytes())),
            0,
            SIGN_OF_LIFE_MILLIS,
            TimeUnit.MILLISECONDS);
    DrillFlow.Result result;
    try {
      result = flow.run();
    } catch (RuntimeException e) { // of a manifest that nobody has thought of
      LOG.error("a drill went wrong", e);
      result = new DrillFlow.Result(null, e.toString());
    } finally {
      signs.cancel(false);
    }
    ended(drill, result);
  }

  private void ended(QueryJob drill, DrillFlow.Result result) {
    Proof proof = result.proof();
    String outcome = proof == null ? "nothing" : proof.last().good() ? "good" : "failed";
    context.metrics().counter("resguardo.drills", "outcome", outcome).increment();
    tell(drill, words(drill, result));
    tell(
        new Event.DrillEnded(
            context.clock().instant(),
            context.self(),
            drill.registration(),
            drill.serial(),
            drill.replyTo(),
            proof,
            result.why()));
  }

  private static String words(QueryJob drill, DrillFlow.Result result) {
    Proof proof = result.proof();
    if (proof == null) {
      return "the drill of version " + drill.serial() + " came to nothing: " + result.why();
    }
    Proof.Drill last = proof.last();
    String extent = last.extent().name().toLowerCase(Locale.ROOT);
    if (last.problems() != null) {
      return "version " + last.serial() + " CANNOT be restored: " + last.problems().get(0);
    }
    return String.format(
        last.opened()
            ? "version %s can be restored: %d entries, %d bytes came out as they were (%s)"
            : "version %s is stored as it was, and encrypted: %d entries, %d bytes of archives (%s)",
        last.serial(),
        last.entries(),
        last.bytes(),
        extent);
  }

  private void tell(QueryJob drill, String what) {
    context.activity().tell(drill.registration().node(), drill.registration().path(), what);
  }

  private void tell(Event event) {
    try {
      context.events().publish(event);
    } catch (BrokerException e) {
      LOG.debug("not told: {}", event, e); // events are hints: the bucket says it too
    }
  }

  /** Breaks off the one that nobody waits for. */
  @Override
  public void close() {
    beside.shutdownNow();
  }
}
