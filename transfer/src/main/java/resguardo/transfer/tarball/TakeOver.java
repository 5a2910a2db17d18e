package resguardo.transfer.tarball;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import resguardo.core.BackupOptions;
import resguardo.core.RawPath;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.Sha256;
import resguardo.core.catalog.Registry;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Platform;
import resguardo.core.version.Imported;
import resguardo.core.version.VersionHeader;

/**
 * Takes the tarballs of a registration over, from the oldest to the newest: each becomes one
 * version. It goes by what is in the bucket alone, so that to run it again is to go on: a tarball
 * whose digest stands in a version, with its name or its time, is done.
 */
public final class TakeOver {
  /** Clocks differ. */
  private static final Duration AHEAD = Duration.ofMinutes(5);

  private final ArchiveStore store;
  private final Path spool;
  private final ExecutorService threads;
  private final Platform platform;
  private final Wanted wanted;
  private final Consumer<Step> told;
  private int taken;
  private int known;
  private int refused;

  /**
   * @param spool a folder with room for what is in the largest tarball, not compressed
   * @param threads compress
   * @param told hears of each tarball, in order
   */
  public TakeOver(
      ArchiveStore store,
      Path spool,
      ExecutorService threads,
      Platform platform,
      Wanted wanted,
      Consumer<Step> told) {
    this.store = store;
    this.spool = spool;
    this.threads = threads;
    this.platform = platform;
    this.wanted = wanted;
    this.told = told;
  }

  /**
   * What is to be done.
   *
   * @param inside the folder in each tarball that stands for the path; absent: found by itself
   * @param options how archives are written; absent: as the registration says, or as usual
   * @param dryRun nothing is written
   * @param skipBroken one that cannot be taken over is passed over; otherwise it is the last
   * @param largest how many bytes a tarball may have, unpacked; absent: as there is room
   */
  public record Wanted(
      RegistrationKey key,
      @Nullable RawPath inside,
      @Nullable BackupOptions options,
      boolean dryRun,
      boolean skipBroken,
      @Nullable Long largest) {}

  /** What has become of a tarball, or would. */
  public enum Outcome {
    /** It is a version now. */
    MADE,
    /** It was one before. */
    KNOWN,
    /** It would be made one. */
    PLANNED,
    /** It cannot be. */
    REFUSED
  }

  /**
   * A tarball, and what has become of it.
   *
   * @param version absent where there is none
   * @param note for people; empty: nothing to be said
   */
  public record Step(
      Tarball tarball, Outcome outcome, @Nullable VersionHeader version, String note) {}

  /** How many became versions, were before, and could not. */
  public record Summary(int made, int known, int refused) {}

  /** Takes them over. */
  public Summary run(List<Tarball> tarballs) throws IOException, InterruptedException {
    Optional<Registration> registration = new Registry(store).find(wanted.key());
    BackupOptions options =
        wanted.options() != null
            ? wanted.options()
            : BackupOptions.orNone(registration.map(Registration::options).orElse(null));
    VersionMaker maker =
        new VersionMaker(
            store,
            spool,
            threads,
            platform,
            wanted.key(),
            registration.map(Registration::generation).orElse(1L),
            options);
    Map<Sha256, List<VersionHeader>> done = new HashMap<>();
    VersionHeader newest = look(done);
    List<Optional<VersionHeader>> made = new ArrayList<>();
    for (Tarball tarball : tarballs) {
      made.add(Optional.ofNullable(done(done, tarball)));
    }
    for (int i = 0; i < tarballs.size(); i++) {
      Tarball tarball = tarballs.get(i);
      VersionHeader before = made.get(i).orElse(null);
      if (before != null) {
        known++;
        told.accept(
            new Step(tarball, Outcome.KNOWN, before, "is version " + before.serial() + " already"));
        continue;
      }
      try {
        boolean last = made.subList(i, made.size()).stream().allMatch(Optional::isEmpty);
        Tarball timed = timed(tarball, newest, last);
        VersionHeader version = take(maker, timed, newest);
        newest = version == null ? newest : version;
        taken++;
      } catch (TarballException e) {
        refused++;
        told.accept(new Step(tarball, Outcome.REFUSED, null, String.valueOf(e.getMessage())));
        if (!wanted.skipBroken()) {
          break;
        }
      }
    }
    return new Summary(taken, known, refused);
  }

  /** The version of a tarball; absent: there is none. It may have got another name or time. */
  private static @Nullable VersionHeader done(
      Map<Sha256, List<VersionHeader>> done, Tarball tarball) throws IOException {
    for (VersionHeader version :
        done.getOrDefault(ReadTarball.digestOf(tarball.file()), List.of())) {
      Imported imported = version.imported();
      if (version.slot().equals(tarball.slot())
          || imported != null && imported.name().equals(tarball.name())) {
        return version;
      }
    }
    return null;
  }

  /** The newest version, and those that were made of tarballs. */
  private @Nullable VersionHeader look(Map<Sha256, List<VersionHeader>> done) throws IOException {
    VersionCatalog versions = new VersionCatalog(store);
    VersionHeader newest = null;
    for (Serial serial : versions.serials(wanted.key())) {
      Optional<VersionHeader> header = versions.header(wanted.key(), serial);
      newest = header.orElse(newest);
      Imported imported = header.isEmpty() ? null : header.get().imported();
      if (imported != null) {
        done.computeIfAbsent(imported.digest(), digest -> new ArrayList<>()).add(header.get());
      }
    }
    return newest;
  }

  /**
   * The tarball with a time that comes after that of the newest version.
   *
   * @param last whether no version is of a tarball that comes after it
   */
  private Tarball timed(Tarball tarball, @Nullable VersionHeader newest, boolean last)
      throws TarballException {
    Instant slot = tarball.slot();
    if (newest != null && !slot.isAfter(newest.slot())) {
      boolean follows = tarball.numbered() && newest.imported() != null && last;
      if (!follows) {
        throw new TarballException(
            "it is of "
                + slot
                + ", and version "
                + newest.serial()
                + " of "
                + newest.slot()
                + " is there: only later ones can follow");
      }
      slot = newest.slot().plusSeconds(1); // its file has lost its time, but not its number
    }
    if (slot.isAfter(platform.clock().instant().plus(AHEAD))) {
      throw new TarballException("it is of a time that is still to come: " + slot);
    }
    return tarball.at(slot);
  }

  private @Nullable VersionHeader take(
      VersionMaker maker, Tarball tarball, @Nullable VersionHeader newest)
      throws IOException, InterruptedException {
    ReadTarball.Bound bound = ReadTarball.Bound.of(wanted.largest(), spool);
    try (ReadTarball read = new ReadTarball(tarball.file(), spool, bound)) {
      TarballSet set = TarballSet.of(read, wanted.key().path(), wanted.inside());
      String note = note(read, set);
      if (wanted.dryRun()) {
        told.accept(new Step(tarball, Outcome.PLANNED, null, note));
        return null;
      }
      VersionHeader version = maker.make(tarball, read, set, newest);
      told.accept(new Step(tarball, Outcome.MADE, version, note));
      return version;
    }
  }

  private static String note(ReadTarball read, TarballSet set) {
    List<String> notes = new ArrayList<>();
    notes.add(set.items().size() + " entries");
    if (set.leftOut() > 0) {
      notes.add(set.leftOut() + " that are not of the path left out");
    }
    if (read.replaced() > 0) {
      notes.add(read.replaced() + " replaced by later ones of the same name");
    }
    long warned = set.items().stream().filter(item -> item.entry().warning() != null).count();
    if (warned > 0) {
      notes.add(warned + " with attributes that could not be kept");
    }
    return String.join(", ", notes);
  }
}
