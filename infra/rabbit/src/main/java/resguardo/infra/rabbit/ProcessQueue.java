package resguardo.infra.rabbit;

import com.rabbitmq.client.Channel;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import resguardo.core.Peer;

/**
 * A queue of one process. In a cluster it lies on one node, and while that is down nobody can use
 * or remove it: the process takes another then, by another number. What waits in the one before is
 * lost; it goes by itself some time after its node is back.
 */
final class ProcessQueue {
  private static final AtomicInteger NUMBERS = new AtomicInteger();

  private final String what;
  private final Peer owner;
  private int number;

  private ProcessQueue(String what, Peer owner, int number) {
    this.what = what;
    this.owner = owner;
    this.number = number;
  }

  /**
   * The only one of its kind in a process.
   *
   * @param what the first word of its name
   */
  static ProcessQueue only(String what, Peer owner) {
    return new ProcessQueue(what, owner, 0);
  }

  /** One of several of its kind. */
  static ProcessQueue another(String what, Peer owner) {
    return new ProcessQueue(what, owner, NUMBERS.incrementAndGet());
  }

  /**
   * Declares it.
   *
   * @return its name now
   */
  String declare(Channel channel) throws IOException {
    int now = number();
    if (!Refusal.found(channel, own -> Topology.ofProcess(own, what, owner, now))) {
      Topology.ofProcess(channel, what, owner, insteadOf(now));
    }
    return Topology.ofProcess(what, owner, number());
  }

  private synchronized int number() {
    return number;
  }

  /** Several threads may find at once that it is not to be had. */
  private synchronized int insteadOf(int unusable) {
    if (number == unusable) {
      number = NUMBERS.incrementAndGet();
    }
    return number;
  }
}
