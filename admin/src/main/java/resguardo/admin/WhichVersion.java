package resguardo.admin;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;
import resguardo.core.Serial;
import resguardo.core.protocol.VersionChoice;

/**
 * The options of every command that is about one version; without any the latest is meant. They
 * come with {@code --help}, as {@code --version} cannot be that of the program here.
 */
final class WhichVersion {
  @ArgGroup(exclusive = true)
  private @Nullable Chosen chosen;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help message and exit.")
  private boolean help;

  /** At most one of them. */
  static final class Chosen {
    @Option(names = "--version", paramLabel = "S", description = "The version of this number.")
    private @Nullable Serial version;

    @Option(
        names = "--at",
        paramLabel = "TIME",
        converter = PastTime.AsOf.class,
        description =
            "The newest version as of this time: 2026-11-24T10:00:00Z, or without the Z by the clock of this machine; of this day:"
                + " 2026-11-24, yesterday; or of so long ago: 24h.")
    private @Nullable Instant at;
  }

  /** What was chosen; absent: the latest. */
  @Nullable VersionChoice choice() {
    if (chosen != null && chosen.version != null) {
      return new VersionChoice.Numbered(chosen.version);
    }
    return chosen == null || chosen.at == null ? null : new VersionChoice.AsOf(chosen.at);
  }
}
