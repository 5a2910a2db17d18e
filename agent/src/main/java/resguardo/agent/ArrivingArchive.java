package resguardo.agent;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.time.Duration;
import resguardo.core.Sha256;
import resguardo.core.port.ChunkKind;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.stream.ChunkReceiver;
import resguardo.core.stream.StreamBrokenException;

/** The bytes of an archive as a worker sends them; it ends only where all came as it was sent. */
final class ArrivingArchive extends InputStream {
  /**
   * A worker that composes an archive sends it all the time; one that is silent so long is gone.
   */
  private static final Duration SILENCE = Duration.ofSeconds(60);

  private final ChunkReceiver stream;
  private final MessageDigest digest = Sha256.newDigest();
  private byte[] bytes = {};
  private int position;
  private long taken;
  private boolean ended;

  ArrivingArchive(ChunkReceiver stream) {
    this.stream = stream;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    while (position == bytes.length && !ended) {
      take();
    }
    int part = Math.min(length, bytes.length - position);
    if (part == 0 && length > 0) {
      return -1;
    }
    System.arraycopy(bytes, position, into, offset, part);
    position += part;
    return part;
  }

  private void take() throws IOException {
    try {
      ChunkReceiver.Piece piece = stream.receive(SILENCE);
      if (piece instanceof ChunkReceiver.Data data && data.kind() == ChunkKind.ARCHIVE) {
        bytes = data.payload();
        position = 0;
        taken += bytes.length;
        digest.update(bytes);
      } else if (piece instanceof ChunkReceiver.Said said) {
        said(said.message());
      } else {
        throw malformed("something came that is not of an archive");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StreamBrokenException(StreamBrokenException.Kind.CANCELLED, "the agent ends");
    }
  }

  private void said(StreamMessage message) throws IOException {
    if (message instanceof StreamMessage.Failed failed) {
      throw new IOException(failed.why());
    } else if (message instanceof StreamMessage.Finished finished) {
      if (finished.archiveBytes() != taken
          || !finished.archiveDigest().equals(Sha256.ofDigest(digest.digest()))) {
        throw malformed("what came is not what was sent");
      }
      ended = true;
    } else if (message.last()) {
      throw malformed("the stream ends as none does");
    }
  }

  private static StreamBrokenException malformed(String why) {
    return new StreamBrokenException(StreamBrokenException.Kind.MALFORMED, why);
  }
}
