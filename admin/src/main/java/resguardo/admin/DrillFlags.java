package resguardo.admin;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;
import resguardo.core.DrillPolicy;
import resguardo.core.Sizes;

/** The options that say how it is tried whether it can be restored. */
final class DrillFlags {
  private static final String NEVER = "never";
  private static final String ALL = "all";

  @Option(
      names = "--drill-every",
      paramLabel = "TIME|never",
      description =
          "Try by itself whether the newest version can be restored, so long after it was proven last, such as 7d. Default: as admin"
              + " drills says, a week where nobody has said otherwise.")
  private @Nullable String every;

  @Option(
      names = "--drill-read",
      paramLabel = "SIZE|all",
      description =
          "Read at most so much content for it; of a larger version a part, and the next time the part after it. Default: 10GiB.")
  private @Nullable String read;

  /**
   * What is asked for; empty: nothing is.
   *
   * @throws IllegalArgumentException when it cannot be taken
   */
  Optional<DrillPolicy> policy() {
    return every == null && read == null ? Optional.empty() : Optional.of(policy(every, read));
  }

  /**
   * The same of texts.
   *
   * @param every a time or {@code never}; absent: as usual
   * @param read a size or {@code all}; absent: as usual
   */
  static DrillPolicy policy(@Nullable String every, @Nullable String read) {
    return new DrillPolicy(
        every == null ? DrillPolicy.USUAL.everySeconds() : every(every).toSeconds(),
        read == null ? null : (Long) (read.equals(ALL) ? DrillPolicy.ALL : size(read)));
  }

  private static Duration every(String text) {
    try {
      return text.equals(NEVER) ? Duration.ZERO : new TimeSpan().convert(text);
    } catch (TypeConversionException e) {
      throw new IllegalArgumentException(e.getMessage() + ", or never", e);
    }
  }

  private static long size(String text) {
    long size = Sizes.parse(text);
    if (size < 1) {
      throw new IllegalArgumentException("a drill reads 1 byte or more, or all: " + text);
    }
    return size;
  }
}
