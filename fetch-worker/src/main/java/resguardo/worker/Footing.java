package resguardo.worker;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.core.BackupOptions;
import resguardo.core.RawPath;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.Damage;
import resguardo.core.catalog.DamageBook;
import resguardo.core.catalog.DamagedException;
import resguardo.core.catalog.Slices;
import resguardo.core.catalog.Status;
import resguardo.core.catalog.StatusBook;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.Platform;
import resguardo.core.port.StoreException;
import resguardo.core.protocol.AgentOrder;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.stream.StreamBrokenException;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.Entry;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.Totals;
import resguardo.core.version.VersionHeader;

/**
 * What an attempt goes on from: the newest slice of the next version where one was begun, by
 * whichever job; else the newest version; else nothing. Not from one of which an archive is gone,
 * or has another length, and without the lines that lean on what is known to be damaged: so the
 * next version is whole again, whatever was lost.
 */
final class Footing implements Receiving.Base, AutoCloseable {
  /** A set of so little content is always brought whole: that is a message, and plain to read. */
  private static final long SMALL_SET = 256 * 1024;

  private final VersionCatalog versions;
  private final RegistrationKey key;
  private final Slices slices;
  private final BackupOptions asked;

  /** The number of the newest version; absent: there is none. */
  private final @Nullable Serial newest;

  /** The newest version; absent also when its manifest does not say what it is. */
  private final @Nullable VersionHeader version;

  private final Slices.Begun begun;
  private final @Nullable String damage;
  private final boolean sliceIsDamaged;

  /** What is known to be damaged that the newest version, or the slice, may lean on. */
  private final @Nullable Damage lookedFor;

  /** The base without what is damaged; absent: nothing of it leans on that. */
  private @Nullable Mending mending;

  private Footing(
      VersionCatalog versions,
      RegistrationKey key,
      Slices slices,
      BackupOptions asked,
      @Nullable Serial newest,
      @Nullable VersionHeader version,
      Slices.Begun begun,
      @Nullable String damage,
      boolean sliceIsDamaged,
      @Nullable Damage lookedFor) {
    this.versions = versions;
    this.key = key;
    this.slices = slices;
    this.asked = asked;
    this.newest = newest;
    this.version = version;
    this.begun = begun;
    this.damage = damage;
    this.sliceIsDamaged = sliceIsDamaged;
    this.lookedFor = lookedFor;
  }

  /**
   * As the bucket has it now.
   *
   * @param asked how the archive that comes is to be written
   * @param spool where a base is written without what of it is damaged
   */
  static Footing find(
      ArchiveStore store, RegistrationKey key, BackupOptions asked, Platform platform, Path spool)
      throws IOException, InterruptedException {
    VersionCatalog versions = new VersionCatalog(store);
    Slices slices = new Slices(store);
    Status status = new StatusBook(store).known(key).orElse(null);
    Serial newest = versions.latest(key, status == null ? null : status.lastVersion()).orElse(null);
    VersionHeader version = newest == null ? null : header(store, versions, key, newest);
    Serial next = newest == null ? Serial.first() : newest.next();
    Slices.Begun begun = slices.begun(key, next, status == null ? null : status.lastSuccess());
    Slices.Slice slice = begun.newest();
    Damage known =
        damage(store, key).filter(it -> newest == null || it.isOpen(newest)).orElse(null);
    Footing footing =
        new Footing(
            versions,
            key,
            slices,
            asked,
            newest,
            version,
            begun,
            newest != null && isIn(known, BucketLayout.manifest(key, newest))
                ? "the manifest of version " + newest + " is damaged"
                : damage(store, version, platform),
            slice != null && isIn(known, slice.key())
                || damage(store, slice == null ? null : slice.header(), platform) != null,
            known);
    footing.mend(spool);
    return footing;
  }

  /**
   * The newest version. A manifest that does not say what it is is noted as damaged: the version
   * after it leans on nothing of it.
   *
   * @return absent: nobody can say what it is
   * @throws IOException when it is of a newer program, whose versions this one does not make anew
   */
  private static @Nullable VersionHeader header(
      ArchiveStore store, VersionCatalog versions, RegistrationKey key, Serial newest)
      throws IOException {
    try {
      return versions
          .header(key, newest)
          .orElseThrow(
              () -> new StoreException.Unavailable("version " + newest + " vanished", null));
    } catch (DamagedException e) {
      if (versions.isOfAnotherProgram(key, newest)) {
        throw new IOException(
            "version " + newest + " was written by another program: " + e.getMessage(), e);
      }
      new DamageBook(store)
          .found(key, List.of(Damage.Part.whole(BucketLayout.manifest(key, newest).value())));
      return null;
    }
  }

  private static Optional<Damage> damage(ArchiveStore store, RegistrationKey key)
      throws IOException {
    try {
      return new DamageBook(store).find(key);
    } catch (DamagedException unreadable) {
      return Optional.empty(); // the next check writes it anew
    }
  }

  private static boolean isIn(@Nullable Damage known, ObjectKey object) {
    return known != null && known.isIn(object);
  }

  private void mend(Path spool) throws IOException {
    if (lookedFor == null || header() == null) {
      return;
    }
    try (ManifestReader lines = lines()) {
      mending = Mending.of(lookedFor, lines, spool);
    } catch (MalformedMessageException e) {
      throw new DamagedException(baseKey(), e.getMessage());
    }
  }

  /** Where the lines of the base lie. */
  ObjectKey baseKey() {
    Slices.Slice slice = slice();
    return slice != null
        ? slice.key()
        : BucketLayout.manifest(
            Objects.requireNonNull(version).registration(),
            Objects.requireNonNull(version).serial());
  }

  /** What of its base is brought again; absent: nothing is damaged that it leans on. */
  @Nullable Mending mending() {
    return mending;
  }

  /** What is known to be damaged, and was looked for; absent: nothing that counts for the base. */
  @Nullable Damage lookedFor() {
    return lookedFor;
  }

  @Override
  public ManifestReader open() throws IOException {
    return lines();
  }

  @Override
  public IOException damaged(MalformedMessageException why) {
    return new DamagedException(baseKey(), why.getMessage());
  }

  @Override
  public void came(Entry entry) {
    if (mending != null) {
      mending.came(entry);
    }
  }

  @Override
  public void close() throws IOException {
    if (mending != null) {
      mending.close();
    }
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

  /** The newest version; empty when there is none, or nobody can say what it is. */
  Optional<VersionHeader> version() {
    return Optional.ofNullable(version);
  }

  /** The number of the version that is being made. */
  Serial serial() {
    return newest == null ? Serial.first() : newest.next();
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
    if (mending != null) {
      return mending.header();
    }
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
    if (mending != null) {
      return mending.lines();
    }
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
    return slice() == null && known() != null && mending == null;
  }

  /** Whether a set of these totals is as the newest version has it. */
  boolean isNewestVersion(Totals totals) {
    VersionHeader known = known();
    boolean sound = lookedFor == null || isNewestVersion();
    return sound && known != null && known.totals().fingerprint().equals(totals.fingerprint());
  }

  /** As they were added up when it was made. To be asked where there is one. */
  Totals newestTotals() {
    return Objects.requireNonNull(known()).totals();
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
   * @throws StreamBrokenException unless a slice ends beyond this, or further on in the same file,
   *     at a name that can be one of it
   */
  void refuseStandstill(StreamMessage.Sliced next) throws StreamBrokenException {
    if (next.upTo().length() > RawPath.LONGEST
        || !next.upTo().isAtOrBelow(key.path().memberName())) {
      throw malformed("a slice that ends at no name of what is backed up");
    }
    AgentOrder.Base base = base();
    RawPath before = base == null ? null : base.upTo();
    int ahead = before == null ? 1 : next.upTo().compareTo(before);
    if (ahead < 0 || ahead == 0 && next.archiveBytes() == 0) {
      throw malformed("a slice that ends where the one before it did");
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
    return versions.latest(key, newest).filter(last -> last.compareTo(serial()) > 0).isPresent();
  }

  private static StreamBrokenException malformed(String why) {
    return new StreamBrokenException(StreamBrokenException.Kind.MALFORMED, why);
  }
}
