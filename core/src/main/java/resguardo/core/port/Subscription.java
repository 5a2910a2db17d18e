package resguardo.core.port;

/**
 * Something being consumed. It outlives broken connections: the adapter takes it up again by
 * itself, for ever.
 */
public interface Subscription extends AutoCloseable {
  /**
   * No new messages are taken; those in hand are finished by their handlers and can still be acked.
   */
  void pause();

  /** Ends it. Messages in hand go back to the queue. */
  @Override
  void close();
}
