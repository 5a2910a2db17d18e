package resguardo.admin;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import resguardo.core.Serial;
import resguardo.core.protocol.VersionChoice;

/** Options that choose a version; without any the latest is meant. */
final class WhichVersion {
  @Option(names = "--version", paramLabel = "S", description = "The version of this number.")
  private @Nullable Serial version;

  @Option(
      names = "--at",
      paramLabel = "TIME",
      description = "The newest version as of this time: 2026-11-24T10:00:00Z.")
  private @Nullable Instant at;

  /** What was chosen; absent: the latest. */
  static @Nullable VersionChoice of(@Nullable WhichVersion which) {
    if (which != null && which.version != null) {
      return new VersionChoice.Numbered(which.version);
    }
    return which == null || which.at == null ? null : new VersionChoice.AsOf(which.at);
  }
}
