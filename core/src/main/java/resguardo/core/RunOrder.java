package resguardo.core;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * An operator's wish that a registration be run once more than its schedule says. It stands in the
 * registration, so that it outlives coordinators and waits for a node that is away.
 *
 * @param slot the due time of that run, whole seconds
 * @param until after this it is not begun any more, and counts as missed
 */
public record RunOrder(Instant slot, Instant until) {
  public RunOrder {
    slot = slot.truncatedTo(ChronoUnit.SECONDS);
    until = until.truncatedTo(ChronoUnit.SECONDS);
    if (!until.isAfter(slot)) {
      throw new IllegalArgumentException("an order that is over before it begins: " + until);
    }
  }
}
