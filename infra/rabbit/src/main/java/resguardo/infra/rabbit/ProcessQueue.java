package resguardo.infra.rabbit;

import com.rabbitmq.client.Channel;
import java.io.IOException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import resguardo.core.Peer;

/**
 * A queue of one process. In a cluster it lies on one node, that of the connection that made it,
 * and while that is down nobody can use or remove it; a broker may even take a minute to say so. So
 * each connection to a cluster makes another, by another number. What waits in the one before is
 * lost with the connection; it goes by itself.
 *
 * <p>One for what nodes send is of one connection, on any broker: a message that ends that goes
 * with it, and does not come again (see {@link Poison}).
 */
final class ProcessQueue {
  /**
   * They begin anywhere: one that was of a process of the same name, which has ended, may be there
   * for another minute, with what is meant for that.
   */
  private static final AtomicInteger NUMBERS =
      new AtomicInteger(ThreadLocalRandom.current().nextInt(1, 1 << 30));

  private final String what;
  private final Peer owner;
  private final boolean cluster;
  private final boolean ofConnection;
  private int number;

  private ProcessQueue(String what, Peer owner, boolean cluster, boolean ofConnection, int number) {
    this.what = what;
    this.owner = owner;
    this.cluster = cluster;
    this.ofConnection = ofConnection;
    this.number = number;
  }

  /**
   * One of several of its kind in a process.
   *
   * @param what the first word of its name
   * @param cluster whether the broker has several nodes
   */
  static ProcessQueue another(String what, Peer owner, boolean cluster) {
    return new ProcessQueue(what, owner, cluster, false, NUMBERS.incrementAndGet());
  }

  /**
   * One that the broker removes with the connection on which it was begun; each connection makes
   * another.
   *
   * @param what the first word of its name
   */
  static ProcessQueue ofConnection(String what, Peer owner) {
    return new ProcessQueue(what, owner, false, true, NUMBERS.incrementAndGet());
  }

  /** Declares it on a new connection, to be consumed there; its name is given. */
  String begin(Channel channel) throws IOException {
    synchronized (this) {
      number = cluster || ofConnection ? NUMBERS.incrementAndGet() : number;
    }
    return ofConnection
        ? Topology.ofConnection(channel, name())
        : Topology.ofProcess(channel, name());
  }

  /** The name of the one that is used now. */
  synchronized String name() {
    return what + "." + owner.prefix() + "." + number;
  }
}
