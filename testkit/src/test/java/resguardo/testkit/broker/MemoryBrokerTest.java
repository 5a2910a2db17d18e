package resguardo.testkit.broker;

import resguardo.core.Peer;
import resguardo.core.Role;
import resguardo.core.port.JobQueue;
import resguardo.core.port.Platform;

/** Of a coordinator and an agent: what these may make, all queues are made by. */
class MemoryBrokerTest implements BrokerContract, JobQueueContract {
  private final MemoryBroker broker = new MemoryBroker(Interference.NONE);
  private final MemoryConnection one =
      broker.connect(new Peer(Role.COORDINATOR, "one"), Platform.ofJvm());
  private final MemoryConnection two = broker.connect(Peer.agent(ALPHA), Platform.ofJvm());

  @Override
  public BrokerPorts one() {
    return one.ports();
  }

  @Override
  public BrokerPorts two() {
    return two.ports();
  }

  @Override
  public JobQueue queue() {
    return one.jobs();
  }

  @Override
  public JobQueue otherQueue() {
    return two.jobs();
  }
}
