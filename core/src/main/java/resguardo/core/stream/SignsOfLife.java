package resguardo.core.stream;

import java.io.IOException;
import java.time.Duration;
import resguardo.core.port.Platform;
import resguardo.core.protocol.StreamMessage;

/** Tells the receiver of a stream how far the work is, but not at every step. For one thread. */
public final class SignsOfLife implements Progress {
  /** A receiver waits longer than this for a sign of life. */
  private static final Duration EVERY = Duration.ofSeconds(2);

  private final ChunkSender sender;
  private final Platform platform;
  private long last;

  /** Over this stream. */
  public SignsOfLife(ChunkSender sender, Platform platform) {
    this.sender = sender;
    this.platform = platform;
    this.last = platform.nanoTime();
  }

  @Override
  public void at(long entries, long bytes) throws IOException {
    long now = platform.nanoTime();
    if (now - last >= EVERY.toNanos()) {
      last = now;
      sender.message(new StreamMessage.Progress(entries, bytes));
    }
  }
}
