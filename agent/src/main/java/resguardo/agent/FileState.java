package resguardo.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Objects;

/**
 * What {@code lstat} tells of a file.
 *
 * @param mode with the bits of its type
 * @param changed the time of the last change of content or metadata (ctime), which no program can
 *     set back
 */
record FileState(
    int mode,
    long uid,
    long gid,
    long device,
    long inode,
    int links,
    long rdev,
    long size,
    FileTime modified,
    FileTime changed) {

  /** Of the file itself: a symbolic link is not followed. */
  static FileState of(Path path) throws IOException {
    Map<String, Object> seen =
        Files.readAttributes(
            path,
            "unix:mode,uid,gid,dev,ino,nlink,rdev,size,lastModifiedTime,ctime",
            LinkOption.NOFOLLOW_LINKS);
    return new FileState(
        (Integer) get(seen, "mode"),
        Integer.toUnsignedLong((Integer) get(seen, "uid")),
        Integer.toUnsignedLong((Integer) get(seen, "gid")),
        (Long) get(seen, "dev"),
        (Long) get(seen, "ino"),
        (Integer) get(seen, "nlink"),
        (Long) get(seen, "rdev"),
        (Long) get(seen, "size"),
        (FileTime) get(seen, "lastModifiedTime"),
        (FileTime) get(seen, "ctime"));
  }

  private static Object get(Map<String, Object> seen, String name) {
    return Objects.requireNonNull(seen.get(name), name);
  }
}
