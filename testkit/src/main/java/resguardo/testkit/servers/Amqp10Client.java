package resguardo.testkit.servers;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Somebody who sends by AMQP 1.0, which RabbitMQ 4 takes from every user where it takes AMQP 0-9-1:
 * so much of it as attaches to one address and sends there, and values as they are on the wire.
 */
public final class Amqp10Client implements AutoCloseable {
  private static final int LIST = 0xd0;
  private static final int MAP = 0xd1;
  private static final byte[] NULL = {0x40};
  private static final byte[] ZERO = {0x43};
  private static final byte[] NO = {0x42};
  private static final byte[] YES = {0x41};
  private static final int OPEN = 0x10;
  private static final int BEGIN = 0x11;
  private static final int ATTACH = 0x12;
  private static final int FLOW = 0x13;
  private static final int TRANSFER = 0x14;
  private static final int DISPOSITION = 0x15;
  private static final int DETACH = 0x16;
  private static final int END = 0x17;
  private static final int CLOSE = 0x18;
  private static final int SASL_MECHANISMS = 0x40;
  private static final int SASL_INIT = 0x41;
  private static final int SASL_OUTCOME = 0x44;
  private static final String ACCEPTED = "\0S$";
  private static final String RELEASED = "\0S&";

  /** Brokers take frames of 128 KiB. */
  private static final int PIECE = 100_000;

  private final Socket socket;
  private final DataInputStream in;
  private final DataOutputStream out;
  private int deliveries;

  /**
   * Logs in at loopback, and attaches.
   *
   * @param address such as {@code /exchanges/NAME/KEY}
   * @throws IOException when the broker does not let it, with what it says
   */
  public Amqp10Client(int port, String user, String password, String address, Duration patience)
      throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout((int) patience.toMillis());
    in = new DataInputStream(socket.getInputStream());
    out = new DataOutputStream(socket.getOutputStream());
    try {
      attach(user, password, address);
    } catch (IOException e) {
      socket.close(); // the broker counts how many connections a user has
      throw e;
    }
  }

  private void attach(String user, String password, String address) throws IOException {
    begin(3);
    awaits(SASL_MECHANISMS);
    byte[] login = ("\0" + user + "\0" + password).getBytes(StandardCharsets.UTF_8);
    send(1, performative(SASL_INIT, symbol("PLAIN"), binary(login)));
    awaits(SASL_OUTCOME);
    begin(0);
    send(0, performative(OPEN, text("somebody")));
    awaits(OPEN);
    send(0, performative(BEGIN, NULL, ZERO, number(1000), number(1000)));
    awaits(BEGIN);
    byte[] source = performative(0x28);
    byte[] target = performative(0x29, text(address));
    send(
        0,
        performative(ATTACH, text("link"), ZERO, NO, NULL, NULL, source, target, NULL, NULL, ZERO));
    awaits(ATTACH);
    awaits(FLOW);
  }

  /**
   * Sends a message, and waits until the broker has it.
   *
   * @param sections of it, in their order
   * @return whether there was a queue for it
   * @throws IOException when the broker does not take it
   */
  public boolean send(byte[]... sections) throws IOException {
    byte[] message = joined(List.of(sections));
    byte[] id = number(deliveries);
    byte[] tag = binary(String.valueOf(deliveries).getBytes(StandardCharsets.US_ASCII));
    deliveries++;
    for (int at = 0; at < message.length; at += PIECE) {
      byte[] piece = Arrays.copyOfRange(message, at, Math.min(message.length, at + PIECE));
      boolean more = at + PIECE < message.length;
      byte[] transfer = performative(TRANSFER, ZERO, id, tag, ZERO, NO, more ? YES : NO);
      send(0, joined(List.of(transfer, piece)));
    }
    String taken = new String(awaits(DISPOSITION), StandardCharsets.ISO_8859_1);
    boolean accepted = taken.contains(ACCEPTED);
    if (!accepted && !taken.contains(RELEASED)) {
      throw new IOException("it was not taken: " + taken);
    }
    return accepted;
  }

  /** The section of application properties. */
  public static byte[] properties(Map<String, byte[]> values) {
    return described(0x74, map(values, false));
  }

  /** The section of annotations of a message. */
  public static byte[] annotations(Map<String, byte[]> values) {
    return described(0x72, map(values, true));
  }

  /** The section of properties, with a type of content and nothing else. */
  public static byte[] contentType(String type) {
    return performative(0x73, NULL, NULL, NULL, NULL, NULL, NULL, symbol(type));
  }

  /** Likewise with an encoding of content. */
  public static byte[] contentEncoding(String encoding) {
    return performative(0x73, NULL, NULL, NULL, NULL, NULL, NULL, NULL, symbol(encoding));
  }

  /** The section of a body. */
  public static byte[] body(byte[] bytes) {
    return described(0x75, binary(bytes));
  }

  /** A text. */
  public static byte[] text(String text) {
    return sized(0xb1, text.getBytes(StandardCharsets.UTF_8));
  }

  /** A list. */
  public static byte[] list(byte[]... values) {
    return counted(LIST, List.of(values));
  }

  /** A value of a type that is as long as these bytes, such as 0x98 for a UUID of 16 bytes. */
  public static byte[] value(int type, byte... bytes) {
    return joined(List.of(new byte[] {(byte) type}, bytes));
  }

  private static byte[] symbol(String text) {
    return sized(0xb3, text.getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] binary(byte[] bytes) {
    return sized(0xb0, bytes);
  }

  private static byte[] number(int number) {
    return ByteBuffer.allocate(5).put((byte) 0x70).putInt(number).array();
  }

  private static byte[] map(Map<String, byte[]> values, boolean symbols) {
    List<byte[]> all = new ArrayList<>();
    values.forEach(
        (name, value) -> {
          all.add(symbols ? symbol(name) : text(name));
          all.add(value);
        });
    return counted(MAP, all);
  }

  private static byte[] performative(int code, byte[]... fields) {
    return described(code, list(fields));
  }

  private static byte[] described(int code, byte[] value) {
    return joined(List.of(new byte[] {0, 0x53, (byte) code}, value));
  }

  private static byte[] sized(int type, byte[] bytes) {
    return ByteBuffer.allocate(5 + bytes.length)
        .put((byte) type)
        .putInt(bytes.length)
        .put(bytes)
        .array();
  }

  private static byte[] counted(int type, List<byte[]> values) {
    byte[] all = joined(values);
    return ByteBuffer.allocate(9 + all.length)
        .put((byte) type)
        .putInt(4 + all.length)
        .putInt(values.size())
        .put(all)
        .array();
  }

  private static byte[] joined(List<byte[]> parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    parts.forEach(all::writeBytes);
    return all.toByteArray();
  }

  private void begin(int protocol) throws IOException {
    byte[] header = {'A', 'M', 'Q', 'P', (byte) protocol, 1, 0, 0};
    out.write(header);
    out.flush();
    byte[] same = in.readNBytes(header.length);
    if (!Arrays.equals(header, same)) {
      throw new IOException("the broker does not speak AMQP 1.0");
    }
  }

  private void send(int type, byte[] content) throws IOException {
    out.writeInt(8 + content.length);
    out.write(new byte[] {2, (byte) type, 0, 0});
    out.write(content);
    out.flush();
  }

  /** Reads on until there is one of these, and fails when the broker ends something instead. */
  private byte[] awaits(int performative) throws IOException {
    while (true) {
      int length = in.readInt() - 8;
      in.skipNBytes(4);
      byte[] content = in.readNBytes(length);
      if (content.length < length) {
        throw new EOFException("the broker ended the connection");
      }
      int code = content.length < 3 ? -1 : content[2] & 0xff;
      if (code == performative) {
        return content;
      }
      if (Set.of(DETACH, END, CLOSE).contains(code)) {
        throw new IOException(new String(content, StandardCharsets.ISO_8859_1));
      }
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
