package resguardo.admin;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import resguardo.core.BackupOptions;

/** The options of how archives are packed. */
final class PackingOptions {
  @Option(
      names = "--codec",
      paramLabel = "CODEC",
      description =
          "How archives are compressed: gzip (.tgz) or zstd (.tar.zst). Default: gzip. With another than before, the next changed version is sent whole.")
  private @Nullable String codec;

  @Option(
      names = "--level",
      paramLabel = "N",
      description =
          "How hard: 1 (fast) to 9 for gzip, to 19 for zstd. Default: 1 for gzip, 3 for zstd.")
  private @Nullable Integer level;

  /**
   * All options of a registration with these.
   *
   * @param others what is not said here
   * @throws IllegalArgumentException when something cannot be, with the reason
   */
  BackupOptions with(BackupOptions others) {
    return new BackupOptions(
        others.exclude(),
        others.oneFileSystem(),
        codec(),
        level,
        List.of(),
        others.strict(),
        others.bandwidth());
  }

  private BackupOptions.Codec codec() {
    return switch (codec == null ? "gzip" : codec.toLowerCase(Locale.ROOT)) {
      case "gzip" -> BackupOptions.Codec.GZIP;
      case "zstd" -> BackupOptions.Codec.ZSTD;
      default -> throw new IllegalArgumentException("a codec is gzip or zstd: " + codec);
    };
  }
}
