package resguardo.testkit.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import resguardo.core.FetchJob;
import resguardo.core.Peer;
import resguardo.core.Role;
import resguardo.core.port.Delivery;
import resguardo.core.port.JobQueue;
import resguardo.core.port.Platform;
import resguardo.core.port.Subscription;

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

  @Test
  void whatWasReleasedAndCannotBeKeptAmongTheDeadLettersLeavesItsSlotAllTheSame() throws Exception {
    BlockingQueue<Delivery<FetchJob>> taken = new LinkedBlockingQueue<>();
    try (Subscription all = one.jobs().consumeFetches(1, taken::add)) {
      two.jobs().publish(JobQueueContract.job(1));
      Delivery<FetchJob> released = JobQueueContract.next(taken);
      released.release();
      one.cut();
      released.dead("nobody hears of it");
      one.mend();
      two.jobs().publish(JobQueueContract.job(2));
      assertThat(JobQueueContract.next(taken).message()).isEqualTo(JobQueueContract.job(2));
    }
  }
}
