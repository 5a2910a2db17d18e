package resguardo.admin.notify;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What was told over which channel, kept in a file so that one that starts anew does not tell all
 * again. A file that cannot be read is as none: then all is told once more.
 */
public final class Told {
  private static final ObjectMapper JSON = new ObjectMapper().registerModule(new JavaTimeModule());

  private static final Set<PosixFilePermission> OWNER =
      PosixFilePermissions.fromString("rw-------");

  private final Path file;
  private final State state;

  /** A trouble that was told. */
  record Line(Trouble trouble, Instant last) {}

  /** As it stands in the file. */
  @JsonAutoDetect(fieldVisibility = JsonAutoDetect.Visibility.ANY)
  static final class State {
    /** By channel, and then by the id of the trouble. */
    final Map<String, Map<String, Line>> channels = new TreeMap<>();

    /** The last slot that each ping was told of, by its address's digest. */
    final Map<String, Instant> pings = new TreeMap<>();
  }

  private Told(Path file, State state) {
    this.file = file;
    this.state = state;
  }

  /**
   * What this file says.
   *
   * @throws IOException when it cannot be read though it is there
   */
  public static Told of(Path file) throws IOException {
    try {
      return new Told(file, JSON.readValue(Files.readAllBytes(file), State.class));
    } catch (NoSuchFileException e) {
      return new Told(file, new State());
    } catch (com.fasterxml.jackson.core.JacksonException damaged) {
      return new Told(file, new State());
    }
  }

  /** What was told over this channel and is not known to be over, by the id of the trouble. */
  Map<String, Line> over(String channel) {
    return state.channels.computeIfAbsent(channel, any -> new TreeMap<>());
  }

  /** The last slots that pings were told of. */
  Map<String, Instant> pings() {
    return state.pings;
  }

  /** Keeps it: whole or not at all. */
  void save() throws IOException {
    Path part = file.resolveSibling(file.getFileName() + ".part");
    Files.deleteIfExists(part);
    Files.createFile(part, PosixFilePermissions.asFileAttribute(OWNER)); // it holds reasons
    Files.write(part, JSON.writeValueAsBytes(state));
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
