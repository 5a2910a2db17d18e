package resguardo.core.port;

import java.util.Arrays;
import java.util.Optional;

/** What a chunk holds. */
public enum ChunkKind {
  /** A {@link resguardo.core.protocol.StreamMessage} as JSON. Needs no credit. */
  MESSAGE(1),
  /**
   * The next bytes of the lines that make the new manifest, each with its newline: see {@link
   * resguardo.core.stream.ManifestEdit}. A line may go on in the next chunk.
   */
  ENTRIES(2),
  /** The next bytes of the archive. */
  ARCHIVE(3);

  private final int code;

  ChunkKind(int code) {
    this.code = code;
  }

  /** Its number on the wire. */
  public int code() {
    return code;
  }

  /** Whether a chunk of this kind uses up a credit. */
  public boolean needsCredit() {
    return this != MESSAGE;
  }

  /** The kind of this number; empty when there is none. */
  public static Optional<ChunkKind> ofCode(int code) {
    return Arrays.stream(values()).filter(kind -> kind.code == code).findAny();
  }
}
