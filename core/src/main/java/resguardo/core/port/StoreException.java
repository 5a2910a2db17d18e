package resguardo.core.port;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Something a store could not do. Each kind says whether a repeat can help. */
public sealed class StoreException extends IOException {
  private static final long serialVersionUID = 1;

  private StoreException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** There is no such object (or bucket). A repeat gives the same. */
  public static final class NotFound extends StoreException {
    private static final long serialVersionUID = 1;

    public NotFound(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * A condition did not hold: the object is there already, or has another etag. Nothing was
   * written.
   */
  public static final class ConditionFailed extends StoreException {
    private static final long serialVersionUID = 1;

    public ConditionFailed(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * The store refuses: credentials or rights. A repeat gives the same until an operator does
   * something.
   */
  public static final class Denied extends StoreException {
    private static final long serialVersionUID = 1;

    public Denied(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * The store did not answer, or with a passing error, and the adapter's own repeats were in vain.
   * Try again later.
   */
  public static final class Unavailable extends StoreException {
    private static final long serialVersionUID = 1;

    public Unavailable(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }
}
