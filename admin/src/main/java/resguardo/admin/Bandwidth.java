package resguardo.admin;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Bytes a second as people write them: {@code 500KiB}, {@code 10MiB}, {@code 1GiB}, {@code 65536}.
 */
final class Bandwidth implements ITypeConverter<Long> {
  private static final Pattern WRITTEN = Pattern.compile("(\\d{1,9})(B|KiB|MiB|GiB)?");
  private static final List<String> UNITS = List.of("B", "KiB", "MiB", "GiB");
  private static final int BITS_A_UNIT = 10;

  @Override
  public Long convert(String text) {
    Matcher written = WRITTEN.matcher(text);
    if (!written.matches()) {
      throw new TypeConversionException("'" + text + "' is no rate: give it such as 10MiB");
    }
    int unit = written.group(2) == null ? 0 : UNITS.indexOf(written.group(2));
    return Long.parseLong(written.group(1)) << (BITS_A_UNIT * unit);
  }
}
