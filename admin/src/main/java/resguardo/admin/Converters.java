package resguardo.admin;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;
import resguardo.core.NodeName;
import resguardo.core.Serial;
import resguardo.core.SourcePath;

/** How words of the command line are read; what cannot be read is a usage error with the reason. */
final class Converters {
  private Converters() {}

  private interface Reading<T> {
    T of(String text);
  }

  static void registerAt(CommandLine line) {
    line.registerConverter(NodeName.class, text -> read(text, NodeName::new));
    line.registerConverter(SourcePath.class, text -> read(text, SourcePath::parse));
    line.registerConverter(
        Serial.class, text -> read(text, number -> new Serial(Long.parseLong(number))));
    line.registerConverter(ZoneId.class, text -> read(text, ZoneId::of));
    line.registerConverter(Instant.class, text -> read(text, Converters::time));
  }

  private static <T> T read(String text, Reading<T> reading) {
    try {
      return reading.of(text);
    } catch (IllegalArgumentException | DateTimeException e) {
      throw new TypeConversionException(String.valueOf(e.getMessage()));
    }
  }

  /**
   * {@code 2026-11-24T10:00:00Z}, with an offset, or without: then in the time zone of this
   * machine.
   */
  private static Instant time(String text) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException noOffset) {
      return LocalDateTime.parse(text).atZone(ZoneId.systemDefault()).toInstant();
    }
  }
}
