package resguardo.admin;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import resguardo.archive.AgeRecipients;
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

  @Option(
      names = "--encrypt-to",
      paramLabel = "age1…",
      description =
          "Encrypt content on the node to this age public key; may be given several times, and each key's owner can restore."
              + " Names, sizes, times, owners and digests are NOT encrypted: whoever reads the store sees them."
              + " Nobody can restore without the key. With others than before, the next version is sent whole.")
  private List<String> encryptTo = new ArrayList<>();

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
        recipients(),
        others.strict(),
        others.bandwidth(),
        others.alarm(),
        others.lockSeconds());
  }

  /** That they are none is found here, and not by the node when the first backup is due. */
  private List<String> recipients() {
    BackupOptions looked =
        new BackupOptions(List.of(), false, BackupOptions.Codec.GZIP, null, encryptTo, false, null);
    return AgeRecipients.of(looked.encryptTo()).keys();
  }

  private BackupOptions.Codec codec() {
    return switch (codec == null ? "gzip" : codec.toLowerCase(Locale.ROOT)) {
      case "gzip" -> BackupOptions.Codec.GZIP;
      case "zstd" -> BackupOptions.Codec.ZSTD;
      default -> throw new IllegalArgumentException("a codec is gzip or zstd: " + codec);
    };
  }
}
