package resguardo.infra.rabbit;

import com.rabbitmq.client.AMQP;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import resguardo.core.Role;
import resguardo.core.port.ChunkKind;
import resguardo.core.port.Reply;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.MalformedMessageException;

/**
 * A reply as an AMQP message: its kind is the message's type, its numbers are headers, its bytes
 * the body.
 */
final class ReplyCodec {
  private static final String CHUNK = "chunk";
  private static final String CREDIT = "credit";
  private static final String ANSWER = "answer";
  private static final String SEQUENCE = "resguardo-sequence";
  private static final String KIND = "resguardo-kind";
  private static final String CHECKSUM = "resguardo-crc32c";
  private static final String UP_TO = "resguardo-up-to";
  private static final int TRANSIENT = 1;

  /** Twice what is asked for: so much memory each message of a mailbox may take, and no more. */
  private static final int LARGEST_CHUNK = 1024 * 1024;

  private ReplyCodec() {}

  static AMQP.BasicProperties properties(Reply reply) {
    AMQP.BasicProperties.Builder builder =
        new AMQP.BasicProperties.Builder().deliveryMode(TRANSIENT);
    if (reply instanceof Reply.Chunk chunk) {
      builder
          .type(CHUNK)
          .headers(
              Map.of(
                  SEQUENCE, chunk.sequence(), KIND, chunk.kind().code(), CHECKSUM, chunk.crc32c()));
    } else if (reply instanceof Reply.Credit credit) {
      builder.type(CREDIT).headers(Map.of(UP_TO, credit.upTo()));
    } else {
      builder.type(ANSWER);
    }
    return builder.build();
  }

  static byte[] body(Reply reply) {
    if (reply instanceof Reply.Chunk chunk) {
      return chunk.payload();
    }
    return reply instanceof Reply.Said said ? Json.write(said.answer()) : new byte[0];
  }

  /** Whether a message is a piece of a stream. */
  static boolean isChunk(AMQP.BasicProperties properties) {
    return CHUNK.equals(properties.getType());
  }

  /**
   * What somebody says. What nobody of their role sends is refused before it is looked at: that may
   * be large, and is read for as long as there is more of it.
   *
   * @param from the role of whoever sent it
   */
  static Reply read(Role from, AMQP.BasicProperties properties, byte[] body)
      throws MalformedMessageException {
    String type = String.valueOf(properties.getType());
    boolean sends =
        switch (type) {
          case CREDIT -> from != Role.AGENT;
          case ANSWER -> from == Role.COORDINATOR;
          default -> true;
        };
    if (!sends) {
      throw new MalformedMessageException("of a type that no " + from + " sends: " + type);
    }
    return read(properties, body);
  }

  static Reply read(AMQP.BasicProperties properties, byte[] body) throws MalformedMessageException {
    Map<String, Object> headers =
        properties.getHeaders() == null ? Map.of() : properties.getHeaders();
    String type = String.valueOf(properties.getType());
    if (isChunk(properties) && body.length > LARGEST_CHUNK) {
      throw new MalformedMessageException("a chunk of " + body.length + " bytes");
    }
    return switch (type) {
      case CHUNK ->
          new Reply.Chunk(
              number(headers.get(SEQUENCE)),
              ChunkKind.ofCode((int) number(headers.get(KIND)))
                  .orElseThrow(() -> new MalformedMessageException("a chunk of no known kind")),
              (int) number(headers.get(CHECKSUM)),
              body);
      case CREDIT -> new Reply.Credit(number(headers.get(UP_TO)));
      case ANSWER -> new Reply.Said(Json.read(body, Answer.class, Json.ANSWER_BYTES));
      default -> throw new MalformedMessageException("a reply of no known type");
    };
  }

  private static long number(@Nullable Object header) throws MalformedMessageException {
    if (header instanceof Number number) {
      return number.longValue();
    }
    throw new MalformedMessageException("a reply without its numbers");
  }
}
