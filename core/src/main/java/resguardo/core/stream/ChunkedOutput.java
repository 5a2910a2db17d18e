package resguardo.core.stream;

import java.io.IOException;
import java.util.Arrays;
import resguardo.core.port.ChunkKind;

/** Gathers bytes of one kind into chunks of a stream. For one thread. */
public final class ChunkedOutput {
  private final ChunkSender sender;
  private final ChunkKind kind;
  private final int chunkBytes;
  private byte[] gathered = {};
  private int filled;

  /**
   * @param chunkBytes how large each chunk but the last is, unless the sender has a slow pace
   */
  public ChunkedOutput(ChunkSender sender, ChunkKind kind, int chunkBytes) {
    this.sender = sender;
    this.kind = kind;
    this.chunkBytes = sender.chunk(chunkBytes);
  }

  /**
   * Adds bytes, which may go into several chunks; full ones are sent, as {@link ChunkSender#send}.
   */
  public void add(byte[] bytes) throws IOException, InterruptedException {
    int from = 0;
    while (from < bytes.length) {
      if (gathered.length == 0) {
        gathered = new byte[chunkBytes];
      }
      int part = Math.min(bytes.length - from, chunkBytes - filled);
      System.arraycopy(bytes, from, gathered, filled, part);
      filled += part;
      from += part;
      if (filled == chunkBytes) {
        flush();
      }
    }
  }

  /** Sends what is gathered. */
  public void flush() throws IOException, InterruptedException {
    if (filled > 0) {
      sender.send(kind, filled == gathered.length ? gathered : Arrays.copyOf(gathered, filled));
      gathered = new byte[0];
      filled = 0;
    }
  }
}
