package resguardo.infra.rabbit;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.impl.AMQImpl;
import com.rabbitmq.client.impl.Frame;
import com.rabbitmq.client.impl.FrameHandler;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SoundFramesTest {
  private static final int LARGEST = 1000;
  private static final AMQP.BasicProperties PLAIN =
      new AMQP.BasicProperties.Builder().type("chunk").build();

  private final Deque<Frame> come = new ArrayDeque<>();
  private final List<Object> agreed = new ArrayList<>();
  private final SoundFrames frames = new SoundFrames(broker(), LARGEST);

  /** One from which these frames come, and nothing then. */
  private FrameHandler broker() {
    return (FrameHandler)
        Proxy.newProxyInstance(
            FrameHandler.class.getClassLoader(),
            new Class<?>[] {FrameHandler.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("setFrameMax")) {
                agreed.add(arguments[0]);
              }
              return method.getName().equals("readFrame") ? come.poll() : null;
            });
  }

  private static AMQP.BasicProperties read(Frame header) throws IOException {
    return (AMQP.BasicProperties) AMQImpl.readContentHeaderFrom(header.getInputStream());
  }

  private static Frame body(int channel, int bytes) {
    return new Frame(AMQP.FRAME_BODY, channel, new byte[bytes]);
  }

  @Test
  void whatCanBeReadComesAsItIs() throws Exception {
    List<Frame> sent = List.of(PLAIN.toFrame(1, LARGEST), body(1, LARGEST));
    come.addAll(sent);
    assertThat(frames.readFrame()).isSameAs(sent.get(0));
    assertThat(frames.readFrame()).isSameAs(sent.get(1));
    assertThat(frames.readFrame()).as("nothing came").isNull();
  }

  /** Of a type that RabbitMQ's client does not know. */
  @Test
  void headersThatCannotBeReadAreReplacedAndTheBodyComes() throws Exception {
    Frame header =
        new AMQP.BasicProperties.Builder().headers(Map.of("x", "text")).build().toFrame(1, 5);
    byte[] broken = header.getPayload();
    int type = new String(broken, StandardCharsets.ISO_8859_1).indexOf("xS") + 1;
    broken[type] = 'Z';
    come.add(new Frame(AMQP.FRAME_HEADER, 1, broken));
    come.add(body(1, 5));
    AMQP.BasicProperties instead = read(frames.readFrame());
    assertThat(instead.getHeaders()).containsOnlyKeys(SoundFrames.UNSOUND);
    assertThat(instead.getBodySize()).isEqualTo(5);
    assertThat(frames.readFrame().getPayload()).hasSize(5);
  }

  @Test
  void aBodyThatIsTooLargeIsLeftOutAndThoseOfOtherChannelsCome() throws Exception {
    come.add(PLAIN.toFrame(1, LARGEST + 1));
    come.add(body(1, LARGEST));
    come.add(PLAIN.toFrame(2, 3));
    come.add(body(1, 1));
    come.add(body(2, 3));
    come.add(PLAIN.toFrame(1, 4));
    come.add(body(1, 4));
    AMQP.BasicProperties instead = read(frames.readFrame());
    assertThat(instead.getHeaders()).containsOnlyKeys(SoundFrames.UNSOUND);
    assertThat(instead.getBodySize()).isZero();
    assertThat(read(frames.readFrame()).getBodySize()).isEqualTo(3);
    assertThat(frames.readFrame().getPayload()).hasSize(3);
    assertThat(read(frames.readFrame()).getBodySize()).isEqualTo(4);
    assertThat(frames.readFrame().getPayload()).hasSize(4);
  }

  /** As RabbitMQ 4 makes them of what somebody sends by AMQP 1.0: it cuts no frame of headers. */
  @Test
  void headersThatAreLongerThanAnyAreReplacedAndTheBodyComes() throws Exception {
    String large = "x".repeat(60_000);
    Map<String, Object> six =
        Map.of("a", large, "b", large, "c", large, "d", large, "e", large, "f", large);
    Frame header = new AMQP.BasicProperties.Builder().headers(six).build().toFrame(1, 5);
    come.add(header);
    come.add(body(1, 5));
    AMQP.BasicProperties instead = read(frames.readFrame());
    assertThat(instead.getHeaders())
        .containsExactlyEntriesOf(Map.of(SoundFrames.UNSOUND, (long) header.getPayload().length));
    assertThat(instead.getBodySize()).isEqualTo(5);
    assertThat(frames.readFrame().getPayload()).hasSize(5);
  }

  @Test
  void aFrameMayBeLongerThanWasAgreedAndNotOfAnyLength() {
    frames.setFrameMax(131_072);
    frames.setFrameMax(0);
    assertThat(agreed).containsExactly(32 << 20, 32 << 20);
  }
}
