package resguardo.core.stream;

/**
 * A stream that does not come to its end. What was received is not to be used; another attempt is a
 * new stream.
 */
public final class StreamBrokenException extends java.io.IOException {
  private static final long serialVersionUID = 1;

  /** What broke it. */
  public enum Kind {
    /** A chunk is missing: lost, or overtaken by a later one. */
    LOST,
    /** A chunk is not what was sent. */
    CORRUPT,
    /** A chunk came from another process than the one that was asked. */
    FOREIGN,
    /** A message that cannot be read, or something that has no place in a stream. */
    MALFORMED,
    /** More came than was allowed for. */
    OVERFLOW,
    /** Nothing came in time. */
    SILENT,
    /** The other end said that it is over. */
    CANCELLED
  }

  private final Kind kind;

  /**
   * @param reason in words for a person
   */
  public StreamBrokenException(Kind kind, String reason) {
    super(reason);
    this.kind = kind;
  }

  /** What broke it. */
  public Kind kind() {
    return kind;
  }
}
