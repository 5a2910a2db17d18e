package resguardo.infra.runtime;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/**
 * Whether a process can do its job now: it is alive all the same, and a restart would not help. For
 * any threads.
 */
public final class Readiness {
  private final List<Supplier<Optional<String>>> parts = new CopyOnWriteArrayList<>();

  /**
   * Adds what is needed.
   *
   * @param trouble why it cannot be used now, in words for a person; empty: it can. It answers at
   *     once
   */
  public void needs(Supplier<Optional<String>> trouble) {
    parts.add(trouble);
  }

  /** All that is in the way; none: it is ready. */
  public List<String> troubles() {
    return parts.stream().map(Supplier::get).flatMap(Optional::stream).toList();
  }
}
