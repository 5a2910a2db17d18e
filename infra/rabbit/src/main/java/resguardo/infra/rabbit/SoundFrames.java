package resguardo.infra.rabbit;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Address;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.WriteListener;
import com.rabbitmq.client.impl.AMQConnection;
import com.rabbitmq.client.impl.AMQImpl;
import com.rabbitmq.client.impl.Frame;
import com.rabbitmq.client.impl.FrameHandler;
import com.rabbitmq.client.impl.FrameHandlerFactory;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What comes over a connection, made such that no message ends it which the client would end it
 * for: one whose headers it does not read, such as tables in tables in tables, one with headers
 * that are longer than a frame, and one that is larger than it may be. Brokers pass all of them on;
 * and what was not acked then comes again over the next connection, and ends that.
 *
 * <p>In the place of such headers the message has one that says so, and it has no body when that is
 * too large. For what the broker itself ends a connection see {@link Poison}.
 */
final class SoundFrames implements FrameHandler {
  /**
   * The header of a message whose own could not be given, or whose body: how many bytes were left
   * out.
   */
  static final String UNSOUND = "resguardo-unsound";

  /** Where the length of the body stands in a header frame: after two numbers of two bytes. */
  private static final int BODY_SIZE_AT = 4;

  /**
   * Longer headers are given to nobody: twice a frame as brokers agree to, as they add some of
   * their own to what somebody sent, such as how often it was handed out.
   */
  private static final int MOST_HEADERS = 2 * 131_072;

  /**
   * A frame may be as long as that, whatever was agreed. RabbitMQ cuts no frame of headers: what
   * somebody sends by AMQP 1.0 has them up to the size of a message, and they grow where they are
   * said in AMQP 0-9-1. A longer one ends the connection.
   */
  private static final int LONGEST_FRAME = 32 << 20;

  private final FrameHandler frames;
  private final int largest;

  /** How many bytes of bodies are still to be left out, by channel. */
  private final Map<Integer, Long> leftOut = new HashMap<>();

  /**
   * @param largest body that is given, in bytes
   */
  SoundFrames(FrameHandler frames, int largest) {
    this.frames = frames;
    this.largest = largest;
  }

  /** Makes connections with such frames. */
  static ConnectionFactory factory(int largest) {
    ConnectionFactory factory =
        new ConnectionFactory() {
          @Override
          protected synchronized FrameHandlerFactory createFrameHandlerFactory()
              throws IOException {
            FrameHandlerFactory sockets = super.createFrameHandlerFactory();
            return (Address address, String name) ->
                new SoundFrames(sockets.create(address, name), largest);
          }
        };
    factory.setMaxInboundMessageBodySize(largest + 1); // the client refuses what is as large
    return factory;
  }

  @Override
  public @Nullable Frame readFrame() throws IOException {
    while (true) {
      Frame frame = frames.readFrame();
      if (frame == null) {
        return null; // nothing came for a while
      } else if (frame.getType() == AMQP.FRAME_HEADER) {
        return sound(frame);
      } else if (frame.getType() != AMQP.FRAME_BODY || !leavesOut(frame)) {
        return frame;
      }
    }
  }

  private Frame sound(Frame header) throws IOException {
    long body = ByteBuffer.wrap(header.getPayload()).getLong(BODY_SIZE_AT);
    leftOut.remove(header.getChannel());
    if (body > largest) {
      leftOut.put(header.getChannel(), body);
      return replaced(header, 0, body);
    }
    return canBeRead(header) ? header : replaced(header, body, 0);
  }

  private static Frame replaced(Frame header, long body, long without) throws IOException {
    long missing = header.getPayload().length + without;
    return new AMQP.BasicProperties.Builder()
        .headers(Map.of(UNSOUND, missing))
        .build()
        .toFrame(header.getChannel(), body);
  }

  private static boolean canBeRead(Frame header) {
    if (header.getPayload().length > MOST_HEADERS) {
      return false;
    }
    try (DataInputStream in = header.getInputStream()) {
      AMQImpl.readContentHeaderFrom(in);
      return true;
    } catch (IOException | RuntimeException unreadable) {
      return false;
    }
  }

  private boolean leavesOut(Frame body) {
    Long left = leftOut.get(body.getChannel());
    if (left == null) {
      return false;
    }
    long then = left - body.getPayload().length;
    if (then > 0) {
      leftOut.put(body.getChannel(), then);
    } else {
      leftOut.remove(body.getChannel());
    }
    return true;
  }

  @Override
  public boolean internalHearbeat() {
    return frames.internalHearbeat();
  }

  @Override
  public void setTimeout(int millis) throws SocketException {
    frames.setTimeout(millis);
  }

  @Override
  public int getTimeout() throws SocketException {
    return frames.getTimeout();
  }

  @Override
  public void sendHeader() throws IOException {
    frames.sendHeader();
  }

  @Override
  public void initialize(AMQConnection connection) {
    frames.initialize(connection);
  }

  @Override
  public void startProcessing() {
    frames.startProcessing();
  }

  @Override
  public void finishConnectionNegotiation() {
    frames.finishConnectionNegotiation();
  }

  @Override
  public void setFrameMax(int bytes) {
    frames.setFrameMax(LONGEST_FRAME);
  }

  @Override
  public void writeFrame(Frame frame) throws IOException {
    frames.writeFrame(frame);
  }

  @Override
  public void flush(WriteListener listener) throws IOException {
    frames.flush(listener);
  }

  @Override
  public void close() {
    frames.close();
  }

  @Override
  public InetAddress getLocalAddress() {
    return frames.getLocalAddress();
  }

  @Override
  public int getLocalPort() {
    return frames.getLocalPort();
  }

  @Override
  public InetAddress getAddress() {
    return frames.getAddress();
  }

  @Override
  public int getPort() {
    return frames.getPort();
  }
}
