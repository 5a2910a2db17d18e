package resguardo.core.protocol;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds what a message leaves out. Jackson fills a missing part of a record with null, whatever the
 * record says; here a part that is not marked {@link Nullable} must be there.
 */
final class MissingParts {
  private static final Map<Class<?>, RecordComponent[]> PARTS = new ConcurrentHashMap<>();

  private MissingParts() {}

  /**
   * @throws MalformedMessageException naming the first part that is missing, at any depth
   */
  static void refuse(Object value) throws MalformedMessageException {
    if (value instanceof Collection<?> many) {
      for (Object one : many) {
        refuse(one);
      }
    } else if (value instanceof Record
        && value.getClass().getPackageName().startsWith("resguardo.")) {
      for (RecordComponent part :
          PARTS.computeIfAbsent(value.getClass(), Class::getRecordComponents)) {
        refusePart(value, part);
      }
    }
  }

  private static void refusePart(Object value, RecordComponent part)
      throws MalformedMessageException {
    Object content = content(value, part);
    if (content != null) {
      refuse(content);
    } else if (!part.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
      throw new MalformedMessageException("missing: " + part.getName());
    }
  }

  private static @Nullable Object content(Object value, RecordComponent part) {
    try {
      return part.getAccessor().invoke(value);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException("an accessor of a public record can be called", e);
    }
  }
}
