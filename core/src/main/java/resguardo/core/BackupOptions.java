package resguardo.core;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a path is to be backed up, where the operator wants it other than usual. Part of a
 * registration; the worker hands it to the agent with each order.
 *
 * @param exclude what is left out: patterns in the form of a {@code .gitignore} file, the path that
 *     is backed up being their root
 * @param oneFileSystem whether other file systems that are mounted below the path are left out
 * @param codec of the archives
 * @param level of compression, as the codec counts; absent: the deflater's own choice
 * @param encryptTo recipients ({@code age1…}) of whom one is enough to read the content; none: it
 *     is not encrypted
 * @param strict whether a version that would have a warning fails instead
 * @param bandwidth how many bytes a second the agent sends at the most; absent: as many as it can
 * @param alarm from where on a version is suspicious; absent: {@link AlarmLimits#USUAL}. Of no
 *     matter to an agent
 * @param lockSeconds for how many seconds from its making, or from when it was last found to be
 *     what is there, a version and all it leans on can be removed by nobody; absent: it is not
 *     locked. Of no matter to an agent
 */
public record BackupOptions(
    List<String> exclude,
    boolean oneFileSystem,
    Codec codec,
    @Nullable Integer level,
    List<String> encryptTo,
    boolean strict,
    @Nullable Long bandwidth,
    @Nullable AlarmLimits alarm,
    @Nullable Long lockSeconds) {
  /** As usual. */
  public static final BackupOptions NONE =
      new BackupOptions(List.of(), false, Codec.GZIP, null, List.of(), false, null);

  /** All patterns of a registration go into one message, along with much else. */
  private static final int LONGEST_EXCLUDES = 16 * 1024;

  /** Each costs the node a key agreement a member: about a millisecond. */
  private static final int MOST_RECIPIENTS = 16;

  /** A key of 32 bytes in Bech32. That its checksum is right is looked at where it is used. */
  private static final Pattern RECIPIENT = Pattern.compile("age1[ac-hj-np-z02-9]{58}");

  private static final String SECRET_KEY = "AGE-";

  /** A hundred years: nobody can take back what is locked. */
  private static final long LONGEST_LOCK = 100L * 365 * 24 * 3600;

  /** Below this no chunk would arrive in the time that a worker waits for one. */
  private static final long SLOWEST = 64 * 1024;

  /** How members are compressed. */
  public enum Codec {
    /** Archives are {@code .tgz}; levels are 1 to 9. */
    @JsonProperty("gzip")
    GZIP(9),
    /** Archives are {@code .tar.zst}; levels are 1 to 19. */
    @JsonProperty("zstd")
    ZSTD(19);

    private final int highestLevel;

    Codec(int highestLevel) {
      this.highestLevel = highestLevel;
    }
  }

  /** With alarms as usual, and no lock. */
  public BackupOptions(
      List<String> exclude,
      boolean oneFileSystem,
      Codec codec,
      @Nullable Integer level,
      List<String> encryptTo,
      boolean strict,
      @Nullable Long bandwidth) {
    this(exclude, oneFileSystem, codec, level, encryptTo, strict, bandwidth, null, null);
  }

  public BackupOptions {
    alarm = AlarmLimits.USUAL.equals(alarm) ? null : alarm;
    exclude = List.copyOf(exclude);
    encryptTo = encryptTo.stream().distinct().toList();
    encryptTo.forEach(BackupOptions::refuseNoRecipient);
    exclude.forEach(IgnorePattern::check);
    if (exclude.stream().mapToInt(String::length).sum() > LONGEST_EXCLUDES) {
      throw new IllegalArgumentException(
          "patterns to exclude have at most " + LONGEST_EXCLUDES + " characters together");
    }
    if (encryptTo.size() > MOST_RECIPIENTS) {
      throw new IllegalArgumentException("at most " + MOST_RECIPIENTS + " recipients");
    }
    if (level != null && (level < 1 || level > codec.highestLevel)) {
      throw new IllegalArgumentException(
          "a level of "
              + codec.name().toLowerCase(Locale.ROOT)
              + " is 1 to "
              + codec.highestLevel
              + ": "
              + level);
    }
    if (bandwidth != null && bandwidth < SLOWEST) {
      throw new IllegalArgumentException(
          "a bandwidth is " + SLOWEST + " bytes a second or more: " + bandwidth);
    }
    if (lockSeconds != null && (lockSeconds < 1 || lockSeconds > LONGEST_LOCK)) {
      throw new IllegalArgumentException(
          "a lock is for 1 second to 100 years: " + lockSeconds + " s");
    }
  }

  /** The same, with versions locked for so long; absent: not locked. */
  public BackupOptions lockedFor(@Nullable Duration time) {
    return new BackupOptions(
        exclude,
        oneFileSystem,
        codec,
        level,
        encryptTo,
        strict,
        bandwidth,
        alarm,
        time == null ? null : time.toSeconds());
  }

  /** For how long versions are locked; empty: they are not. */
  public Optional<Duration> lockTime() {
    return Optional.ofNullable(lockSeconds).map(Duration::ofSeconds);
  }

  private static void refuseNoRecipient(String recipient) {
    if (recipient.startsWith(SECRET_KEY)) {
      // Not repeated: it would stand in logs.
      throw new IllegalArgumentException(
          "that is a secret key, and belongs to nobody but its owner; its public key is age1…");
    }
    if (!RECIPIENT.matcher(recipient).matches()) {
      throw new IllegalArgumentException(
          "a recipient is an age public key, age1…, as age-keygen prints it: " + recipient);
    }
  }

  /** The same, with alarms from other limits on; absent: as usual. */
  public BackupOptions with(@Nullable AlarmLimits limits) {
    return new BackupOptions(
        exclude, oneFileSystem, codec, level, encryptTo, strict, bandwidth, limits, lockSeconds);
  }

  /** From where on a version is suspicious. */
  public AlarmLimits alarmLimits() {
    return alarm == null ? AlarmLimits.USUAL : alarm;
  }

  /** The options that this stands for, where absent means as usual. */
  public static BackupOptions orNone(@Nullable BackupOptions options) {
    return options == null ? NONE : options;
  }

  /** The form in which they are stored and sent: absent where all is as usual. */
  public static @Nullable BackupOptions orAbsent(@Nullable BackupOptions options) {
    return NONE.equals(options) ? null : options;
  }
}
