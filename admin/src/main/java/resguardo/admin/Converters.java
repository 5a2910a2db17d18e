package resguardo.admin;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;
import resguardo.core.NodeName;
import resguardo.core.OperatorName;
import resguardo.core.Permission;
import resguardo.core.RawPath;
import resguardo.core.Role;
import resguardo.core.Serial;
import resguardo.core.SourcePath;

/** How words of the command line are read; what cannot be read is a usage error with the reason. */
final class Converters {
  private Converters() {}

  static void registerAt(CommandLine line) {
    line.registerConverter(NodeName.class, new Converter<>(NodeName::new));
    line.registerConverter(OperatorName.class, new Converter<>(OperatorName::new));
    line.registerConverter(Permission.class, new Converter<>(Permission::parse));
    line.registerConverter(SourcePath.class, new Converter<>(SourcePath::parse));
    line.registerConverter(Role.class, new Converter<>(Converters::role));
    line.registerConverter(NodeFolder.class, new Converter<>(NodeFolder::parse));
    line.registerConverter(RawPath.class, new Converter<>(RawPath::parse));
    line.registerConverter(
        Serial.class, new Converter<>(number -> new Serial(Long.parseLong(number))));
    line.registerConverter(ZoneId.class, new Converter<>(ZoneId::of));
    line.registerConverter(Instant.class, new Converter<>(Converters::time));
  }

  /** No lambda: the archive of classes of a quick start has none of an interface as old as this. */
  private record Converter<T>(Function<String, T> reading) implements ITypeConverter<T> {
    @Override
    public T convert(String text) {
      try {
        return reading.apply(text);
      } catch (IllegalArgumentException | DateTimeException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }

  private static Role role(String word) {
    try {
      return word.equals("worker") ? Role.WORKER : Role.parse(word);
    } catch (IllegalArgumentException none) {
      String words = Arrays.stream(Role.values()).map(Role::word).collect(Collectors.joining(", "));
      throw new IllegalArgumentException(none.getMessage() + "; there are " + words);
    }
  }

  private static Instant time(String text) {
    try {
      return time(text, ZoneId.systemDefault());
    } catch (DateTimeException none) {
      throw new IllegalArgumentException(
          "'" + text + "' is no time: give it such as 2026-11-24T10:00, or 2026-11-24T10:00:00Z");
    }
  }

  /**
   * {@code 2026-11-24T10:00:00Z}, with an offset, or without: then in this time zone.
   *
   * @throws DateTimeException when it is none
   */
  static Instant time(String text, ZoneId zone) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException noOffset) {
      return LocalDateTime.parse(text).atZone(zone).toInstant();
    }
  }
}
