package resguardo.coordinator;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.Role;
import resguardo.core.port.BrokerException;
import resguardo.core.protocol.AgentOrder;
import resguardo.core.protocol.Control;

/**
 * Stops everyone: first the workers, which finish with the agents' help, then the agents; loggers
 * and who expires versions hear it with the workers.
 */
final class Shutdown {
  /** Whoever starts later is not meant. */
  private static final Duration MEANT = Duration.ofSeconds(30);

  /** Workers and agents take up to 45 seconds to finish what they have in hand. */
  private static final Duration PATIENCE = Duration.ofSeconds(50);

  private static final Duration LOOK = Duration.ofMillis(200);

  private final CoordinatorContext context;
  private final Roster roster;
  private final NodeQueues queues;

  Shutdown(CoordinatorContext context, Roster roster, NodeQueues queues) {
    this.context = context;
    this.roster = roster;
    this.queues = queues;
  }

  /**
   * Stops them.
   *
   * @return in words what was stopped
   */
  String run() throws BrokerException, InterruptedException {
    Instant began = now();
    int workers = roster.alive(Role.WORKER, began).size();
    List<Peer> agents = roster.alive(Role.AGENT, began);
    context.control().publish(new Control.Shutdown(context.self(), began.plus(MEANT)));
    await(Role.WORKER);
    await(Role.RETENTION);
    for (Peer agent : agents) {
      queues.send(new NodeName(agent.instance()), new AgentOrder.Stop(now().plus(MEANT)));
    }
    await(Role.AGENT);
    int left =
        Stream.of(Role.WORKER, Role.RETENTION, Role.AGENT)
            .mapToInt(role -> roster.alive(role, now()).size())
            .sum();
    return String.format(
        Locale.ROOT,
        "stopped %d workers and %d agents%s",
        workers,
        agents.size(),
        left == 0 ? "" : "; " + left + " did not say so");
  }

  private void await(Role role) throws InterruptedException {
    Instant end = now().plus(PATIENCE);
    while (!roster.alive(role, now()).isEmpty() && now().isBefore(end)) {
      context.platform().sleep(LOOK);
    }
  }

  private Instant now() {
    return context.clock().instant();
  }
}
