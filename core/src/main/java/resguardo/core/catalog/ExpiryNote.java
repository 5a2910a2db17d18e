package resguardo.core.catalog;

import java.time.Instant;
import java.util.List;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.VersionHeader;

/**
 * What a version that is being expired was, as far as that is needed once its manifest is gone:
 * which archives it leaned on. They are found by it, and nothing else of the bucket is looked
 * through.
 *
 * @param version of this form: 1
 * @param slot the due time that it was for
 * @param suspicious whether there is a note of an alarm to be removed with it
 * @param archives those of its registration; what else a manifest may name is none of its business
 */
public record ExpiryNote(
    int version,
    RegistrationKey registration,
    Serial serial,
    Instant slot,
    boolean suspicious,
    List<Archive> archives) {
  /** The form that is written. */
  public static final int VERSION = 1;

  /**
   * An archive that it leaned on.
   *
   * @param name the last part of its key
   * @param bytes its size
   */
  public record Archive(String name, long bytes) {}

  public ExpiryNote {
    archives = List.copyOf(archives);
  }

  /** Of a version that is there. */
  public static ExpiryNote of(VersionHeader header) {
    RegistrationKey key = header.registration();
    return new ExpiryNote(
        VERSION,
        key,
        header.serial(),
        header.slot(),
        header.alarm() != null,
        header.archives().stream().flatMap(ref -> archive(key, ref).stream()).toList());
  }

  private static java.util.Optional<Archive> archive(RegistrationKey key, ArchiveRef ref) {
    return BucketLayout.archiveName(key, ref.key()).map(name -> new Archive(name, ref.bytes()));
  }
}
