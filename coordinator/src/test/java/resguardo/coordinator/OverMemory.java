package resguardo.coordinator;

import resguardo.core.Peer;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Platform;
import resguardo.infra.runtime.ActivityLog;
import resguardo.testkit.broker.MemoryConnection;
import resguardo.testkit.broker.NoDeadLetters;

/** A coordinator's surroundings at a broker in memory that others are at too. */
final class OverMemory {
  private OverMemory() {}

  /** All that it works with. */
  static CoordinatorContext context(
      Peer self, ArchiveStore store, MemoryConnection connection, ActivityLog activity) {
    return new CoordinatorContext(
        self,
        Platform.ofJvm(),
        store,
        connection.jobs(),
        new NoDeadLetters(),
        connection.ports().commands(),
        connection.ports().agents(),
        connection.ports().replies(),
        connection.ports().events(),
        connection.ports().control(),
        activity);
  }
}
