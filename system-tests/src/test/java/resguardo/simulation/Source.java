package resguardo.simulation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import resguardo.core.NodeName;
import resguardo.core.RegistrationKey;
import resguardo.core.RetentionPolicy;
import resguardo.core.SourcePath;

/**
 * A folder that is backed up, and all that its files ever held. Each change has a time of its own,
 * by the clock of the simulation, as a disk's would.
 */
final class Source {
  private static final int NAMES = 6;
  private static final int LARGE = 150_000;

  private final RegistrationKey key;
  private final Path folder;
  private final boolean large;
  private final @Nullable Integer keepLast;
  private final Map<String, List<State>> history = new TreeMap<>();
  private long changes;

  /**
   * What a file was from a time on.
   *
   * @param content absent: it was not there
   */
  private record State(long since, byte @Nullable [] content) {}

  /**
   * @param large whether its files are so large that a backup of it takes several slices
   * @param keepLast how many versions its policy of retention keeps; absent: it has none
   */
  Source(NodeName node, Path folder, boolean large, @Nullable Integer keepLast) {
    this.key = new RegistrationKey(node, SourcePath.parse(folder.toString()));
    this.folder = folder;
    this.large = large;
    this.keepLast = keepLast;
  }

  /** Which of its versions are kept; absent: all. The same in all registrations. */
  @Nullable RetentionPolicy retention() {
    return keepLast == null
        ? null
        : new RetentionPolicy(keepLast, null, null, null, null, null, null, null);
  }

  RegistrationKey key() {
    return key;
  }

  /** Changes one of its files, or a few. */
  void change(Random random, long now) {
    try {
      int files = large && changes == 0 ? NAMES : 1 + random.nextInt(2);
      for (int i = 0; i < files; i++) {
        String name = "f" + (changes < NAMES ? changes : random.nextInt(NAMES));
        change(name, changes >= NAMES && random.nextInt(6) == 0 ? null : content(random), now);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private byte[] content(Random random) {
    byte[] pattern = ("change " + changes + " of " + key + "\n").getBytes(StandardCharsets.UTF_8);
    int size =
        large
            ? LARGE + random.nextInt(LARGE)
            : random.nextInt(4) == 0 ? 0 : pattern.length + random.nextInt(2000);
    byte[] content = new byte[size];
    for (int at = 0; at < size; at += pattern.length) {
      System.arraycopy(pattern, 0, content, at, Math.min(pattern.length, size - at));
    }
    return content;
  }

  private void change(String name, byte @Nullable [] content, long now) throws IOException {
    Files.createDirectories(folder);
    Path file = folder.resolve(name);
    if (content == null) {
      Files.deleteIfExists(file);
    } else {
      Files.write(file, content);
      Files.setLastModifiedTime(file, time(now));
    }
    Files.setLastModifiedTime(folder, time(now));
    history.computeIfAbsent(name, any -> new ArrayList<>()).add(new State(now, content));
  }

  /** Of each change another. */
  private FileTime time(long now) {
    return FileTime.from(
        Instant.parse("2020-01-01T00:00:00Z").plusNanos(now).plusNanos(1_000L * changes++));
  }

  /**
   * What of these files was never so between two times; empty: each was, at some time.
   *
   * @param files by their names
   */
  Optional<String> neverWas(Map<String, byte[]> files, long from, long to) {
    for (String name : files.keySet()) {
      if (!history.containsKey(name)) {
        return Optional.of(name + " was never there");
      }
    }
    for (Map.Entry<String, List<State>> file : history.entrySet()) {
      byte[] restored = files.get(file.getKey());
      if (states(file.getValue(), from, to).stream()
          .noneMatch(state -> Arrays.equals(state.content(), restored))) {
        return Optional.of(
            "%s was never as it came back (%s) between %.3f s and %.3f s"
                .formatted(
                    file.getKey(),
                    restored == null ? "not at all" : restored.length + " bytes",
                    from / 1e9,
                    to / 1e9));
      }
    }
    return Optional.empty();
  }

  private static List<State> states(List<State> all, long from, long to) {
    List<State> within = new ArrayList<>();
    State before = new State(0, null);
    for (State state : all) {
      if (state.since() > to) {
        break;
      } else if (state.since() <= from) {
        before = state;
      } else {
        within.add(state);
      }
    }
    within.add(before);
    return within;
  }
}
