package resguardo.simulation;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.locks.Lock;
import java.util.function.BiConsumer;
import resguardo.core.Peer;
import resguardo.core.ReplyId;
import resguardo.core.port.Platform;

/** A process of a simulation: what it has of its machine, until it is killed. */
final class SimulatedProcess implements Platform {
  /** Later than all that a real clock can say, so that files look as if they had settled. */
  static final Instant EPOCH = Instant.parse("2040-01-01T00:00:00Z");

  private static final int ID_BYTES = 16;

  private final Baton baton;
  private final Random random;
  private final Peer peer;
  private final BiConsumer<String, Throwable> onError;
  private Duration ahead = Duration.ZERO;
  private boolean dead;
  private long pausedUntil;

  /**
   * @param onError told of what its threads throw
   */
  SimulatedProcess(Baton baton, Random random, Peer peer, BiConsumer<String, Throwable> onError) {
    this.baton = baton;
    this.random = random;
    this.peer = peer;
    this.onError = onError;
  }

  Peer peer() {
    return peer;
  }

  boolean isDead() {
    return dead;
  }

  /**
   * @throws SimulatedCrash when it was killed, or the simulation is over
   */
  void dieIfDead() {
    if (dead || baton.isEnding()) {
      throw new SimulatedCrash();
    }
  }

  /** It is killed; whoever calls this from one of its own threads is to end then. */
  void kill() {
    dead = true;
    pausedUntil = 0;
    baton.wakeAll(this);
  }

  /** None of its threads goes on before this time of the simulation, in nanoseconds. */
  void pauseUntil(long time) {
    pausedUntil = time;
  }

  long pausedUntil() {
    return pausedUntil;
  }

  /** How far its clock is ahead of the right time. */
  void setAhead(Duration ahead) {
    this.ahead = ahead;
  }

  void wentWrong(String what, Throwable why) {
    onError.accept(what, why);
  }

  @Override
  public Clock clock() {
    return new Clock() {
      @Override
      public Instant instant() {
        return EPOCH.plusNanos(baton.now()).plus(ahead);
      }

      @Override
      public ZoneId getZone() {
        return ZoneOffset.UTC;
      }

      @Override
      public Clock withZone(ZoneId zone) {
        throw new UnsupportedOperationException("nobody asks for it yet");
      }
    };
  }

  @Override
  public long nanoTime() {
    return baton.now();
  }

  @Override
  public void sleep(Duration time) throws InterruptedException {
    if (!Thread.currentThread().isInterrupted()) {
      baton.block(baton.now() + time.toNanos(), true);
    }
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }

  @Override
  public Lock newLock() {
    return new SimulatedLock(baton);
  }

  @Override
  public ExecutorService pool(String name, int threads) {
    return new SimulatedExecutor(baton, this, name, threads);
  }

  @Override
  public ScheduledExecutorService timer(String name, int threads) {
    return new SimulatedExecutor(baton, this, name, threads);
  }

  @Override
  public ReplyId newId() {
    byte[] id = new byte[ID_BYTES];
    random.nextBytes(id);
    return new ReplyId(HexFormat.of().formatHex(id));
  }

  @Override
  public String toString() {
    return peer.toString();
  }
}
