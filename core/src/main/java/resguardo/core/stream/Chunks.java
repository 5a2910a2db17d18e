package resguardo.core.stream;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import resguardo.core.port.ChunkKind;
import resguardo.core.port.Reply;

/** Makes chunks and checks them. */
final class Chunks {
  private Chunks() {}

  /** The chunk of these parts, with its checksum. The payload is not copied. */
  static Reply.Chunk of(long sequence, ChunkKind kind, byte[] payload) {
    return new Reply.Chunk(sequence, kind, checksum(sequence, kind, payload), payload);
  }

  /** Whether the checksum is that of the parts. */
  static boolean intact(Reply.Chunk chunk) {
    return chunk.crc32c() == checksum(chunk.sequence(), chunk.kind(), chunk.payload());
  }

  private static int checksum(long sequence, ChunkKind kind, byte[] payload) {
    CRC32C crc = new CRC32C();
    crc.update(
        ByteBuffer.allocate(Long.BYTES + 1).putLong(sequence).put((byte) kind.code()).flip());
    crc.update(payload);
    return (int) crc.getValue();
  }
}
