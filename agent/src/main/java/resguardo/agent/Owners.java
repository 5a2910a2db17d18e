package resguardo.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.core.version.Entry;

/**
 * Names of users and groups, asked of the system by a file that is theirs. Those that were needed
 * last are remembered: files of one owner mostly lie together, and a set may have as many owners as
 * there are numbers. For one thread.
 */
final class Owners {
  /** Users, and groups, that are remembered. */
  static final int MOST = 4096;

  private final Lookup system;
  private final Map<Long, Optional<String>> users = new Recent();
  private final Map<Long, Optional<String>> groups = new Recent();

  /** What knows names. */
  interface Lookup {
    /**
     * The name of the owner of a file, or its number as text where it has none.
     *
     * @param user whether it is the user; else it is the group
     * @throws IOException when the file is gone, or cannot be looked at
     */
    String owner(Path path, boolean user) throws IOException;
  }

  private static final class Recent extends LinkedHashMap<Long, Optional<String>> {
    private static final long serialVersionUID = 1;

    Recent() {
      super(16, 0.75f, true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<Long, Optional<String>> eldest) {
      return size() > MOST;
    }
  }

  /** As this system knows them. */
  Owners() {
    this(Owners::ofFile);
  }

  Owners(Lookup system) {
    this.system = system;
  }

  private static String ofFile(Path path, boolean user) throws IOException {
    PosixFileAttributes seen =
        Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    return user ? seen.owner().getName() : seen.group().getName();
  }

  /**
   * The name of the user of this number; absent where there is none, or none that a worker takes.
   *
   * @param path a file of theirs
   */
  @Nullable String user(Path path, long id) {
    return users.computeIfAbsent(id, any -> name(path, id, true)).orElse(null);
  }

  /** The same of a group. */
  @Nullable String group(Path path, long id) {
    return groups.computeIfAbsent(id, any -> name(path, id, false)).orElse(null);
  }

  /** How many names of users, and that there are none, are remembered. */
  int remembered() {
    return users.size();
  }

  private Optional<String> name(Path path, long id, boolean user) {
    try {
      String name = system.owner(path, user);
      boolean none = name.equals(String.valueOf(id)) || !Entry.isOwner(name);
      return none ? Optional.empty() : Optional.of(name);
    } catch (IOException gone) {
      return Optional.empty();
    }
  }
}
