package resguardo.infra.rabbit;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.impl.LongStringHelper;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import resguardo.core.port.TraceContext;

class TraceHeaderTest {
  private static final TraceContext HERE =
      new TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

  private static AMQP.BasicProperties with(Map<String, Object> headers) {
    return new AMQP.BasicProperties.Builder().headers(headers).build();
  }

  @Test
  void whatAThreadSendsSaysWhereItIs() {
    assertThat(TraceHeader.headers()).isEmpty();
    try (TraceContext.Scope scope = TraceContext.enter(HERE)) {
      assertThat(TraceHeader.of(with(TraceHeader.headers()))).isEqualTo(HERE);
    }
  }

  @Test
  void itIsReadAsTheClientGivesIt() {
    Object given = LongStringHelper.asLongString(HERE.traceparent());
    assertThat(TraceHeader.of(with(Map.of("traceparent", given)))).isEqualTo(HERE);
    assertThat(TraceHeader.of(new AMQP.BasicProperties())).isNull();
  }

  static Stream<Object> others() {
    return Stream.of(
        1,
        List.of(HERE.traceparent()),
        Map.of("traceparent", HERE.traceparent()),
        new byte[55],
        "00-" + "0".repeat(52),
        LongStringHelper.asLongString("a".repeat(1 << 20)),
        LongStringHelper.asLongString(HERE.traceparent() + "\u0000"));
  }

  @ParameterizedTest
  @MethodSource("others")
  void whatIsNoPlaceInATraceIsAsIfItWereAbsent(Object header) {
    assertThat(TraceHeader.of(with(Map.of("traceparent", header)))).isNull();
  }
}
