package resguardo.core.port;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Something a broker could not do. Each kind says whether a repeat can help. */
public sealed class BrokerException extends IOException {
  private static final long serialVersionUID = 1;

  private BrokerException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** No queue takes the message: nobody is there for it. Nothing was sent. */
  public static final class Unroutable extends BrokerException {
    private static final long serialVersionUID = 1;

    public Unroutable(String message) {
      super(message, null);
    }
  }

  /** The broker does not allow it to this user. Nothing was sent, and a repeat does not help. */
  public static final class NotAllowed extends BrokerException {
    private static final long serialVersionUID = 1;

    public NotAllowed(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * The broker did not take the message in time, or there is no connection now. It may or may not
   * have been taken.
   */
  public static final class Unavailable extends BrokerException {
    private static final long serialVersionUID = 1;

    public Unavailable(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }
}
