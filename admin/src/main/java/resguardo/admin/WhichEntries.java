package resguardo.admin;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import resguardo.core.RawPath;

/** The option of every command that may be about a part of a version only. */
final class WhichEntries {
  @Option(
      names = "--entry",
      paramLabel = "GLOB",
      description =
          "Only this file or folder of it: its name from the path on, or absolute; or all that a pattern of *, ?, [a-z], and ** for"
              + " any folders fits. May be given several times; each must be there.")
  private List<RawPath> entries = new ArrayList<>();

  /** What was asked for; absent: all. */
  @Nullable List<RawPath> asked() {
    return entries.isEmpty() ? null : List.copyOf(entries);
  }
}
