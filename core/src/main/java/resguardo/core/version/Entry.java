package resguardo.core.version;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Instant;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
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
 * @param user name of the owner; absent where the node knows none. Versions that were made before
 *     there was a bound may have any, see {@link #ownersCanBe}
 * @param group name of the group, as that of the owner
 * @param mtimeSeconds since 1970, negative before
 * @param mtimeNanos 0 to 999,999,999, added to the seconds
 * @param size of the content in bytes, holes included; 0 for all but files
 * @param digest of the content, of a sparse file without its holes; only files have one, and not
 *     those that could not be read
 * @param link where a symbolic link points (any bytes), or the name of the entry that a hard link
 *     is another name of
 * @param device of a character or block device
 * @param warning what is wrong with it; absent: nothing
 * @param attributes extended attributes, ACLs among them, by name, in the order of their names:
 *     names as {@link RawPath#text} writes bytes, values in base64; absent: there are none
 * @param data of a sparse file the parts that are no hole, in order; none when all of it is a hole;
 *     absent: the file has no holes
 */
@JsonPropertyOrder({
  "n", "t", "m", "u", "g", "un", "gn", "s", "ns", "z", "d", "l", "dev", "w", "x", "sp"
})
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
    @JsonProperty("w") @Nullable Warning warning,
    @JsonProperty("x") @Nullable SortedMap<String, String> attributes,
    @JsonProperty("sp") @Nullable List<Extent> data) {
  /** Of users and groups: what is above it in 32 bits stands for none. */
  public static final long LARGEST_ID = 0xFFFF_FFFEL;

  /** In characters, of names of users and groups: as long as Linux has them (LOGIN_NAME_MAX). */
  public static final int LONGEST_OWNER = 256;

  /**
   * Seconds of the latest time that Java knows, and negative of the earliest here. Some file
   * systems let anybody give a file a time beyond.
   */
  public static final long LATEST = Instant.MAX.getEpochSecond();

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
    CHANGED_WHILE_READING,
    /**
     * A file of ignore rules of which not all could be used: more is in the version than it says.
     */
    @JsonProperty("rules-not-used")
    RULES_NOT_USED,
    /** It has extended attributes that are not recorded: too large, or they could not be read. */
    @JsonProperty("attributes-left-out")
    ATTRIBUTES_LEFT_OUT
  }

  /** Whether what the archive has of it is what the file had at one moment. */
  public boolean contentIsSure() {
    return warning == null
        || warning == Warning.RULES_NOT_USED
        || warning == Warning.ATTRIBUTES_LEFT_OUT;
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
        newWarning,
        attributes,
        data);
  }

  /**
   * A file of which only the beginning was read, as if that were all: not what it is, but a base to
   * go on from.
   *
   * @param newSize how much was read
   * @param newDigest of that
   */
  public Entry begun(long newSize, Sha256 newDigest) {
    return sized(newSize).read(newDigest, Warning.CHANGED_WHILE_READING);
  }

  /** The same with another size, and without holes. */
  public Entry sized(long newSize) {
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
        newSize,
        digest,
        link,
        device,
        warning,
        attributes,
        null);
  }

  /** The same under another name, and with another link where it is one. */
  public Entry named(RawPath newName, @Nullable RawPath newLink) {
    return new Entry(
        newName,
        type,
        mode,
        uid,
        gid,
        user,
        group,
        mtimeSeconds,
        mtimeNanos,
        size,
        digest,
        newLink,
        device,
        warning,
        attributes,
        data);
  }

  /**
   * Whether a user or group can have this name. Longer ones, and ones with control characters, are
   * of no system; an absent one is none that could not be.
   */
  public static boolean isOwner(@Nullable String name) {
    return name == null
        || (name.length() <= LONGEST_OWNER && name.chars().noneMatch(Character::isISOControl));
  }

  /** Whether its user and its group can have their names. */
  public boolean ownersCanBe() {
    return isOwner(user) && isOwner(group);
  }

  /**
   * The same without what a node may have as much of as it likes and nobody looks at: names of its
   * user and its group, attributes, and where its holes are.
   */
  public Entry bare() {
    return owned(null, null, null).sized(size);
  }

  /** The same without such names of its user and its group as none has. */
  public Entry withoutOddOwners() {
    return ownersCanBe()
        ? this
        : owned(isOwner(user) ? user : null, isOwner(group) ? group : null, attributes);
  }

  private Entry owned(
      @Nullable String newUser,
      @Nullable String newGroup,
      @Nullable SortedMap<String, String> newAttributes) {
    return new Entry(
        name,
        type,
        mode,
        uid,
        gid,
        newUser,
        newGroup,
        mtimeSeconds,
        mtimeNanos,
        size,
        digest,
        link,
        device,
        warning,
        newAttributes,
        data);
  }

  /** How many bytes of content are stored: all of them, or those of a sparse file that are data. */
  public long stored() {
    return data == null ? size : data.stream().mapToLong(Extent::length).sum();
  }

  /** The numbers of a device. */
  public record Device(int major, int minor) {
    /** More than any system has, and the largest that a tar header has room for. */
    private static final int LARGEST = 07777777;

    /** Whether there can be one of these numbers. */
    public boolean fits() {
      return major >= 0 && major <= LARGEST && minor >= 0 && minor <= LARGEST;
    }
  }

  /** One that has neither extended attributes nor holes. */
  public Entry(
      RawPath name,
      Type type,
      int mode,
      long uid,
      long gid,
      @Nullable String user,
      @Nullable String group,
      long mtimeSeconds,
      int mtimeNanos,
      long size,
      @Nullable Sha256 digest,
      @Nullable RawPath link,
      @Nullable Device device,
      @Nullable Warning warning) {
    this(
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
        digest,
        link,
        device,
        warning,
        null,
        null);
  }

  private static void refuseBadAttributes(SortedMap<String, String> attributes) {
    for (Map.Entry<String, String> one : attributes.entrySet()) {
      if (RawPath.parse(one.getKey()).length() == 0) {
        throw new IllegalArgumentException("an extended attribute without a name");
      }
      Base64.getDecoder().decode(one.getValue());
    }
  }

  private static void refuseBadExtents(List<Extent> data, long size) {
    long end = 0;
    for (Extent extent : data) {
      if (extent.offset() < end) {
        throw new IllegalArgumentException("data that lies twice: at " + extent.offset());
      }
      end = extent.end();
    }
    if (end > size) {
      throw new IllegalArgumentException("data beyond the end of a file: at " + end);
    }
  }

  public Entry {
    attributes =
        attributes == null || attributes.isEmpty()
            ? null
            : Collections.unmodifiableSortedMap(new TreeMap<>(attributes));
    if (attributes != null) {
      refuseBadAttributes(attributes);
    }
    if (data != null) {
      data = List.copyOf(data);
      refuseBadExtents(data, size);
    }
    if (mtimeNanos < 0 || mtimeNanos > 999_999_999) {
      throw new IllegalArgumentException("nanoseconds are 0 to 999,999,999: " + mtimeNanos);
    }
    if (mtimeSeconds > LATEST || mtimeSeconds < -LATEST) {
      throw new IllegalArgumentException("a time that no system has: " + mtimeSeconds);
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
