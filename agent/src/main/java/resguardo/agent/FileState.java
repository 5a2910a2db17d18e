package resguardo.agent;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import resguardo.archive.SourceFile;
import resguardo.archive.SourceFolder;
import resguardo.core.Sha256;

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
  /** Equal to nothing, not even to itself. */
  static final long UNSETTLED = 0;

  /** Of what cannot be looked at: as of an empty folder, into which nobody may look. */
  static final FileState UNKNOWN =
      new FileState(040000, 0, 0, 0, 0, 1, 0, 0, FileTime.fromMillis(0), FileTime.fromMillis(0));

  /** The coarsest times of file systems in use are full seconds, of FAT two. */
  private static final Duration SETTLING = Duration.ofSeconds(2);

  private static final int FIELDS = 12;

  /** Of the file itself: a symbolic link is not followed. */
  static FileState of(Path path) throws IOException {
    FileState quickly = LinuxStat.of(path);
    return quickly == null ? byJava(path) : quickly;
  }

  /** Of what has this name in a folder, whose path from there is this: a link is not followed. */
  static FileState of(SourceFolder folder, byte[] name, Path path) throws IOException {
    FileState quickly = LinuxStat.of(folder, name, path);
    return quickly == null ? byJava(path) : quickly;
  }

  /** Of a file that is open, wherever it is by now. */
  static FileState of(SourceFile file, Path path) throws IOException {
    FileState quickly = LinuxStat.of(file.descriptor(), path);
    return quickly == null ? byJava(path) : quickly;
  }

  /** The same by what any Java has. */
  static FileState byJava(Path path) throws IOException {
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
        known((FileTime) get(seen, "lastModifiedTime")),
        known((FileTime) get(seen, "ctime")));
  }

  private static FileTime known(FileTime time) {
    return LinuxStat.time(time.to(TimeUnit.SECONDS), time.toInstant().getNano());
  }

  private static Object get(Map<String, Object> seen, String name) {
    return Objects.requireNonNull(seen.get(name), name);
  }

  /**
   * A number that stands for this state: equal numbers, equal states (but for one case in 2^64).
   *
   * @param now by this machine's clock; a file that changed within the last seconds may change
   *     again without its times telling, as they are only so fine
   * @return {@link #UNSETTLED} when it cannot stand for the content yet
   */
  long mark(Instant now) {
    Instant latest = changed.toInstant();
    if (latest.isAfter(now.minus(SETTLING))) {
      return UNSETTLED;
    }
    ByteBuffer all = ByteBuffer.allocate(FIELDS * Long.BYTES);
    all.putLong(mode).putLong(uid).putLong(gid).putLong(device).putLong(inode).putLong(links);
    all.putLong(rdev).putLong(size);
    all.putLong(modified.to(TimeUnit.SECONDS)).putLong(modified.toInstant().getNano());
    all.putLong(latest.getEpochSecond()).putLong(latest.getNano());
    long mark = ByteBuffer.wrap(Sha256.newDigest().digest(all.array())).getLong();
    return mark == UNSETTLED ? 1 : mark;
  }
}
