package resguardo.transfer.tarball;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import resguardo.core.RegistrationKey;

/** A folder of tarballs of other programs. What lies in folders within it is not looked at. */
public final class TarballFolder {
  private final Path folder;
  private final Naming naming;

  /** Whose names are read so. */
  public TarballFolder(Path folder, Naming naming) {
    this.folder = folder;
    this.naming = naming;
  }

  private record Named(Path file, Naming.Said said) {}

  /** The nodes and paths that names of the form {@code [node]-[path][num].tgz} speak of. */
  public Set<RegistrationKey> derived() throws IOException {
    Set<RegistrationKey> keys = new TreeSet<>();
    for (Path file : files()) {
      Naming.derived(nameOf(file)).ifPresent(keys::add);
    }
    return keys;
  }

  /**
   * The tarballs of a registration, from the oldest to the newest.
   *
   * @throws TarballException when it cannot be told which comes first
   */
  public List<Tarball> of(RegistrationKey key) throws IOException {
    List<Named> named = new ArrayList<>();
    for (Path file : files()) {
      Optional<Naming.Said> said = naming.read(nameOf(file), key);
      said.ifPresent(it -> named.add(new Named(file, it)));
    }
    Map<Boolean, List<Named>> kinds =
        named.stream().collect(Collectors.partitioningBy(one -> one.said().number() != null));
    List<Named> numbered = kinds.getOrDefault(true, List.of());
    List<Named> timed = kinds.getOrDefault(false, List.of());
    if (!numbered.isEmpty() && !timed.isEmpty()) {
      throw new TarballException(
          "some names have a number and others a time: "
              + nameOf(numbered.get(0).file())
              + ", "
              + nameOf(timed.get(0).file())
              + "; --prefix or --pattern chooses");
    }
    return numbered.isEmpty() ? byTime(timed) : byNumber(numbered);
  }

  /** How many files are called as tarballs are. */
  public int tarballs() throws IOException {
    return files().size();
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> Naming.isTarball(nameOf(file)))
          .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
          .sorted()
          .toList();
    }
  }

  private static String nameOf(Path file) {
    return Objects.requireNonNull(file.getFileName()).toString();
  }

  private static List<Tarball> byTime(List<Named> timed) throws IOException {
    Set<String> series = timed.stream().map(one -> one.said().before()).collect(Collectors.toSet());
    if (series.size() > 1) {
      throw new TarballException(
          "there are several series, which begin with "
              + series.stream().sorted().map(s -> "'" + s + "'").collect(Collectors.joining(", "))
              + ": choose one by --prefix");
    }
    Map<Instant, Named> once = new HashMap<>();
    for (Named one : timed) {
      refuseTwice(once.put(Objects.requireNonNull(one.said().time()), one), one, "time");
    }
    List<Tarball> tarballs = new ArrayList<>();
    for (Named one : timed) {
      tarballs.add(tarball(one.file(), Objects.requireNonNull(one.said().time()), false));
    }
    tarballs.sort(Comparator.comparing(Tarball::slot));
    return tarballs;
  }

  private static List<Tarball> byNumber(List<Named> numbered) throws IOException {
    Map<Long, Named> once = new HashMap<>();
    for (Named one : numbered) {
      refuseTwice(once.put(Objects.requireNonNull(one.said().number()), one), one, "number");
    }
    List<Named> inOrder =
        numbered.stream()
            .sorted(Comparator.comparing(one -> Objects.requireNonNull(one.said().number())))
            .toList();
    List<Tarball> tarballs = new ArrayList<>();
    Instant last = Instant.MIN;
    for (Named one : inOrder) {
      Instant modified =
          Files.getLastModifiedTime(one.file()).toInstant().truncatedTo(ChronoUnit.SECONDS);
      last = modified.isAfter(last) ? modified : last.plusSeconds(1);
      tarballs.add(tarball(one.file(), last, true));
    }
    return tarballs;
  }

  private static void refuseTwice(@Nullable Named other, Named one, String what)
      throws TarballException {
    if (other != null) {
      throw new TarballException(
          nameOf(other.file()) + " and " + nameOf(one.file()) + " have the same " + what);
    }
  }

  private static Tarball tarball(Path file, Instant slot, boolean numbered) throws IOException {
    return new Tarball(file, nameOf(file), Files.size(file), slot, numbered);
  }
}
