package resguardo.core.port;

import java.util.function.Consumer;
import resguardo.core.FetchJob;
import resguardo.core.protocol.QueryJob;

/**
 * Work that waits for a worker; each piece is handed to one at a time, and comes back if that one
 * dies. Two queues, so that queries overtake backups.
 */
public interface JobQueue {
  /**
   * Publishes a due job, durable and confirmed.
   *
   * @throws BrokerException.Unroutable when the queue is gone
   * @throws BrokerException.Unavailable when no confirm came; a repeat may make a second copy,
   *     which workers find done
   */
  void publish(FetchJob job) throws BrokerException;

  /** Publishes a query, as {@link #publish(FetchJob)}. */
  void publish(QueryJob job) throws BrokerException;

  /**
   * Takes due jobs.
   *
   * @param slots how many may be in hand at once, with those that have not ended though they are
   *     {@linkplain Delivery#release released}, or their connection is lost
   * @param handler called on threads of the adapter, up to {@code slots} at once; it may block.
   *     What it throws hands the job back
   */
  Subscription consumeFetches(int slots, Consumer<Delivery<FetchJob>> handler);

  /**
   * Takes queries, as {@link #consumeFetches}; but in the place of one that is released another may
   * come: whoever takes them has places of its own for those that are under way.
   */
  Subscription consumeQueries(int slots, Consumer<Delivery<QueryJob>> handler);

  /**
   * How many due jobs wait that nobody has in hand (an embedded broker counts those in hand too).
   */
  long waitingFetches() throws BrokerException;

  /** How many messages lie in the dead letters: given up, or of no form that is known. */
  long deadLetters() throws BrokerException;
}
