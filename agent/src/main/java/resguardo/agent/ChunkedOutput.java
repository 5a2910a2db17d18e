package resguardo.agent;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import resguardo.core.port.ChunkKind;
import resguardo.core.stream.ChunkSender;

/** Gathers pieces of one kind into chunks of about the size that was asked for. */
final class ChunkedOutput {
  private final ChunkSender sender;
  private final ChunkKind kind;
  private final int chunkBytes;
  private final ByteArrayOutputStream gathered = new ByteArrayOutputStream();

  ChunkedOutput(ChunkSender sender, ChunkKind kind, int chunkBytes) {
    this.sender = sender;
    this.kind = kind;
    this.chunkBytes = chunkBytes;
  }

  /**
   * Adds a piece, which stays whole: a chunk ends between pieces, unless a piece alone is larger
   * than a chunk may be.
   */
  void add(byte[] piece) throws IOException, InterruptedException {
    if (gathered.size() > 0 && gathered.size() + piece.length > chunkBytes) {
      flush();
    }
    gathered.writeBytes(piece);
    if (gathered.size() >= chunkBytes) {
      flush();
    }
  }

  /** Sends what is gathered. */
  void flush() throws IOException, InterruptedException {
    if (gathered.size() > 0) {
      sender.send(kind, gathered.toByteArray());
      gathered.reset();
    }
  }
}
