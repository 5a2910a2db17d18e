package resguardo.transfer;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;
import resguardo.core.NodeName;
import resguardo.core.RawPath;
import resguardo.core.Role;
import resguardo.core.Sizes;
import resguardo.core.SourcePath;

/** Turns words of the command line into types of the domain. */
final class Converters {
  private Converters() {}

  /** The name of a node. */
  static final class Node implements ITypeConverter<NodeName> {
    @Override
    public NodeName convert(String text) {
      return typed(() -> new NodeName(text));
    }
  }

  /** A path to back up. */
  static final class Source implements ITypeConverter<SourcePath> {
    @Override
    public SourcePath convert(String text) {
      return typed(() -> SourcePath.parse(text));
    }
  }

  /** A folder in a tarball; what does not count in a name is taken off. */
  static final class Inside implements ITypeConverter<RawPath> {
    @Override
    public RawPath convert(String text) {
      RawPath clean = RawPath.parse("");
      for (RawPath part : typed(() -> RawPath.parse(text)).components()) {
        if (part.text().equals("..")) {
          throw new TypeConversionException("'" + text + "' leads out of the tarball");
        }
        clean = part.text().equals(".") ? clean : clean.resolve(part);
      }
      return clean;
    }
  }

  /** How many bytes, or how many a second. */
  static final class Bytes implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      return typed(() -> Sizes.parse(text));
    }
  }

  /** What a process is for. */
  static final class Roles implements ITypeConverter<Role> {
    @Override
    public Role convert(String text) {
      return typed(() -> Role.parse(text));
    }
  }

  private interface Parse<T> {
    T parse();
  }

  private static <T> T typed(Parse<T> parse) {
    try {
      return parse.parse();
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(String.valueOf(e.getMessage()));
    }
  }
}
