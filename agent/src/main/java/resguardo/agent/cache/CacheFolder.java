package resguardo.agent.cache;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import resguardo.core.RegistrationKey;
import resguardo.core.Sha256;

/**
 * Where an agent keeps its caches: one file for each state of a registration that may be the base
 * of the next round.
 */
public final class CacheFolder {
  /** Of a registration that is not backed up any more nothing is kept for longer. */
  private static final Duration KEPT = Duration.ofDays(60);

  private static final int DIGITS = 32;
  private static final String SUFFIX = ".lines";

  private final Path folder;
  private final Clock clock;

  /**
   * A folder that is made where it is not. What was not used for 60 days is removed, and what an
   * earlier process left unfinished: no other may be at work there, see {@link CacheLock}.
   */
  public CacheFolder(Path folder, Clock clock) throws IOException {
    this.folder = Files.createDirectories(folder);
    this.clock = clock;
    Instant oldest = clock.instant().minus(KEPT);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.{lines,new,mount}")) {
      for (Path file : files) {
        if (file.toString().endsWith(".new")
            || Files.getLastModifiedTime(file).toInstant().isBefore(oldest)) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  /** Where it is. What ends in {@code .new} is removed by the next process. */
  public Path path() {
    return folder;
  }

  private static String prefix(RegistrationKey key) {
    byte[] name = key.text().getBytes(java.nio.charset.StandardCharsets.UTF_8);
    return Sha256.of(name).hex().substring(0, DIGITS) + "-";
  }

  private Path file(RegistrationKey key, Sha256 index) {
    return folder.resolve(prefix(key) + index.hex().substring(0, DIGITS) + SUFFIX);
  }

  /**
   * Remembers that a registration is of a file system that is mounted there.
   *
   * @param generation of the registration
   */
  public void rememberMount(RegistrationKey key, long generation) throws IOException {
    Path mount = mount(key, generation);
    if (Files.exists(mount)) {
      Files.setLastModifiedTime(mount, FileTime.from(clock.instant()));
    } else {
      Files.createFile(mount);
    }
  }

  /** Whether it was so when it was backed up last, as far as is known. */
  public boolean wasMount(RegistrationKey key, long generation) {
    return Files.exists(mount(key, generation));
  }

  private Path mount(RegistrationKey key, long generation) {
    return folder.resolve(prefix(key) + generation + ".mount");
  }

  /**
   * The cache of these lines; empty when it is not there. All others of the registration are
   * removed: they are of versions that were never committed, or that are not the newest any more.
   * Only where it is not there the newest other one stays, for {@link #before}.
   */
  public Optional<Path> find(RegistrationKey key, Sha256 index) throws IOException {
    Path wanted = file(key, index);
    boolean there = Files.exists(wanted);
    Path kept = there ? wanted : before(key).orElse(wanted);
    for (Path file : all(key)) {
      if (!file.equals(kept)) {
        Files.deleteIfExists(file);
      }
    }
    if (!there) {
      return Optional.empty();
    }
    Files.setLastModifiedTime(wanted, FileTime.from(clock.instant()));
    return Optional.of(wanted);
  }

  /**
   * The newest cache of a registration, whatever lines it has: the states that it tells of still
   * stand for the same entries.
   */
  public Optional<Path> before(RegistrationKey key) throws IOException {
    Path newest = null;
    FileTime latest = null;
    for (Path file : all(key)) {
      FileTime time;
      try {
        time = Files.getLastModifiedTime(file);
      } catch (NoSuchFileException removedMeanwhile) {
        continue; // by an earlier order for the same registration
      }
      if (latest == null || time.compareTo(latest) > 0) {
        newest = file;
        latest = time;
      }
    }
    return Optional.ofNullable(newest);
  }

  private List<Path> all(RegistrationKey key) throws IOException {
    List<Path> all = new ArrayList<>();
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(folder, prefix(key) + "*" + SUFFIX)) {
      files.forEach(all::add);
    }
    return all;
  }

  /** A new cache in the making. */
  public LineCacheWriter create(RegistrationKey key) throws IOException {
    return new LineCacheWriter(Files.createTempFile(folder, prefix(key), ".new"));
  }

  /** Keeps a cache that is complete, over any there is of the same lines. */
  public Path keep(RegistrationKey key, LineCacheWriter.Finished cache) throws IOException {
    return Files.move(
        cache.file(),
        file(key, cache.index()),
        StandardCopyOption.REPLACE_EXISTING,
        StandardCopyOption.ATOMIC_MOVE);
  }

  /** Throws a cache away that is damaged. */
  public void discard(RegistrationKey key, Sha256 index) throws IOException {
    Files.deleteIfExists(file(key, index));
  }
}
