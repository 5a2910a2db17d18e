package resguardo.infra.rabbit;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.port.Subscription;

/**
 * Places for one message each, over whatever connection there is. A place takes no other message
 * until the work of the one before has ended, whether that is off its queue by then, or its
 * connection is lost and another there: so whoever has so many threads has one for each message
 * that comes.
 *
 * <p>Each has a consumer of its own. RabbitMQ bounds how many channels a user may have, and counts
 * what is in hand for each consumer: there all share one channel. Another broker counts for a
 * channel, as the protocol had it once: there each has its own.
 */
final class RabbitSlots implements RabbitLink.User, Subscription {
  private static final int PREFETCH = 1;
  private static final String COUNTS_FOR_CONSUMERS = "RabbitMQ";

  /** Half of what a broker that we set up lets a channel have of consumers (docs/operating.md). */
  private static final int SLOTS_OF_A_CHANNEL = 32;

  private static final int ABORT_MILLIS = 2000;
  private static final Logger LOG = LoggerFactory.getLogger(RabbitSlots.class);

  private final RabbitLink link;
  private final RabbitConsumption.Declaration queue;
  private final Consumer<RabbitConsumption.Message> handler;
  private final List<Slot> slots;
  private @Nullable Connection connection;
  private String name = "";
  private boolean paused;

  /**
   * Begins to consume.
   *
   * @param slots how many messages may be in work at once
   * @param handler called on one thread for each message; it must not block. What it throws ends
   *     the connection. A message that it takes is to be ended: {@link
   *     RabbitConsumption.Message#end}
   */
  RabbitSlots(
      RabbitLink link,
      RabbitConsumption.Declaration queue,
      int slots,
      Consumer<RabbitConsumption.Message> handler) {
    this.link = link;
    this.queue = queue;
    this.handler = handler;
    this.slots = Stream.generate(Slot::new).limit(slots).toList();
    link.use(this);
  }

  @Override
  public synchronized void connected(Connection fresh) throws IOException {
    if (paused || connection == fresh) {
      return;
    }
    Channel first = open(fresh);
    name = queue.on(first);
    connection = fresh;
    int together = isOfRabbit(fresh) ? SLOTS_OF_A_CHANNEL : 1;
    Channel last = first;
    for (int i = 0; i < slots.size(); i++) {
      Slot slot = slots.get(i);
      last = i > 0 && i % together == 0 ? open(fresh) : last;
      slot.channel = last;
      slot.tag = null; // that was of the connection before
      if (slot.work == null) {
        consume(slot.channel, slot);
      }
    }
  }

  private static boolean isOfRabbit(Connection fresh) {
    Object product = fresh.getServerProperties().get("product");
    return COUNTS_FOR_CONSUMERS.equals(String.valueOf(product));
  }

  private Channel open(Connection fresh) throws IOException {
    Channel opened = fresh.createChannel();
    opened.addShutdownListener(why -> abortUnlessClosed(fresh));
    opened.basicQos(PREFETCH);
    return opened;
  }

  private void consume(Channel open, Slot slot) throws IOException {
    slot.tag = open.basicConsume(name, false, new Receiver(open, slot));
  }

  @Override
  public synchronized void disconnected() {
    connection = null;
    slots.forEach(slot -> slot.channel = null);
  }

  private void abortUnlessClosed(Connection ended) {
    synchronized (this) {
      if (connection != ended) {
        return; // by us
      }
    }
    ended.abort();
  }

  /** A place: whose work is going on, and by what it is to take the next. */
  private static final class Slot {
    /** Absent: it is free. */
    private @Nullable Work work;

    /** Absent: there is no connection. */
    private @Nullable Channel channel;

    /** Of its consumer over the channel that there is; absent: it has none there. */
    private @Nullable String tag;
  }

  /** What a message is until its end; it has the slot as long as no later one has it. */
  private final class Work implements RabbitConsumption.Hold {
    private final Slot slot;
    private final Channel cameBy;

    Work(Slot slot, Channel cameBy) {
      this.slot = slot;
      this.cameBy = cameBy;
    }

    /**
     * Takes the slot.
     *
     * @return false when its connection is gone: the broker gives the message to somebody else
     */
    boolean begin() {
      synchronized (RabbitSlots.this) {
        if (slot.channel != cameBy) {
          return false;
        }
        slot.work = this;
        return true;
      }
    }

    /**
     * The broker is to give the slot nothing in the place of what is acked: it is told so before.
     * Where it does not say that it has understood, its connection is ended, and the message is
     * somebody else's.
     */
    @Override
    public boolean keepsPlace() {
      synchronized (RabbitSlots.this) {
        if (slot.channel != cameBy || slot.work != this) {
          return false;
        }
        try {
          if (slot.tag != null) {
            cameBy.basicCancel(slot.tag);
            slot.tag = null;
          }
          return true;
        } catch (IOException | RuntimeException e) {
          LOG.debug("the broker takes no word for a slot: connecting again", e);
        }
      }
      cameBy.getConnection().abort(ABORT_MILLIS);
      return false;
    }

    @Override
    public void end() {
      Channel broken;
      synchronized (RabbitSlots.this) {
        if (slot.work != this) {
          return; // it has ended, and the slot may have another
        }
        slot.work = null;
        if (paused || slot.channel == null || slot.tag != null) {
          return; // the next connection gives it a consumer, or it has one
        }
        broken = slot.channel;
        try {
          consume(broken, slot);
          return;
        } catch (IOException | RuntimeException e) {
          LOG.debug("the broker takes no word for a slot: connecting again", e);
        }
      }
      broken.getConnection().abort(ABORT_MILLIS);
    }
  }

  private final class Receiver extends DefaultConsumer {
    private final Slot slot;

    Receiver(Channel channel, Slot slot) {
      super(channel);
      this.slot = slot;
    }

    @Override
    public void handleDelivery(
        String consumerTag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
      Work work = new Work(slot, getChannel());
      if (!work.begin()) {
        return;
      }
      boolean handed = false;
      try {
        handler.accept(
            new RabbitConsumption.Message(work, getChannel(), envelope, properties, body));
        handed = true;
      } finally {
        if (!handed) {
          work.end();
        }
      }
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
    try {
      for (Slot slot : slots) {
        if (slot.channel != null && slot.tag != null) {
          slot.channel.basicCancel(slot.tag);
          slot.tag = null;
        }
      }
    } catch (IOException | RuntimeException e) {
      LOG.debug("nothing to cancel: the connection is gone", e);
    }
  }

  @Override
  public void close() {
    link.leave(this);
    Set<Channel> last;
    synchronized (this) {
      paused = true;
      last =
          slots.stream()
              .flatMap(slot -> Stream.ofNullable(slot.channel))
              .collect(Collectors.toSet());
      disconnected();
    }
    for (Channel open : last) {
      try {
        open.abort();
      } catch (IOException | RuntimeException e) {
        LOG.debug("nothing to close: the connection is gone", e);
      }
    }
  }
}
