package resguardo.coordinator.lease;

import java.io.IOException;

/** Another coordinator leads by now. Nothing was written; whoever leads is to do it. */
public final class NotLeadingException extends IOException {
  private static final long serialVersionUID = 1;

  NotLeadingException() {
    super("another coordinator leads by now");
  }
}
