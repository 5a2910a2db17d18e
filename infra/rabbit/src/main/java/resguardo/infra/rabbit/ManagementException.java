package resguardo.infra.rabbit;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Something that the broker's management interface did not do. */
public final class ManagementException extends IOException {
  private static final long serialVersionUID = 1;

  /** What kind of failure it is. */
  public enum Kind {
    /** It could not be reached, or gave no answer in time; a repeat can help. */
    UNREACHABLE,
    /** It does not let this user do that: wrong password, or no administrator. */
    NOT_ALLOWED,
    /** There is no such thing. */
    NOT_FOUND,
    /** It is there already. */
    EXISTS,
    /** Anything else. */
    FAILED
  }

  private final Kind kind;

  ManagementException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** What kind of failure it is. */
  public Kind kind() {
    return kind;
  }
}
