package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;

/** Trees of files, held against each other by programs of the system. */
final class Trees {
  private Trees() {}

  /** Both have the same names, contents, types, modes, owners and times. */
  static void assertEqual(Path copy, Path path) throws Exception {
    assertThat(listing(copy)).isEqualTo(listing(path));
    assertThat(contents(copy)).isEqualTo(contents(path));
  }

  private static String listing(Path tree) throws Exception {
    // Depth, type, mode, owners, nanoseconds, size of files, target of links, and the name; folders
    // have no size to compare.
    return Pipeline.run(
        "sh",
        "-c",
        "cd \"$1\" && find . \\( -type d -printf '%y %m %U %G %T@ - %p\\0' -o -printf '%y %m %U %G %T@ %s %l %p\\0' \\) | sort -z | od -c",
        "sh",
        tree.toString());
  }

  private static String contents(Path tree) throws Exception {
    return Pipeline.run(
        "sh",
        "-c",
        "cd \"$1\" && find . -type f -print0 | sort -z | xargs -0 -r sha256sum",
        "sh",
        tree.toString());
  }
}
