package resguardo.core.version;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import org.jspecify.annotations.Nullable;
import resguardo.core.RawPath;
import resguardo.core.Sha256;

/**
 * One file, folder, link or special file of a version: one line of the manifest.
 *
 * @param name in the archive: the absolute path on the node without its leading slash; empty only
 *     for {@code /}
 * @param mode permission bits with setuid, setgid and sticky ({@code 07777})
 * @param uid numeric owner, as unsigned 32 bit
 * @param gid numeric group, as unsigned 32 bit
 * @param user name of the owner; absent where the node knows none
 * @param group name of the group; absent where the node knows none
 * @param mtimeSeconds since 1970, negative before
 * @param mtimeNanos 0 to 999,999,999, added to the seconds
 * @param size of the content in bytes; 0 for all but files
 * @param digest of the content; only files have one, and not those that could not be read
 * @param link where a symbolic link points (any bytes), or the name of the entry that a hard link
 *     is another name of
 * @param device of a character or block device
 * @param warning what is wrong with it; absent: nothing
 */
@JsonPropertyOrder({"n", "t", "m", "u", "g", "un", "gn", "s", "ns", "z", "d", "l", "dev", "w"})
public record Entry(
    @JsonProperty("n") RawPath name,
    @JsonProperty("t") Type type,
    @JsonProperty("m") int mode,
    @JsonProperty("u") long uid,
    @JsonProperty("g") long gid,
    @JsonProperty("un") @Nullable String user,
    @JsonProperty("gn") @Nullable String group,
    @JsonProperty("s") long mtimeSeconds,
    @JsonProperty("ns") int mtimeNanos,
    @JsonProperty("z") long size,
    @JsonProperty("d") @Nullable Sha256 digest,
    @JsonProperty("l") @Nullable RawPath link,
    @JsonProperty("dev") @Nullable Device device,
    @JsonProperty("w") @Nullable Warning warning) {

  /** What kind of thing it is. */
  public enum Type {
    @JsonProperty("f")
    FILE,
    @JsonProperty("d")
    FOLDER,
    @JsonProperty("l")
    SYMLINK,
    @JsonProperty("h")
    HARD_LINK,
    @JsonProperty("p")
    FIFO,
    /** Recorded only: tar has no form for it. */
    @JsonProperty("s")
    SOCKET,
    @JsonProperty("c")
    CHARACTER_DEVICE,
    @JsonProperty("b")
    BLOCK_DEVICE
  }

  /** What is wrong with an entry. */
  public enum Warning {
    /**
     * It is there but could not be read: not in the archive. Counts as its content for the
     * fingerprint.
     */
    @JsonProperty("unreadable")
    UNREADABLE,
    /** It changed while it was read, twice: the archive has what was read. */
    @JsonProperty("changed-while-reading")
    CHANGED_WHILE_READING
  }

  /** The same with another digest and warning. */
  public Entry read(@Nullable Sha256 newDigest, @Nullable Warning newWarning) {
    return new Entry(
        name,
        type,
        mode,
        uid,
        gid,
        user,
        group,
        mtimeSeconds,
        mtimeNanos,
        size,
        newDigest,
        link,
        device,
        newWarning);
  }

  /** The numbers of a device. */
  public record Device(int major, int minor) {}

  public Entry {
    if (mtimeNanos < 0 || mtimeNanos > 999_999_999) {
      throw new IllegalArgumentException("nanoseconds are 0 to 999,999,999: " + mtimeNanos);
    }
    if (size < 0) {
      throw new IllegalArgumentException("a size is 0 or more: " + size);
    }
    if ((mode & ~07777) != 0) {
      throw new IllegalArgumentException(
          "a mode has no bits beyond 07777: " + Integer.toOctalString(mode));
    }
  }
}
