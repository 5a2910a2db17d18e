package resguardo.core.port;

/**
 * A message taken from a queue that is not gone from it yet. Exactly one of the methods is to be
 * called, after the durable effect of the work, from any thread. If the process or its connection
 * dies first, the broker gives the message to another; a call after that does nothing.
 *
 * @param <T> what the message says
 */
public interface Delivery<T> {
  /** What it says. */
  T message();

  /** Who sent it. */
  Sender sender();

  /**
   * How many times it was handed out, 1 the first time. A broker that does not count says 2 for
   * every later time.
   */
  int deliveries();

  /** The work is done: the message is gone. */
  void ack();

  /** Not done here: the message goes to another consumer, as soon as there is one. */
  void handBack();

  /**
   * It will never be done: it goes to the dead letters with the reason, and is acked after that is
   * confirmed. If the dead letters cannot be written, it is handed back.
   *
   * @param reason one sentence for a person
   */
  void dead(String reason);
}
