package resguardo.worker;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.BackupOptions;
import resguardo.core.FetchJob;
import resguardo.core.RawPath;
import resguardo.core.RegistrationKey;
import resguardo.core.catalog.Alarms;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.Damage;
import resguardo.core.catalog.Slices;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Platform;
import resguardo.core.port.StoreException;
import resguardo.core.port.Tracing;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.ManifestWriter;
import resguardo.core.version.Totals;
import resguardo.core.version.VersionHeader;

/**
 * The end of an attempt: what came becomes a version, or a slice of one, unless it is too late.
 * What came before it can be repeated without harm.
 */
final class Commitment {
  /**
   * Whoever takes longer to write a manifest was held up. What nothing names is swept after six
   * hours, of which five may have gone by.
   */
  private static final Duration PROMPT = Duration.ofMinutes(10);

  private static final Logger LOG = LoggerFactory.getLogger(Commitment.class);

  private final ArchiveStore store;
  private final VersionCatalog versions;
  private final Slices slices;
  private final Platform platform;
  private final FetchJob job;
  private final RegistrationKey key;
  private final Claim claim;
  private final Damages damages;

  Commitment(WorkerContext context, FetchJob job, Claim claim, Damages damages) {
    this.store = context.store();
    this.versions = new VersionCatalog(store);
    this.slices = new Slices(store);
    this.platform = context.platform();
    this.job = job;
    this.key = job.registration();
    this.claim = claim;
    this.damages = damages;
  }

  /**
   * What is to be said of the version, or the slice of it.
   *
   * @param whole whether it is one archive that has all of it
   * @param upTo how far it comes; absent: to the end
   */
  VersionHeader header(
      Footing footing, Merging.Ready ready, boolean whole, Totals totals, @Nullable RawPath upTo) {
    return new VersionHeader(
        VersionHeader.FORMAT,
        key,
        footing.serial(),
        job.generation(),
        job.id(),
        job.slot(),
        platform.clock().instant(),
        ready.archives(),
        whole,
        ready.index(),
        totals,
        upTo,
        null);
  }

  /** Why nothing is to be written any more; empty while it is. */
  private Optional<JobOutcome> tooLate(Footing footing, VersionHeader header) throws IOException {
    Optional<JobOutcome> over = claim.over();
    if (over.isPresent()) {
      return over;
    } else if (!footing.stands()) {
      return Optional.of(returned("the slice that it began at is gone"));
    } else if (footing.isOvertaken()) {
      return Optional.of(returned("there are versions after " + footing.serial() + " already"));
    }
    List<ArchiveRef> came = new ArrayList<>(header.archives());
    came.removeAll(footing.archives());
    for (ArchiveRef archive : came) {
      Optional<String> problem = StoredArchives.problem(store, archive);
      if (problem.isPresent()) {
        return Optional.of(returned("what came was swept, as it took too long: " + problem.get()));
      }
    }
    return Optional.empty();
  }

  private static JobOutcome returned(String why) {
    return new JobOutcome.Returned(JobOutcome.Returned.Reason.UNAVAILABLE, why);
  }

  /** Keeps what came as a slice, from which the next attempt goes on. */
  JobOutcome keep(ManifestWriter manifest, Footing footing, VersionHeader header)
      throws IOException {
    Optional<JobOutcome> tooLate = tooLate(footing, header);
    if (tooLate.isPresent()) {
      return tooLate.get();
    }
    Slices.Slice slice = new Slices.Slice(footing.nextSlice(), header);
    try {
      slices.put(slice, manifest.finish(header));
    } catch (StoreException.ConditionFailed taken) {
      // By another attempt (or by our own write, whose answer was lost): the next goes on from it.
      LOG.debug("slice {} was taken", slice.key(), taken);
    }
    return new JobOutcome.Sliced(
        slice.number(), header.upTo(), header.newBytes(), header.totals().entries());
  }

  /** Makes the version, where nobody was faster. */
  JobOutcome commit(ManifestWriter manifest, Footing footing, VersionHeader header)
      throws IOException {
    try (Tracing.Step step = platform.tracing().begin("commit")) {
      return written(manifest, footing, header);
    }
  }

  private JobOutcome written(ManifestWriter manifest, Footing footing, VersionHeader header)
      throws IOException {
    BackupOptions before = claim.asked();
    Instant begun = platform.clock().instant();
    long begunNanos = platform.nanoTime();
    Optional<JobOutcome> tooLate = tooLate(footing, header);
    if (tooLate.isPresent()) {
      return tooLate.get();
    } else if (!Set.copyOf(before.encryptTo()).equals(Set.copyOf(claim.asked().encryptTo()))) {
      return returned("it is to be encrypted otherwise since");
    }
    if (header.alarm() != null) {
      new Alarms(store).note(key, header.serial());
    }
    try {
      store.putIfAbsent(BucketLayout.manifest(key, header.serial()), manifest.finish(header));
      // A machine that sleeps stops one of the clocks.
      boolean prompt =
          platform.clock().instant().isBefore(begun.plus(PROMPT))
              && platform.nanoTime() - begunNanos < PROMPT.toNanos();
      Optional<JobOutcome> swept = prompt ? Optional.empty() : swept(header);
      if (swept.isPresent()) {
        return swept.get();
      }
      damages.healed(footing, header.serial());
      return committed(header, note(footing));
    } catch (StoreException.ConditionFailed taken) {
      VersionHeader winner =
          versions
              .header(key, header.serial())
              .orElseThrow(() -> new IOException("a manifest vanished", taken));
      return winner.job().equals(job.id())
          ? committed(
              winner,
              note(footing)) // another attempt at this job, or our own write whose answer was lost
          : returned("version " + header.serial() + " was taken by another job");
    }
  }

  /**
   * What has become of a version that is there when what it leans on is not: nobody is told that it
   * was made, and the next is brought whole. Empty: all is there.
   */
  private Optional<JobOutcome> swept(VersionHeader version) throws IOException {
    Optional<JobOutcome> failed = Optional.empty();
    for (ArchiveRef archive : version.archives()) {
      Optional<String> problem = StoredArchives.problem(store, archive);
      if (problem.isPresent()) {
        damages.found(Damage.Part.whole(archive.key()));
        failed = Optional.of(lacking(version, problem.get()));
      }
    }
    return failed;
  }

  /** How a job ends whose version is there and lacks something, in words. */
  static JobOutcome lacking(VersionHeader version, String what) {
    return new JobOutcome.Failed("version " + version.serial() + " is there and lacks: " + what);
  }

  private static @Nullable String note(Footing footing) {
    Mending mending = footing.mending();
    return mending != null
        ? mending.told()
        : footing.damage().map(what -> "all was brought anew: " + what).orElse(null);
  }

  /**
   * To be called of a version that is there: locks it, as is asked for.
   *
   * @param note what is to be known of it; absent: nothing
   */
  JobOutcome committed(VersionHeader header, @Nullable String note) throws IOException {
    claim.locking().committed(header);
    return new JobOutcome.Committed(
        header.serial(),
        header.newBytes(),
        header.totals().entries(),
        header.totals().bytes(),
        note,
        header.alarm());
  }
}
