package resguardo.worker;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.core.BackupOptions;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.catalog.Slices;
import resguardo.core.catalog.Status;
import resguardo.core.catalog.StatusBook;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Platform;
import resguardo.core.port.StoreException;
import resguardo.core.protocol.AgentOrder;
import resguardo.core.stream.StreamBrokenException;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.Totals;
import resguardo.core.version.VersionHeader;

/**
 * What an attempt goes on from: the newest slice of the next version where one was begun, by
 * whichever job; else the newest version; else nothing. Not from one of which an archive is gone,
 * or has another length: so the next version is whole again, whatever was lost.
 */
final class Footing {
  /** A set of so little content is always brought whole: that is a message, and plain to read. */
  private static final long SMALL_SET = 256 * 1024;

  private final VersionCatalog versions;
  private final RegistrationKey key;
  private final Slices slices;
  private final BackupOptions asked;
  private final @Nullable VersionHeader version;
  private final Slices.Begun begun;
  private final @Nullable String damage;
  private final boolean sliceIsDamaged;

  private Footing(
      VersionCatalog versions,
      RegistrationKey key,
      Slices slices,
      BackupOptions asked,
      @Nullable VersionHeader version,
      Slices.Begun begun,
      @Nullable String damage,
      boolean sliceIsDamaged) {
    this.versions = versions;
    this.key = key;
    this.slices = slices;
    this.asked = asked;
    this.version = version;
    this.begun = begun;
    this.damage = damage;
    this.sliceIsDamaged = sliceIsDamaged;
  }

  /**
   * As the bucket has it now.
   *
   * @param asked how the archive that comes is to be written
   */
  static Footing find(
      ArchiveStore store, RegistrationKey key, BackupOptions asked, Platform platform)
      throws IOException, InterruptedException {
    VersionCatalog versions = new VersionCatalog(store);
    Slices slices = new Slices(store);
    Status status = new StatusBook(store).find(key).orElse(null);
    Optional<Serial> newest = versions.latest(key, status == null ? null : status.lastVersion());
    VersionHeader version =
        newest.isEmpty() ? null : versions.header(key, newest.get()).orElse(null);
    Serial next = version == null ? Serial.first() : version.serial().next();
    Slices.Begun begun = slices.begun(key, next, status == null ? null : status.lastSuccess());
    Slices.Slice slice = begun.newest();
    return new Footing(
        versions,
        key,
        slices,
        asked,
        version,
        begun,
        damage(store, version, platform),
        damage(store, slice == null ? null : slice.header(), platform) != null);
  }

  private static @Nullable String damage(
      ArchiveStore store, @Nullable VersionHeader header, Platform platform)
      throws IOException, InterruptedException {
    return header == null
        ? null
        : StoredArchives.firstProblem(store, header.archives(), platform).orElse(null);
  }

  /** What is wrong with the newest version, so that all is brought anew; empty when nothing is. */
  Optional<String> damage() {
    return Optional.ofNullable(damage);
  }

  /** The newest version; empty when there is none. */
  Optional<VersionHeader> version() {
    return Optional.ofNullable(version);
  }

  /** The number of the version that is being made. */
  Serial serial() {
    return version == null ? Serial.first() : version.serial().next();
  }

  /** The number of the next slice of it. */
  Serial nextSlice() {
    return begun.next();
  }

  /**
   * Absent when there is none that is whole, of the codec and for the recipients that are asked.
   */
  private Slices.@Nullable Slice slice() {
    Slices.Slice newest = begun.newest();
    boolean usable =
        newest != null
            && !sliceIsDamaged
            && isEncryptedAsAsked(newest.header())
            && isPackedAsAsked(newest.header());
    return usable ? newest : null;
  }

  /**
   * The newest version, as far as it may be gone on from: not at all when it is damaged, or
   * encrypted to others than is asked for. Then everything is brought anew, even what did not
   * change.
   */
  private @Nullable VersionHeader known() {
    return version != null && damage == null && isEncryptedAsAsked(version) ? version : null;
  }

  private @Nullable VersionHeader header() {
    Slices.Slice slice = slice();
    return slice == null ? known() : slice.header();
  }

  private boolean isEncryptedAsAsked(VersionHeader header) {
    return header.archives().stream().allMatch(ref -> ref.form().isEncryptedTo(asked.encryptTo()));
  }

  private boolean isPackedAsAsked(VersionHeader header) {
    return header.archives().stream().allMatch(ref -> ref.form().codec() == asked.codec());
  }

  /** What the agent is told of it; absent when there is nothing. */
  AgentOrder.@Nullable Base base() {
    VersionHeader header = header();
    return header == null
        ? null
        : new AgentOrder.Base(header.totals().fingerprint(), header.index(), header.upTo());
  }

  /** The archives in which its content lies. */
  List<ArchiveRef> archives() {
    VersionHeader header = header();
    return header == null ? List.of() : header.archives();
  }

  /** The number for the archive that comes. */
  int nextArchive() {
    VersionHeader header = header() == null ? version : header();
    return header == null ? 1 : header.nextArchive();
  }

  /** Whether everything is to come, with no regard to what is there. */
  boolean isBroughtWhole() {
    VersionHeader known = known();
    return slice() == null
        && (known == null || known.totals().bytes() <= SMALL_SET || !isPackedAsAsked(known));
  }

  /**
   * Its lines; the caller closes them.
   *
   * @throws StreamBrokenException when there is nothing
   */
  ManifestReader lines() throws IOException {
    Slices.Slice slice = slice();
    VersionHeader known = known();
    if (slice != null) {
      return slices.manifest(slice);
    } else if (known != null) {
      return versions.manifest(known.registration(), known.serial());
    }
    throw malformed("the agent speaks of a base where there is none");
  }

  /** Whether its lines are those of the newest version. */
  boolean isNewestVersion() {
    return slice() == null && known() != null;
  }

  /** Whether a set of these totals is as the newest version has it. */
  boolean isNewestVersion(Totals totals) {
    VersionHeader known = known();
    return known != null && known.totals().fingerprint().equals(totals.fingerprint());
  }

  /**
   * @throws StreamBrokenException unless a set of these totals is as this has it
   */
  void refuseOther(Totals totals) throws StreamBrokenException {
    AgentOrder.Base base = base();
    if (base == null || !base.fingerprint().equals(totals.fingerprint())) {
      throw malformed("the agent says unchanged, but against another base");
    }
  }

  /**
   * Whether it still is there: what a slice names is kept for no longer than the slice is, and some
   * hours.
   */
  boolean stands() throws StoreException {
    Slices.Slice slice = slice();
    return slice == null || slices.exists(slice);
  }

  /**
   * Whether there are versions after the one that is being made: then it came too late, and its
   * number may be free only because the version that had it was expired since. One of its own
   * number alone is left to the commit to find, as it may be of the same job.
   */
  boolean isOvertaken() throws StoreException {
    return versions
        .latest(key, version == null ? null : version.serial())
        .filter(newest -> newest.compareTo(serial()) > 0)
        .isPresent();
  }

  private static StreamBrokenException malformed(String why) {
    return new StreamBrokenException(StreamBrokenException.Kind.MALFORMED, why);
  }
}
