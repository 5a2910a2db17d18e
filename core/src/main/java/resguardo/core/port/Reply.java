package resguardo.core.port;

import resguardo.core.protocol.Answer;

/** One message of a reply channel. */
public sealed interface Reply {
  /** A coordinator's word. */
  record Said(Answer answer) implements Reply {}

  /** The stream may go on: see {@link resguardo.core.protocol.AgentOrder.Credit}. */
  record Credit(long upTo) implements Reply {}

  /**
   * A piece of a stream.
   *
   * @param sequence 0 for the first chunk of the stream, one more for each next, of whatever kind
   * @param kind what the payload is
   * @param crc32c over the sequence (8 bytes, big endian), the kind's code (1 byte) and the payload
   * @param payload not copied and not to be changed
   */
  @SuppressWarnings(
      "ArrayRecordComponent") // compared by nobody; a copy of each chunk would cost what the
  // transfer costs
  record Chunk(long sequence, ChunkKind kind, int crc32c, byte[] payload) implements Reply {}
}
