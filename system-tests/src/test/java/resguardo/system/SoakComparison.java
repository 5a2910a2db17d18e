package resguardo.system;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What was restored, held against what is there, byte for byte.
 *
 * @param files that were compared
 * @param bytes that were compared
 * @param differences in words, by name; none: both are the same
 */
record SoakComparison(long files, long bytes, List<String> differences) {
  /** Compares names, types and contents. */
  static SoakComparison of(Path copy, Path source) throws IOException {
    TreeSet<String> names = names(source);
    names.addAll(names(copy));
    List<String> differences = new ArrayList<>();
    long files = 0;
    long bytes = 0;
    for (String name : names) {
      Path one = source.resolve(name);
      Path other = copy.resolve(name);
      if (!Files.exists(one, LinkOption.NOFOLLOW_LINKS)) {
        differences.add(name + " is in the version and not on the node");
      } else if (!Files.exists(other, LinkOption.NOFOLLOW_LINKS)) {
        differences.add(name + " is not in the version");
      } else if (Files.isDirectory(one) != Files.isDirectory(other)) {
        differences.add(name + " is a folder in one and a file in the other");
      } else if (!Files.isDirectory(one)) {
        files++;
        bytes += Files.size(one);
        long at = Files.mismatch(one, other);
        if (at >= 0) {
          differences.add(name + " differs from byte " + at);
        }
      }
    }
    return new SoakComparison(files, bytes, differences);
  }

  private static TreeSet<String> names(Path tree) throws IOException {
    if (!Files.isDirectory(tree)) {
      return new TreeSet<>();
    }
    try (Stream<Path> all = Files.walk(tree)) {
      return all.map(path -> tree.relativize(path).toString())
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }
}
