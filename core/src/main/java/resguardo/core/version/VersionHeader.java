package resguardo.core.version;

import java.time.Instant;
import java.util.List;
import resguardo.core.JobId;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;

/**
 * The first line of a manifest: all that is said of a version as a whole.
 *
 * @param format version of the manifest's schema; 1 is the first
 * @param slot the due time that the version is for
 * @param committed when its manifest was made, by the clock of the worker
 * @param archives what its bytes lie in; one whole archive in format 1
 */
public record VersionHeader(
    int format,
    RegistrationKey registration,
    Serial serial,
    long generation,
    JobId job,
    Instant slot,
    Instant committed,
    List<ArchiveRef> archives,
    Totals totals) {
  /** The schema that this code writes. */
  public static final int FORMAT = 1;

  public VersionHeader {
    if (format != FORMAT) {
      throw new IllegalArgumentException(
          "a manifest of format " + format + "; this program reads format " + FORMAT);
    }
    archives = List.copyOf(archives);
  }

  /** The size of its archives together. */
  public long archiveBytes() {
    return archives.stream().mapToLong(ArchiveRef::bytes).sum();
  }
}
