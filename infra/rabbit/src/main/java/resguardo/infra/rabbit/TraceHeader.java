package resguardo.infra.rabbit;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.LongString;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import resguardo.core.port.TraceContext;

/**
 * Where in a trace jobs and orders stand, as a header of theirs. It is read of messages that only
 * coordinators and workers may send; what agents and operators write is not looked at for one.
 */
final class TraceHeader {
  private TraceHeader() {}

  /** The headers of a message that this thread sends: none where it is in no trace. */
  static Map<String, Object> headers() {
    return TraceContext.current()
        .map(here -> Map.<String, Object>of(TraceContext.HEADER, here.traceparent()))
        .orElseGet(Map::of);
  }

  /** Where a message stands; absent: in no trace, or its header is not what it should be. */
  static @Nullable TraceContext of(AMQP.BasicProperties properties) {
    Map<String, Object> headers = properties.getHeaders();
    Object header = headers == null ? null : headers.get(TraceContext.HEADER);
    if (header instanceof LongString text) {
      return text.length() > TraceContext.LENGTH
          ? null
          : TraceContext.parse(text.toString()).orElse(null);
    }
    return header instanceof String text ? TraceContext.parse(text).orElse(null) : null;
  }
}
