package resguardo.core.protocol;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A JSON schema of messages, made of their records as Jackson writes them. What it does not know
 * how to describe it refuses, so that nothing is described as anything.
 */
final class EventsSchema {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Map<String, ObjectNode> definitions = new TreeMap<>();

  /** The schema of all events, as text. */
  static String text() throws Exception {
    EventsSchema made = new EventsSchema();
    ObjectNode schema = NODES.objectNode();
    schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    schema.put("title", "Events of Resguardo, as they stand on the exchange resguardo.events");
    schema.put(
        "description", "What each means: docs/protocol.md. Parts that are absent are left out.");
    schema.set("oneOf", made.union(Event.class).get("oneOf"));
    schema.set("$defs", NODES.objectNode().setAll(made.definitions));
    return MAPPER.writeValueAsString(schema) + "\n";
  }

  private ObjectNode of(AnnotatedType type) throws Exception {
    if (type.getType() instanceof ParameterizedType generic) {
      AnnotatedType[] of = ((AnnotatedParameterizedType) type).getAnnotatedActualTypeArguments();
      if (generic.getRawType() == List.class) {
        return typed("array").set("items", of(of[0]));
      } else if (generic.getRawType() == Map.class) {
        return typed("object").set("additionalProperties", of(of[1]));
      }
    }
    return ofClass((Class<?>) type.getType());
  }

  private ObjectNode ofClass(Class<?> type) throws Exception {
    if (type == String.class || type == ZoneId.class) {
      return typed("string");
    } else if (type == Instant.class) {
      return typed("string").put("format", "date-time");
    } else if (type == LocalTime.class) {
      return typed("string").put("pattern", "^[0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]+)?)?$");
    } else if (List.<Type>of(int.class, long.class, Integer.class, Long.class).contains(type)) {
      return typed("integer");
    } else if (type == boolean.class || type == Boolean.class) {
      return typed("boolean");
    } else if (type.isEnum()) {
      return ofEnum(type);
    }
    Optional<AnnotatedType> value = value(type);
    if (value.isPresent()) {
      return of(value.get());
    }
    String name = type.getSimpleName();
    if (!definitions.containsKey(name)) {
      definitions.put(name, NODES.objectNode()); // it may be within itself
      definitions.put(name, type.isSealed() ? union(type) : object(type, null));
    }
    return reference(name);
  }

  /** What a class is written as that is written as one value of its own. */
  private static Optional<AnnotatedType> value(Class<?> type) {
    if (type.isRecord()) {
      for (RecordComponent part : type.getRecordComponents()) {
        if (part.getAccessor().isAnnotationPresent(JsonValue.class)) {
          return Optional.of(part.getAnnotatedType());
        }
      }
    }
    return Arrays.stream(type.getMethods())
        .filter(method -> method.isAnnotationPresent(JsonValue.class))
        .findFirst()
        .map(Method::getAnnotatedReturnType);
  }

  private static ObjectNode ofEnum(Class<?> type) {
    ArrayNode words = NODES.arrayNode();
    for (Object constant : type.getEnumConstants()) {
      words.add(MAPPER.<com.fasterxml.jackson.databind.JsonNode>valueToTree(constant));
    }
    return NODES.objectNode().set("enum", words);
  }

  private ObjectNode union(Class<?> type) throws Exception {
    String property = type.getAnnotation(JsonTypeInfo.class).property();
    ArrayNode kinds = NODES.arrayNode();
    for (JsonSubTypes.Type kind : type.getAnnotation(JsonSubTypes.class).value()) {
      definitions.put(
          kind.value().getSimpleName(),
          object(kind.value(), NODES.objectNode().set(property, constant(kind.name()))));
      kinds.add(reference(kind.value().getSimpleName()));
    }
    return NODES.objectNode().set("oneOf", kinds);
  }

  /**
   * @param more properties that stand before its own; absent: none
   */
  private ObjectNode object(Class<?> type, @Nullable ObjectNode more) throws Exception {
    if (!type.isRecord()) {
      throw new IllegalArgumentException("it is not known how this is written: " + type);
    }
    ObjectNode properties = more == null ? NODES.objectNode() : more;
    ArrayNode required = NODES.arrayNode();
    properties.fieldNames().forEachRemaining(required::add);
    for (RecordComponent part : type.getRecordComponents()) {
      properties.set(part.getName(), of(part.getAnnotatedType()));
      if (!part.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
        required.add(part.getName());
      }
    }
    ObjectNode object = typed("object");
    object.set("properties", properties);
    object.set("required", required);
    JsonIgnoreProperties passed = type.getAnnotation(JsonIgnoreProperties.class);
    return object.put("additionalProperties", passed != null && passed.ignoreUnknown());
  }

  private static ObjectNode typed(String type) {
    return NODES.objectNode().put("type", type);
  }

  private static ObjectNode constant(String text) {
    return NODES.objectNode().put("const", text);
  }

  private static ObjectNode reference(String name) {
    return NODES.objectNode().put("$ref", "#/$defs/" + name);
  }
}
