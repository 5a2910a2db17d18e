package resguardo.worker;

import java.io.IOException;
import java.time.Duration;
import resguardo.core.port.Platform;
import resguardo.core.stream.Progress;

/**
 * Tells of steps of any length, of which there may be millions a second, once a second: a node says
 * itself how many its version takes, and how little comes of each. For one thread.
 */
final class EachSecond implements Progress {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final Platform platform;
  private final Progress told;
  private long last;

  /**
   * @param told of the first step that is a second away from the one before
   */
  EachSecond(Platform platform, Progress told) {
    this.platform = platform;
    this.told = told;
    this.last = platform.nanoTime();
  }

  @Override
  public void at(long entries, long bytes) throws IOException {
    long now = platform.nanoTime();
    if (now - last >= SECOND.toNanos()) {
      told.at(entries, bytes);
      last = platform.nanoTime(); // to wait for a turn is no step
    }
  }
}
