package resguardo.infra.rabbit;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.port.Subscription;

/** One queue being consumed, over whatever connection there is. */
final class RabbitConsumption implements RabbitLink.User, Subscription {
  /** Declares the queue on a new connection, and says its name. */
  interface Declaration {
    String on(Channel channel) throws IOException;
  }

  /** What is kept for a message as long as its work goes on; for most, nothing. */
  interface Hold {
    /** For a message in whose place another may come as soon as it is acked. */
    Hold NONE =
        new Hold() {
          @Override
          public boolean keepsPlace() {
            return true;
          }

          @Override
          public void end() {}
        };

    /**
     * The message is about to be acked, and its work goes on: from now on no other comes in its
     * place that must not. It may wait for the broker's word, up to 30 seconds.
     *
     * @return false when it cannot be had: the message is not to be acked
     */
    boolean keepsPlace();

    /** The work has ended. Told again, it does nothing. It may wait as {@link #keepsPlace}. */
    void end();
  }

  /**
   * A message as it came.
   *
   * @param hold what is kept for it
   * @param channel on which it is to be acked
   */
  record Message(
      Hold hold, Channel channel, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
    /**
     * Whether it came out of a queue by whose settings the broker gave it another key: then nobody
     * has looked whether its sender may use that.
     */
    boolean wasGivenAnotherKey() {
      return has(DEATHS);
    }

    /** Whether it is not as it was sent: see {@link SoundFrames}. */
    boolean isUnsound() {
      return has(SoundFrames.UNSOUND);
    }

    /**
     * How much came: the body and all else, also what was left out, at the broker's word.
     *
     * @return bytes; {@link Integer#MAX_VALUE} is that or more
     */
    int bytes() {
      long missing =
          isUnsound() && properties.getHeaders().get(SoundFrames.UNSOUND) instanceof Number number
              ? Math.max(0, number.longValue())
              : 0;
      try {
        long here = (long) body.length + properties.toFrame(0, body.length).getPayload().length;
        return (int) Math.min(Integer.MAX_VALUE, Math.max(here, missing));
      } catch (IOException | RuntimeException e) {
        return Integer.MAX_VALUE; // it was read, so it can be written
      }
    }

    private boolean has(String header) {
      Map<String, Object> headers = properties.getHeaders();
      return headers != null && headers.containsKey(header);
    }

    /** Its work is done. */
    void ack() {
      try {
        quietly(() -> channel.basicAck(envelope.getDeliveryTag(), false));
      } finally {
        end();
      }
    }

    /** Somebody else is to do its work. */
    void handBack() {
      try {
        quietly(() -> channel.basicNack(envelope.getDeliveryTag(), false, true));
      } finally {
        end();
      }
    }

    /** Acks it before its work is done: {@link #end} is to be called afterwards. */
    void release() {
      if (hold.keepsPlace()) {
        quietly(() -> channel.basicAck(envelope.getDeliveryTag(), false));
      }
    }

    /** Its work has ended, however; nothing where that was said before. */
    void end() {
      hold.end();
    }

    private interface Answer {
      void send() throws IOException;
    }

    /**
     * Over a connection that is gone nothing is to be said: the broker hands the message out again
     * by itself.
     */
    private static void quietly(Answer answer) {
      try {
        answer.send();
      } catch (IOException | ShutdownSignalException e) {
        LOG.debug("a message could not be answered: its connection is gone", e);
      }
    }
  }

  /** What the broker, and nobody else, notes of a message that it moved out of a queue. */
  private static final String DEATHS = "x-death";

  private static final Logger LOG = LoggerFactory.getLogger(RabbitConsumption.class);

  private final RabbitLink link;
  private final Declaration queue;
  private final int prefetch;
  private final int priority;
  private final Consumer<Message> handler;
  private final Runnable onPoison;
  private final @Nullable Claim claim;
  private @Nullable Channel channel;
  private String tag = "";
  private boolean paused;

  /** Begins to consume, as every other consumer of the queue. */
  RabbitConsumption(RabbitLink link, Declaration queue, int prefetch, Consumer<Message> handler) {
    this(link, queue, prefetch, 0, handler);
  }

  /**
   * Begins to consume.
   *
   * @param prefetch how many messages may be in hand that are not acked
   * @param priority of several consumers the one of the highest gets all that it can take
   * @param handler called on one thread for each message; it must not block
   */
  RabbitConsumption(
      RabbitLink link, Declaration queue, int prefetch, int priority, Consumer<Message> handler) {
    this(link, queue, prefetch, priority, handler, () -> {});
  }

  /**
   * The same, and tells where a message ended the connection.
   *
   * @param onPoison called each time; it must not block
   */
  RabbitConsumption(
      RabbitLink link,
      Declaration queue,
      int prefetch,
      int priority,
      Consumer<Message> handler,
      Runnable onPoison) {
    this(link, queue, prefetch, priority, handler, onPoison, null);
  }

  /**
   * Begins to consume a queue that only one may consume at a time.
   *
   * @param claim says so when that is another; closed with this
   */
  RabbitConsumption(
      RabbitLink link,
      Declaration queue,
      int prefetch,
      Consumer<Message> handler,
      @Nullable Claim claim) {
    this(link, queue, prefetch, 0, handler, () -> {}, claim);
  }

  private RabbitConsumption(
      RabbitLink link,
      Declaration queue,
      int prefetch,
      int priority,
      Consumer<Message> handler,
      Runnable onPoison,
      @Nullable Claim claim) {
    this.claim = claim;
    this.onPoison = onPoison;
    this.link = link;
    this.queue = queue;
    this.prefetch = prefetch;
    this.priority = priority;
    this.handler = handler;
    link.use(this);
  }

  @Override
  public synchronized void connected(Connection connection) throws IOException {
    boolean done = channel != null && channel.getConnection() == connection;
    if (paused || done) {
      return;
    }
    Channel fresh = connection.createChannel();
    fresh.addShutdownListener(why -> abortUnlessOurs(connection, fresh));
    fresh.basicQos(prefetch);
    String name = queue.on(fresh);
    channel = fresh;
    if (claim == null) {
      begin(fresh, name);
    } else {
      claim(fresh, name, claim);
    }
  }

  private void begin(Channel over, String name) throws IOException {
    Map<String, Object> arguments = priority == 0 ? Map.of() : Map.of("x-priority", priority);
    boolean alone = claim != null;
    tag = over.basicConsume(name, false, "", false, alone, arguments, new Receiver(over));
  }

  /** The refusal ends this channel, and the connection stays for all else; not so with Qpid. */
  private void claim(Channel over, String name, Claim alone) throws IOException {
    try {
      begin(over, name);
      alone.granted();
    } catch (IOException e) {
      if (!Claim.isRefused(e)) {
        throw e;
      }
      channel = null;
      alone.refused(() -> link.setUpAgain(this));
      if (!over.getConnection().isOpen()) {
        throw e;
      }
    }
  }

  /** Whether it is set up now. */
  synchronized boolean isConsuming() {
    return channel != null;
  }

  private void abortUnlessOurs(Connection connection, Channel ended) {
    synchronized (this) {
      if (channel != ended) {
        return; // closed by us
      }
    }
    connection.abort();
  }

  @Override
  public void poisoned() {
    onPoison.run();
  }

  @Override
  public synchronized void disconnected() {
    channel = null;
  }

  private final class Receiver extends DefaultConsumer {
    Receiver(Channel channel) {
      super(channel);
    }

    @Override
    public void handleDelivery(
        String consumerTag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
      handler.accept(new Message(Hold.NONE, getChannel(), envelope, properties, body));
    }

    /** The queue was deleted under us: all begins again, which declares it anew. */
    @Override
    public void handleCancel(String consumerTag) {
      getChannel().getConnection().abort();
    }
  }

  @Override
  public synchronized void pause() {
    paused = true;
    if (channel != null) {
      try {
        channel.basicCancel(tag);
      } catch (IOException | ShutdownSignalException e) {
        LOG.debug("nothing to cancel: the connection is gone", e);
      }
    }
  }

  @Override
  public void close() {
    link.leave(this);
    if (claim != null) {
      claim.close();
      pause(); // so that whoever is next is not refused because of this one
    }
    Channel last;
    synchronized (this) {
      paused = true;
      last = channel;
      channel = null;
    }
    if (last != null) {
      try {
        last.abort();
      } catch (IOException | ShutdownSignalException e) {
        LOG.debug("nothing to close: the connection is gone", e);
      }
    }
  }
}
