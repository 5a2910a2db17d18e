package resguardo.core.protocol;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import resguardo.core.Texts;

/**
 * The one JSON codec. It writes the same bytes for the same value, and reads strictly: unknown,
 * doubled and missing fields, wrong types, numbers that do not fit, deep nesting, bytes that are
 * not UTF-8 and anything after the end are refused.
 */
public final class Json {
  /** The largest message that commands, orders, events and activity lines may be. */
  public static final int MESSAGE_BYTES = 64 * 1024;

  /** The largest answer of a coordinator: a page of registrations. */
  public static final int ANSWER_BYTES = 8 * 1024 * 1024;

  /** No message of ours is nested as deep; one that is, is meant to hurt the parser. */
  private static final int DEEPEST = 16;

  /**
   * Digits of the longest number of ours, a long, with room to be told as out of range rather than
   * as too long.
   */
  private static final int LONGEST_NUMBER = 32;

  private static final JsonMapper MAPPER = mapper();

  private Json() {}

  private static JsonMapper mapper() {
    StreamReadConstraints limits =
        StreamReadConstraints.builder()
            .maxNestingDepth(DEEPEST)
            .maxNumberLength(LONGEST_NUMBER)
            .build();
    JsonFactory factory =
        JsonFactory.builder()
            .streamReadConstraints(limits)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build();
    return JsonMapper.builder(factory)
        .addModule(new JavaTimeModule())
        .serializationInclusion(JsonInclude.Include.NON_NULL)
        .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
        .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
        .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
        .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .withCoercionConfigDefaults(
            c -> c.setCoercion(CoercionInputShape.EmptyString, CoercionAction.Fail))
        .build();
  }

  /** The value as UTF-8 JSON on one line; absent (null) parts are left out. */
  public static byte[] write(Object value) {
    try {
      return MAPPER.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("a value that has no JSON form: " + value.getClass(), e);
    }
  }

  /**
   * The value that these bytes say.
   *
   * @param longest how many bytes are accepted at the most
   * @throws MalformedMessageException with the reason in words, when it is not a value of this type
   */
  public static <T> T read(byte[] bytes, Class<T> type, int longest)
      throws MalformedMessageException {
    if (bytes.length > longest) {
      throw new MalformedMessageException(
          "too long: " + bytes.length + " bytes, at most " + longest + " are accepted");
    }
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      T value = MAPPER.readValue(text, type);
      if (value == null) {
        throw new MalformedMessageException("null instead of a " + type.getSimpleName());
      }
      MissingParts.refuse(value);
      return value;
    } catch (CharacterCodingException e) {
      throw new MalformedMessageException("not UTF-8");
    } catch (JsonProcessingException e) {
      throw new MalformedMessageException(Texts.shown(e.getOriginalMessage()));
    } catch (IOException | IllegalArgumentException | NullPointerException e) {
      throw new MalformedMessageException(Texts.shown(String.valueOf(e.getMessage())));
    }
  }

  /**
   * A text that stands at the top of a message, however wrong the rest of it is; empty when there
   * is none, or when the bytes are no JSON at all.
   */
  public static Optional<String> textOf(byte[] bytes, String field) {
    try {
      return Optional.ofNullable(MAPPER.readTree(bytes))
          .map(tree -> tree.get(field))
          .map(JsonNode::textValue);
    } catch (IOException noJson) {
      return Optional.empty();
    }
  }

  /** Whether these bytes are a JSON object, of whatever kind. */
  public static boolean isObject(byte[] bytes) {
    try {
      return MAPPER.readTree(bytes) instanceof ObjectNode;
    } catch (IOException noJson) {
      return false;
    }
  }
}
