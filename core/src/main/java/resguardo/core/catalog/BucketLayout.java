package resguardo.core.catalog;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import resguardo.core.BackupOptions;
import resguardo.core.JobId;
import resguardo.core.RawPath;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.Serial;
import resguardo.core.Sha256;
import resguardo.core.port.ObjectKey;

/**
 * Where everything lies in the bucket; the only place that makes and reads object keys.
 *
 * <p>A path is mirrored as folders, so that a person can browse them. In a folder's name the bytes
 * outside {@code [A-Za-z0-9._-]} are percent-encoded; so {@code @} is free to mark where the path
 * ends. Names longer than {@link #LONGEST_NAME} when encoded, and paths longer than {@link
 * #LONGEST_PATH}, are cut and end in {@code ~} and 32 digits of their SHA-256, because file systems
 * stop at 255 bytes for a name and S3 at 1024 for a key.
 */
public final class BucketLayout {
  /** All archives lie under here. */
  public static final String ARCHIVES = "archives/";

  /** The manifests of all versions lie under here. */
  public static final String MANIFESTS = "manifests/";

  /** What says who leads lies under here. */
  public static final String LEASES = "lease/";

  /** All registrations lie under here. */
  public static final String REGISTRY = "registry/";

  /** The statuses of all registrations lie under here. */
  public static final String STATUSES = "status/";

  /** The records of all commands lie under here, by the day. */
  public static final String AUDIT = "audit/";

  private static final String EXPIRY_AUDIT_END = ".expired.json";

  /** Records of what was expired, as policies of an S3 say it. */
  public static final String EXPIRY_AUDIT = AUDIT + "*" + EXPIRY_AUDIT_END;

  /** The notes of which versions are suspicious lie under here. Workers write them. */
  public static final String ALARMS = "alarms/";

  /** What drills have shown lies under here. Workers write it. */
  public static final String PROVEN = "proven/";

  /** The notes of what is damaged lie under here. Workers write them. */
  public static final String DAMAGE = "damage/";

  /**
   * The words of operators about suspicious versions lie under here, and not beside the notes: only
   * coordinators have to be able to write them.
   */
  public static final String ACCEPTED = "accepted/";

  /** What operators set for the whole fleet lies under here. */
  public static final String SETTINGS = "settings/";

  /** Pauses and limits. */
  public static final ObjectKey FLEET = new ObjectKey(SETTINGS + "fleet.json");

  /**
   * What is said of versions that are being expired lies under here. Only who expires them writes
   * it.
   */
  public static final String EXPIRING = "expiring/";

  /** What the last look of who expires versions came to; no node is called so. */
  public static final ObjectKey EXPIRY_ROUND = new ObjectKey(EXPIRING + "round.json");

  /** Says which coordinator leads. */
  public static final ObjectKey LEASE = new ObjectKey(LEASES + "coordinator.json");

  /** All unfinished work lies under here. */
  public static final String STAGING = "staging/";

  /**
   * What lies under here is replaced all the time: a store that keeps what was replaced would keep
   * far more of it than of anything else.
   */
  public static final List<String> REPLACED_OFTEN = List.of(LEASES, REGISTRY, STATUSES, STAGING);

  static final int LONGEST_NAME = 200;
  static final int LONGEST_PATH = 700;

  /** Manifests of versions in the making lie under here; no job has an id like this. */
  public static final String SLICES = STAGING + "slices/";

  /** Notes of copies that are being made lie under here; no job has an id like this. */
  public static final String COPIES = STAGING + "copies/";

  private static final String END_OF_PATH = "@";
  private static final int CUT_NAME = 160;
  private static final int HASH_DIGITS = 32;
  private static final int TAG_DIGITS = 8;
  private static final DateTimeFormatter AUDIT_TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd/HHmmss.SSS", Locale.ROOT);
  private static final Pattern MANIFEST_NAME = Pattern.compile("([0-9xyz][0-9]{5,9})\\.json\\.gz");
  private static final Pattern SLICE_NAME =
      Pattern.compile("([0-9xyz][0-9]{5,9})-([0-9xyz][0-9]{5,9})\\.json\\.gz");
  private static final Pattern NOTE_NAME = Pattern.compile("([0-9xyz][0-9]{5,9})\\.json");
  private static final Pattern ARCHIVE_NAME =
      Pattern.compile("([0-9xyz][0-9]{5,9})-[0-9a-f]{8}\\.(?:tgz|tar\\.zst)(?:\\.age)?");

  private BucketLayout() {}

  /** The registration object of this key. */
  public static ObjectKey registration(RegistrationKey key) {
    return new ObjectKey(REGISTRY + folder(key) + "/@.json");
  }

  /** The note of what is damaged of the versions of this key. */
  public static ObjectKey damage(RegistrationKey key) {
    return new ObjectKey(DAMAGE + folder(key) + "/@.json");
  }

  /** What drills of versions of this key have shown. */
  public static ObjectKey proof(RegistrationKey key) {
    return new ObjectKey(PROVEN + folder(key) + "/@.json");
  }

  /** The status object of this key. */
  public static ObjectKey status(RegistrationKey key) {
    return new ObjectKey(STATUSES + folder(key) + "/@.json");
  }

  /** The prefix under which the manifests of this key lie, and nothing else. */
  public static String manifests(RegistrationKey key) {
    return MANIFESTS + folder(key) + "/" + END_OF_PATH + "/";
  }

  /** The manifest of this version: its commit point. */
  public static ObjectKey manifest(RegistrationKey key, Serial serial) {
    return new ObjectKey(manifests(key) + serial.text() + ".json.gz");
  }

  /**
   * The number of the version whose manifest has this key; empty for a key that is no manifest's.
   */
  public static Optional<Serial> serialOf(ObjectKey manifest) {
    return serial(MANIFEST_NAME, manifest);
  }

  private static Optional<Serial> serial(Pattern pattern, ObjectKey key) {
    String name = key.value().substring(key.value().lastIndexOf('/') + 1);
    Matcher matcher = pattern.matcher(name);
    try {
      return matcher.matches() ? Optional.of(Serial.parse(matcher.group(1))) : Optional.empty();
    } catch (IllegalArgumentException notASerial) {
      return Optional.empty();
    }
  }

  /**
   * An archive for this version. Each attempt has a tag of its own in it, so that two workers at
   * the same job never write the same object and an archive is written once, on stores without
   * conditional completion too.
   *
   * @param tag the attempt's reply id; its first 8 digits are used
   * @param codec of the archive: its name ends as people know such archives
   * @param encrypted whether its members are age files
   */
  public static ObjectKey archive(
      RegistrationKey key,
      Serial serial,
      ReplyId tag,
      BackupOptions.Codec codec,
      boolean encrypted) {
    String made = serial.text() + "-" + tag.value().substring(0, TAG_DIGITS);
    String name = made + suffix(codec) + (encrypted ? ".age" : "");
    return new ObjectKey(archives(key) + name);
  }

  /**
   * What a slice is called.
   *
   * @param serial of the version in the making
   * @param number 1 for the first slice, one more for each next
   */
  public record SliceName(Serial serial, Serial number) {}

  /** The prefix under which the slices of versions of this key lie, and nothing else. */
  public static String slices(RegistrationKey key) {
    return SLICES + folder(key) + "/" + END_OF_PATH + "/";
  }

  /** The manifest of a slice: it is a base to go on from, and never a version. */
  public static ObjectKey slice(RegistrationKey key, SliceName name) {
    return new ObjectKey(
        slices(key) + name.serial().text() + "-" + name.number().text() + ".json.gz");
  }

  /** What the slice of this key is called; empty for a key that is no slice's. */
  public static Optional<SliceName> sliceOf(ObjectKey slice) {
    String name = slice.value().substring(slice.value().lastIndexOf('/') + 1);
    Matcher matcher = SLICE_NAME.matcher(name);
    try {
      return slice.value().startsWith(SLICES) && matcher.matches()
          ? Optional.of(
              new SliceName(Serial.parse(matcher.group(1)), Serial.parse(matcher.group(2))))
          : Optional.empty();
    } catch (IllegalArgumentException notNumbers) {
      return Optional.empty();
    }
  }

  private static String suffix(BackupOptions.Codec codec) {
    return switch (codec) {
      case GZIP -> ".tgz";
      case ZSTD -> ".tar.zst";
    };
  }

  /** The number of the version that an archive was made for; empty when it is no archive's key. */
  public static Optional<Serial> serialOfArchive(ObjectKey archive) {
    return serial(ARCHIVE_NAME, archive);
  }

  /** The prefix under which the archives of this key lie, and nothing else. */
  public static String archives(RegistrationKey key) {
    return ARCHIVES + folder(key) + "/" + END_OF_PATH + "/";
  }

  /**
   * The name of an archive among those of its key; empty when the object is none, or lies
   * elsewhere.
   */
  public static Optional<String> archiveName(RegistrationKey key, String archive) {
    String prefix = archives(key);
    return archive.startsWith(prefix)
            && ARCHIVE_NAME.matcher(archive.substring(prefix.length())).matches()
        ? Optional.of(archive.substring(prefix.length()))
        : Optional.empty();
  }

  /**
   * The prefix under which it is said which versions of this key are to be expired, or have been,
   * and nothing else.
   */
  public static String expiring(RegistrationKey key, Expiring.Stage stage) {
    return EXPIRING + stage.word() + "/" + folder(key) + "/" + END_OF_PATH + "/";
  }

  /** The note that this version is to be expired, or has been. */
  public static ObjectKey expiring(RegistrationKey key, Serial serial, Expiring.Stage stage) {
    return new ObjectKey(expiring(key, stage) + serial.text() + ".json");
  }

  /** The number of the version that a note is of; empty for a key that is no such note's. */
  public static Optional<Serial> serialOfNote(ObjectKey note) {
    return serial(NOTE_NAME, note);
  }

  /** The prefix under which the notes of suspicious versions of this key lie, and nothing else. */
  public static String alarms(RegistrationKey key) {
    return ALARMS + folder(key) + "/" + END_OF_PATH + "/";
  }

  /** The note that this version is suspicious. */
  public static ObjectKey alarm(RegistrationKey key, Serial serial) {
    return new ObjectKey(alarms(key) + serial.text() + ".json");
  }

  /**
   * The prefix under which the words about suspicious versions of this key lie, and nothing else.
   */
  public static String acceptances(RegistrationKey key) {
    return ACCEPTED + folder(key) + "/" + END_OF_PATH + "/";
  }

  /** The word of an operator that this version is as it should be. */
  public static ObjectKey acceptance(RegistrationKey key, Serial serial) {
    return acceptanceOf(alarm(key, serial));
  }

  /** The word that belongs to the note of this key. */
  static ObjectKey acceptanceOf(ObjectKey alarm) {
    return new ObjectKey(ACCEPTED + alarm.value().substring(ALARMS.length()));
  }

  /** The note of an attempt about the upload it has begun. */
  public static ObjectKey staging(JobId job, ReplyId attempt) {
    return new ObjectKey(STAGING + job + "/" + attempt + ".json");
  }

  /**
   * The note of a copy of an archive that another bucket is being given. A repeat has the same key:
   * it finds what the one before left unfinished.
   */
  public static ObjectKey copying(ObjectKey archive) {
    return new ObjectKey(COPIES + archive + ".json");
  }

  /**
   * The name people know a version by when they download it: {@code <node>-<path with
   * ->000042.tgz}.
   */
  public static String downloadName(RegistrationKey key, Serial serial) {
    return key.node() + key.path().text().replaceAll("[/\\p{Cntrl}]", "-") + serial.text() + ".tgz";
  }

  /**
   * The record of a command. By its name it sorts by time; it has no {@code :}, which is no name
   * everywhere.
   *
   * @param time when it was taken
   * @param id of this taking
   */
  public static ObjectKey audit(Instant time, ReplyId id) {
    return audit(time, id, ".json");
  }

  /**
   * The record of versions that go. The end of its name is another: so the key of whoever expires
   * them can write these, and none of commands.
   *
   * @param time when it begins
   * @param id of this deed
   */
  public static ObjectKey expiryAudit(Instant time, ReplyId id) {
    return audit(time, id, EXPIRY_AUDIT_END);
  }

  private static ObjectKey audit(Instant time, ReplyId id, String end) {
    String tag = id.value().substring(0, TAG_DIGITS);
    return new ObjectKey(auditBefore(time).value() + "-" + tag + end);
  }

  /** A key that comes before all records of this time and later, and after all others. */
  static ObjectKey auditBefore(Instant time) {
    return new ObjectKey(AUDIT + AUDIT_TIME.format(time.atOffset(ZoneOffset.UTC)));
  }

  private static String folder(RegistrationKey key) {
    StringBuilder out = new StringBuilder(key.node().value());
    for (RawPath name : key.path().components()) {
      out.append('/').append(folderName(name));
    }
    if (out.length() <= LONGEST_PATH) {
      return out.toString();
    }
    String kept = out.substring(0, LONGEST_PATH - HASH_DIGITS - CUT_NAME);
    return kept.substring(0, kept.lastIndexOf('/')) + "/~" + hash(key.path().raw());
  }

  private static String folderName(RawPath name) {
    String encoded = encoded(name.bytes());
    if (encoded.length() <= LONGEST_NAME) {
      return encoded;
    }
    return encoded.substring(0, CUT_NAME) + "~" + hash(name);
  }

  private static String encoded(byte[] bytes) {
    StringBuilder out = new StringBuilder(bytes.length);
    for (byte b : bytes) {
      char c = (char) (b & 0xff);
      boolean plain =
          c < 0x80 && (Character.isLetterOrDigit(c) || c == '.' || c == '_' || c == '-');
      out.append(plain ? String.valueOf(c) : String.format("%%%02X", (int) c));
    }
    return out.toString();
  }

  private static String hash(RawPath path) {
    return Sha256.of(path.bytes()).hex().substring(0, HASH_DIGITS);
  }

  /** The bytes of a key, as stores count them. */
  static int bytes(ObjectKey key) {
    return key.value().getBytes(StandardCharsets.UTF_8).length;
  }
}
