package resguardo.core.protocol;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds what a message leaves out. Jackson fills a missing part of a record with null, whatever the
 * record says; here a part that is not marked {@link Nullable} must be there.
 */
final class MissingParts {
  /** A part of a record: how to get it, and whether it may be missing. Found out once a class. */
  private record Part(String name, Method accessor, boolean mayMiss) {}

  private static final Map<Class<?>, Part[]> PARTS = new ConcurrentHashMap<>();

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
      for (Part part : PARTS.computeIfAbsent(value.getClass(), MissingParts::parts)) {
        refusePart(value, part);
      }
    }
  }

  private static Part[] parts(Class<?> type) {
    return Arrays.stream(type.getRecordComponents())
        .filter(component -> !component.getType().isPrimitive())
        .map(
            component ->
                new Part(
                    component.getName(),
                    component.getAccessor(),
                    component.getAnnotatedType().isAnnotationPresent(Nullable.class)))
        .toArray(Part[]::new);
  }

  private static void refusePart(Object value, Part part) throws MalformedMessageException {
    Object content = content(value, part);
    if (content != null) {
      refuse(content);
    } else if (!part.mayMiss()) {
      throw new MalformedMessageException("missing: " + part.name());
    }
  }

  private static @Nullable Object content(Object value, Part part) {
    try {
      return part.accessor().invoke(value);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException("an accessor of a public record can be called", e);
    }
  }
}
