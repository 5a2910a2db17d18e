package resguardo.core.version;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import resguardo.core.JobId;
import resguardo.core.RawPath;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.Sha256;

/**
 * The first line of a manifest: all that is said of a version as a whole.
 *
 * <p>Fields that a reader does not know say nothing that it would need: it passes over them. What
 * changes the meaning of others is another format.
 *
 * @param format version of the manifest's schema; 2 is the first that was released
 * @param slot the due time that the version is for
 * @param committed when its manifest was made, by the clock of the worker
 * @param archives what its bytes lie in, by ascending number
 * @param whole whether it has one archive, and that is this version as it is: nothing has to be
 *     composed
 * @param index SHA-256 over all lines of entries, with their newlines: unlike the fingerprint it
 *     says where everything lies
 * @param upTo of a slice, which is no version yet: the last name that was looked at; what comes
 *     after it is as the version before has it. Absent: it is a version
 * @param alarm why it is suspicious against the version before; absent: it is not, or nobody looked
 * @param imported the tarball of another program that it was made of; absent: it is a backup
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record VersionHeader(
    int format,
    RegistrationKey registration,
    Serial serial,
    long generation,
    JobId job,
    Instant slot,
    Instant committed,
    List<ArchiveRef> archives,
    boolean whole,
    Sha256 index,
    Totals totals,
    @Nullable RawPath upTo,
    @Nullable Alarm alarm,
    @Nullable Imported imported) {
  /** The schema that this code writes. */
  public static final int FORMAT = 2;

  /** Of a version. */
  public VersionHeader(
      int format,
      RegistrationKey registration,
      Serial serial,
      long generation,
      JobId job,
      Instant slot,
      Instant committed,
      List<ArchiveRef> archives,
      boolean whole,
      Sha256 index,
      Totals totals) {
    this(
        format,
        registration,
        serial,
        generation,
        job,
        slot,
        committed,
        archives,
        whole,
        index,
        totals,
        null,
        null,
        null);
  }

  /** Of a version or a slice that a worker makes. */
  public VersionHeader(
      int format,
      RegistrationKey registration,
      Serial serial,
      long generation,
      JobId job,
      Instant slot,
      Instant committed,
      List<ArchiveRef> archives,
      boolean whole,
      Sha256 index,
      Totals totals,
      @Nullable RawPath upTo,
      @Nullable Alarm alarm) {
    this(
        format,
        registration,
        serial,
        generation,
        job,
        slot,
        committed,
        archives,
        whole,
        index,
        totals,
        upTo,
        alarm,
        null);
  }

  /** The same version, which is suspicious. */
  public VersionHeader suspicious(@Nullable Alarm why) {
    return new VersionHeader(
        format,
        registration,
        serial,
        generation,
        job,
        slot,
        committed,
        archives,
        whole,
        index,
        totals,
        upTo,
        why,
        imported);
  }

  /** The same version, made of a tarball. */
  public VersionHeader of(Imported tarball) {
    return new VersionHeader(
        format,
        registration,
        serial,
        generation,
        job,
        slot,
        committed,
        archives,
        whole,
        index,
        totals,
        upTo,
        alarm,
        tarball);
  }

  public VersionHeader {
    if (format != FORMAT) {
      throw new IllegalArgumentException(
          "a manifest of format " + format + "; this program reads format " + FORMAT);
    }
    archives = List.copyOf(archives);
  }

  /** Those that its content is encrypted to; none: it is not encrypted. */
  @JsonIgnore
  public Set<String> recipients() {
    return archives.stream()
        .flatMap(archive -> archive.form().recipients().stream())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** The number of the next archive of the registration. */
  public int nextArchive() {
    return archives.stream().mapToInt(ArchiveRef::number).max().orElse(0) + 1;
  }

  /**
   * The size of the archive that came for it; 0 when no content was new. What was merged of other
   * archives does not count.
   */
  public long newBytes() {
    String own = "/" + serial.text() + "-";
    return archives.stream()
        .filter(archive -> archive.key().contains(own) && !archive.form().isMerged())
        .mapToLong(ArchiveRef::bytes)
        .sum();
  }

  /** The size of its archives together. */
  public long archiveBytes() {
    return archives.stream().mapToLong(ArchiveRef::bytes).sum();
  }
}
