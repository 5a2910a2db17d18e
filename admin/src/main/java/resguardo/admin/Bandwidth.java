package resguardo.admin;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;
import resguardo.core.Sizes;

/**
 * Bytes a second as people write them: {@code 500KiB}, {@code 10MiB}, {@code 1GiB}, {@code 65536}.
 */
final class Bandwidth implements ITypeConverter<Long> {
  @Override
  public Long convert(String text) {
    try {
      return Sizes.parse(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException("'" + text + "' is no rate: give it such as 10MiB");
    }
  }
}
