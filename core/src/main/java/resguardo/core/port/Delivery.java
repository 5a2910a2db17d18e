package resguardo.core.port;

import java.time.Duration;

/**
 * A message taken from a queue that is not gone from it yet. Exactly one of {@link #ack}, {@link
 * #handBack} and {@link #dead} is to be called, after the durable effect of the work, from any
 * thread. If the process or its connection dies first, the broker gives the message to another; a
 * call after that does nothing.
 *
 * @param <T> what the message says
 */
public interface Delivery<T> {
  /**
   * Nobody has a message in hand for longer without {@link #release}. RabbitMQ takes a consumer for
   * dead that has not acked a message for 30 minutes ({@code consumer_timeout}), and ends its
   * connection, with all else that goes over that.
   */
  Duration LONGEST = Duration.ofMinutes(20);

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
   * The message is gone from its queue while the work goes on: nobody is given it if this process
   * dies from now on, so somebody else has to know of the work. It is still to be ended as any
   * other is: {@link #ack} and {@link #handBack} do nothing more then, and {@link #dead} keeps it
   * among the dead letters all the same. Once it has ended this does nothing. It may wait for the
   * broker, up to half a minute where that is sick.
   */
  void release();

  /**
   * It will never be done: it goes to the dead letters with the reason, and is acked after that is
   * confirmed. If the dead letters cannot be written, it is handed back.
   *
   * @param reason one sentence for a person
   */
  void dead(String reason);
}
