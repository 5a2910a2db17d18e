package resguardo.infra.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import resguardo.infra.tls.Tls;

class BrokerUriTest {
  @Test
  void theAddressesOfAClusterNameOneUser() {
    assertThat(BrokerUri.parse(List.of("amqp://me:1@one", "amqp://me:2@two"), Tls::ofJava))
        .extracting(BrokerUri::toString)
        .containsExactly("amqp://one:5672 as me", "amqp://two:5672 as me");
    assertThatThrownBy(
            () -> BrokerUri.parse(List.of("amqp://me:1@one", "amqp://you:secret@two"), Tls::ofJava))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("one user")
        .hasMessageNotContaining("secret");
  }
}
