package resguardo.infra.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Envelope;
import java.lang.reflect.Proxy;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong at the end of a message's work, and was thought of by nobody. */
class RabbitDeliveryTest {
  private static final String QUEUE = "jobs.fetch";

  private static final Map<String, Consumer<RabbitDelivery<String>>> ENDS =
      Map.of("ack", RabbitDelivery::ack, "handBack", RabbitDelivery::handBack);

  private final AtomicInteger ended = new AtomicInteger();

  /** Which can be told nothing. */
  private static Channel broken() {
    return (Channel)
        Proxy.newProxyInstance(
            RabbitDeliveryTest.class.getClassLoader(),
            new Class<?>[] {Channel.class},
            (self, method, arguments) -> {
              throw new IllegalStateException("as this test wants it");
            });
  }

  private RabbitConsumption.Message message() {
    RabbitConsumption.Hold hold =
        new RabbitConsumption.Hold() {
          @Override
          public boolean keepsPlace() {
            return false; // as where its connection is gone
          }

          @Override
          public void end() {
            ended.incrementAndGet();
          }
        };
    return new RabbitConsumption.Message(
        hold, broken(), new Envelope(1, false, "", QUEUE), new AMQP.BasicProperties(), new byte[0]);
  }

  /** At a port where nobody is. */
  private static RabbitLink nowhere() throws Exception {
    try (ServerSocket free = new ServerSocket(0)) {
      String uri = "amqp://127.0.0.1:" + free.getLocalPort() + "/%2f";
      return new RabbitLink(List.of(BrokerUri.parse(uri)), "nowhere");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ack", "handBack"})
  void itsPlaceIsFreeHoweverTheAnswerFails(String end) throws Exception {
    try (RabbitLink link = nowhere()) {
      RabbitDelivery<String> delivery =
          new RabbitDelivery<>(message(), "", new RabbitPublisher(link, "guest", true), QUEUE);
      assertThatThrownBy(() -> ENDS.getOrDefault(end, RabbitDelivery::ack).accept(delivery))
          .isInstanceOf(IllegalStateException.class);
      assertThat(ended.get()).isPositive();
    }
  }

  @Test
  @SuppressWarnings("NullAway") // that is what goes wrong
  void itsPlaceIsFreeWhereWhatWasReleasedCannotBeKeptForAReasonThatIsNotTheBrokers()
      throws Exception {
    try (RabbitLink link = nowhere()) {
      RabbitDelivery<String> delivery =
          new RabbitDelivery<>(message(), "", new RabbitPublisher(link, "guest", true), QUEUE);
      delivery.release();
      assertThat(ended).hasValue(0);
      assertThatThrownBy(() -> delivery.dead(null)).isInstanceOf(NullPointerException.class);
      assertThat(ended).hasValue(1);
    }
  }
}
