package resguardo.infra.rabbit;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.Peer;
import resguardo.core.port.BrokerException;

/**
 * The connections by which a process takes what nodes send. A node can have the broker end such a
 * connection (see {@link Poison}): nothing else goes over it, and it has queues that go with it.
 */
final class NodeLinks implements AutoCloseable {
  private static final Duration CONNECTION = Duration.ofSeconds(5);
  private static final Logger LOG = LoggerFactory.getLogger(NodeLinks.class);

  private final List<BrokerUri> uris;
  private final Peer self;
  private final Set<RabbitLink> streams = ConcurrentHashMap.newKeySet();
  private @Nullable RabbitLink hints;
  private boolean closed;

  /** Connects to nothing yet. */
  NodeLinks(List<BrokerUri> uris, Peer self) {
    this.uris = List.copyOf(uris);
    this.self = self;
  }

  /** That of all that nodes say to whoever listens; it is made when it is asked for first. */
  synchronized RabbitLink hints() {
    if (hints == null) {
      hints = new RabbitLink(uris, self + " hears nodes");
      if (closed) {
        hints.close();
      }
    }
    return hints;
  }

  /**
   * Waits until what was set up over that of {@link #hints} is, if the broker is there.
   *
   * @param consuming another connection, which tells whether it is
   */
  void settle(RabbitLink consuming) {
    if (!consuming.isConnected()) {
      return; // nothing is missed that could be had
    }
    try {
      hints().await(CONNECTION);
    } catch (BrokerException.Unavailable e) {
      LOG.debug("nodes are heard later", e);
    }
  }

  /**
   * One for a single stream, which is not kept: once it is lost it is not made again.
   *
   * @throws BrokerException.Unavailable when it could not be had
   */
  RabbitLink ofStream() throws BrokerException.Unavailable {
    RabbitLink link = RabbitLink.passing(uris, self + " takes a stream");
    streams.add(link);
    try {
      link.await(CONNECTION);
    } catch (BrokerException.Unavailable e) {
      close(link);
      throw e;
    }
    return link;
  }

  /** Ends one of {@link #ofStream}. Ended already, it does nothing. */
  void close(RabbitLink link) {
    streams.remove(link);
    link.close();
  }

  @Override
  public synchronized void close() {
    closed = true;
    streams.forEach(this::close);
    if (hints != null) {
      hints.close();
    }
  }
}
