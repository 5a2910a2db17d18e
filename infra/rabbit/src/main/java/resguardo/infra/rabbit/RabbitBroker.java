package resguardo.infra.rabbit;

import java.util.List;
import resguardo.core.Peer;
import resguardo.core.port.JobQueue;

/**
 * A process's way to the broker: the ports, over two connections. One publishes and one consumes,
 * because a broker that is short of memory or disk stops reading from connections that publish,
 * acks included.
 *
 * <p>It connects in the background, and again whenever it has to: nobody waits for it to be made.
 */
public final class RabbitBroker implements AutoCloseable {
  private final RabbitLink publishing;
  private final RabbitLink consuming;
  private final JobQueue jobs;

  /**
   * @param uris of one broker, or of the nodes of a cluster
   * @param self who this process is
   */
  public RabbitBroker(List<BrokerUri> uris, Peer self) {
    publishing = new RabbitLink(uris, self + " publishes");
    consuming = new RabbitLink(uris, self + " consumes");
    RabbitPublisher publisher = new RabbitPublisher(publishing, uris.get(0).user());
    jobs = new RabbitJobQueue(consuming, publisher);
  }

  /** The jobs that wait for workers. */
  public JobQueue jobs() {
    return jobs;
  }

  @Override
  public void close() {
    consuming.close();
    publishing.close();
  }
}
