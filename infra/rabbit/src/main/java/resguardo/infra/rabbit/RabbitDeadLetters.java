package resguardo.infra.rabbit;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import resguardo.core.Sha256;
import resguardo.core.Texts;
import resguardo.core.port.BrokerException;
import resguardo.core.port.DeadLetter;
import resguardo.core.port.DeadLetterQueue;

/**
 * The dead letters on their queue. A queue can only be looked into by taking what is there and
 * giving it back, and RabbitMQ 4 throws away what was given back 20 times: so what was given back
 * often is put to the end of the queue anew.
 */
final class RabbitDeadLetters implements DeadLetterQueue {
  private static final int ID_DIGITS = 12;
  private static final int LONGEST_TEXT = 2000;

  /** More are settled by asking again. */
  private static final int MOST = 10_000;

  private static final int RENEWED_AFTER = 10;

  private final RabbitLink consumers;
  private final RabbitPublisher publisher;

  RabbitDeadLetters(RabbitLink consumers, RabbitPublisher publisher) {
    this.consumers = consumers;
    this.publisher = publisher;
  }

  /** A message that is in hand until its channel is closed. */
  private record Taken(GetResponse message) {
    @Nullable String header(String name) {
      Map<String, Object> headers = message.getProps().getHeaders();
      Object value = headers == null ? null : headers.get(name);
      return value == null ? null : value.toString();
    }

    int givenBack() {
      String count = header(RabbitDelivery.COUNT);
      return count == null ? 0 : Integer.parseInt(count);
    }

    String id() {
      MessageDigest digest = Sha256.newDigest();
      digest.update(message.getBody());
      for (String name : RabbitDelivery.DEAD_HEADERS) {
        digest.update(String.valueOf(header(name)).getBytes(StandardCharsets.UTF_8));
      }
      return Sha256.ofDigest(digest.digest()).toString().substring(0, ID_DIGITS);
    }

    DeadLetter shown() {
      String queue = header(RabbitDelivery.QUEUE);
      String reason = header(RabbitDelivery.REASON);
      String text = new String(message.getBody(), StandardCharsets.UTF_8);
      return new DeadLetter(
          id(),
          queue == null ? null : Texts.shown(queue),
          reason == null ? null : Texts.shown(reason),
          time(header(RabbitDelivery.DIED)),
          Texts.shown(text.substring(0, Math.min(LONGEST_TEXT, text.length()))));
    }

    private static @Nullable Instant time(@Nullable String text) {
      try {
        return text == null ? null : Instant.parse(text);
      } catch (DateTimeException e) {
        return null;
      }
    }
  }

  @Override
  public List<DeadLetter> list(int most) throws BrokerException {
    return errand(
        "show the dead letters",
        channel -> {
          List<DeadLetter> letters = new ArrayList<>();
          Set<String> seen = new HashSet<>();
          Set<String> moved = new HashSet<>(); // these come once more, at the end
          each(
              channel,
              most,
              taken -> {
                if (seen.add(taken.id())) {
                  letters.add(taken.shown());
                }
                if (taken.givenBack() >= RENEWED_AFTER && moved.add(taken.id())) {
                  move(channel, taken, Topology.DEAD, "", headers(taken));
                }
              });
          return letters;
        });
  }

  @Override
  public int settle(@Nullable String id, boolean retry) throws BrokerException {
    return errand(
        "settle dead letters",
        channel -> {
          AtomicInteger settled = new AtomicInteger();
          each(
              channel,
              MOST,
              taken -> {
                if (id != null && !id.equals(taken.id())) {
                  return;
                }
                if (!retry) {
                  channel.basicAck(taken.message().getEnvelope().getDeliveryTag(), false);
                  settled.incrementAndGet();
                } else if (origin(taken).isPresent()) {
                  move(channel, taken, Topology.JOBS, origin(taken).get(), Map.of());
                  settled.incrementAndGet();
                }
              });
          return settled.get();
        });
  }

  /** The queue of jobs that it came from; empty: from elsewhere. */
  private static Optional<String> origin(Taken taken) {
    return Optional.ofNullable(taken.header(RabbitDelivery.QUEUE))
        .filter(queue -> queue.equals(Topology.FETCH_QUEUE) || queue.equals(Topology.QUERY_QUEUE));
  }

  private static Map<String, Object> headers(Taken taken) {
    Map<String, Object> headers = new HashMap<>();
    for (String name : RabbitDelivery.DEAD_HEADERS) {
      String value = taken.header(name);
      if (value != null) {
        headers.put(name, value);
      }
    }
    return headers;
  }

  private void move(
      Channel channel, Taken taken, String exchange, String key, Map<String, Object> headers)
      throws IOException {
    publisher.publish(exchange, key, headers, taken.message().getBody(), true);
    channel.basicAck(taken.message().getEnvelope().getDeliveryTag(), false);
  }

  /** Takes a message that is in hand. */
  private interface Look {
    void at(Taken taken) throws IOException;
  }

  /**
   * Looks at what is there, one at a time: they may be large, and many. What is not acked goes back
   * when the channel is closed.
   */
  private static void each(Channel channel, int most, Look look) throws IOException {
    Topology.dead(channel);
    for (int i = 0; i < most; i++) {
      GetResponse message = channel.basicGet(Topology.DEAD_QUEUE, false);
      if (message == null) {
        return;
      }
      look.at(new Taken(message));
    }
  }

  private <T> T errand(String what, RabbitLink.Errand<T> errand) throws BrokerException {
    return consumers.run(what, errand);
  }
}
