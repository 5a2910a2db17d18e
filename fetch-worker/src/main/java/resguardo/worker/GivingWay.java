package resguardo.worker;

import java.io.IOException;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import resguardo.core.port.Platform;
import resguardo.core.stream.ChunkSender;
import resguardo.core.stream.Pace;

/** Has work that nobody waits for go slowly while there is other work. For one thread. */
final class GivingWay {
  /** What a store, a line and a core do beside a backup without it being felt. */
  private static final long BESIDE_OTHERS = 8 << 20;

  private final Platform platform;
  private final BooleanSupplier others;
  private final ChunkSender.Turns turns;
  private final Pace pace;

  /**
   * @param others whether there is other work now
   * @param turns taken beside that
   */
  GivingWay(Platform platform, BooleanSupplier others, ChunkSender.Turns turns) {
    this.turns = turns;
    this.platform = platform;
    this.others = others;
    this.pace = new Pace(BESIDE_OTHERS, platform::nanoTime);
  }

  /** So many bytes were read; returns when more may be. */
  void went(int bytes) throws IOException, InterruptedException {
    turns.next();
    if (others.getAsBoolean()) {
      pace.went(bytes);
      long left = pace.left();
      if (left > 0) {
        platform.sleep(Duration.ofNanos(left));
      }
    }
  }
}
