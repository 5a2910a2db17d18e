package resguardo.worker;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.archive.Deflaters;
import resguardo.archive.LiveMembers;
import resguardo.core.FetchJob;
import resguardo.core.Peer;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.Texts;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.DamagedException;
import resguardo.core.catalog.StagingNote;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.Platform;
import resguardo.core.port.ReplyChannel;
import resguardo.core.port.StoreException;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.stream.ChunkReceiver;
import resguardo.core.stream.StreamBrokenException;
import resguardo.core.version.Alarm;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.ManifestWriter;
import resguardo.core.version.Totals;
import resguardo.core.version.VersionHeader;
import resguardo.infra.runtime.ActivityLog;
import resguardo.worker.alarm.Suspicion;

/**
 * One attempt at one job: claim → base → ask → receive → verify → upload → compare → commit, or
 * keep as a slice what came. What comes before the commit can be repeated without harm, and what
 * comes after it is found done by whoever repeats it.
 */
final class BackupFlow {
  /** What an agent says of a failure: a sentence, and the last words of a hook. */
  private static final int LONGEST_REASON = 2000;

  private final ActivityLog activity;
  private final ArchiveStore store;
  private final VersionCatalog versions;
  private final ReplyChannel replies;
  private final Path spool;
  private final Platform platform;
  private final FetchJob job;
  private final RegistrationKey key;
  private final ReplyId attempt;
  private final Damages damages;
  private final Claim claim;
  private final Fetching fetching;
  private final Commitment commitment;

  BackupFlow(WorkerContext context, FetchJob job) {
    this.activity = context.activity();
    this.store = context.store();
    this.versions = new VersionCatalog(store);
    this.replies = context.replies();
    this.spool = context.spool();
    this.platform = context.platform();
    this.attempt = platform.newId();
    this.job = job;
    this.key = job.registration();
    this.damages = new Damages(store, activity, job);
    this.claim = new Claim(context, job);
    this.fetching = new Fetching(context, job, attempt);
    this.commitment = new Commitment(context, job, claim, damages);
  }

  /** How many entries have come so far. */
  long entries() {
    return fetching.entries();
  }

  /** How many bytes have come so far. */
  long bytes() {
    return fetching.bytes();
  }

  /**
   * Makes the attempt.
   *
   * @throws InterruptedException when the worker ends: the job is to be handed back
   */
  JobOutcome run() throws InterruptedException {
    try {
      Optional<JobOutcome> over = claim.over();
      if (over.isPresent()) {
        return over.get();
      }
      Optional<String> unlockable = claim.locking().refusal();
      if (unlockable.isPresent()) {
        return new JobOutcome.Failed(unlockable.get());
      }
      try (Footing footing = Footing.find(store, key, claim.asked(), platform, spool)) {
        return fetched(footing);
      }
    } catch (DamagedException e) {
      return damages.met(e);
    } catch (StreamBrokenException e) {
      return new JobOutcome.Returned(JobOutcome.Returned.Reason.BROKEN, e.getMessage());
    } catch (BrokerException | StoreException e) {
      return new JobOutcome.Returned(JobOutcome.Returned.Reason.UNAVAILABLE, e.getMessage());
    } catch (IOException e) {
      return new JobOutcome.Failed(String.valueOf(e.getMessage()));
    }
  }

  private JobOutcome fetched(Footing footing) throws IOException, InterruptedException {
    Optional<VersionHeader> newest = footing.version();
    if (newest.isPresent() && newest.get().job().equals(job.id())) {
      // By an attempt that died before it could say so.
      return footing.damage().isPresent()
          ? Commitment.lacking(newest.get(), footing.damage().get())
          : commitment.committed(newest.get(), null);
    } else if (newest.isPresent() && !newest.get().slot().isBefore(job.slot())) {
      // Published by a coordinator that had been overtaken and did not know it yet.
      return new JobOutcome.Cancelled("version " + newest.get().serial() + " is of a later slot");
    }
    if (newest.isPresent()) {
      claim.locking().before(newest.get());
    }
    footing.damage().ifPresent(what -> activity.tell(job, "brings all anew: " + what));
    if (footing.mending() != null) {
      activity.tell(job, "brings again what is damaged of its base");
    }
    try (ReplyChannel.Mailbox mailbox =
        replies.open(attempt, ChunkReceiver.capacity(ChunkReceiver.WINDOW))) {
      ChunkReceiver stream =
          new ChunkReceiver(mailbox, Peer.agent(key.node()), ChunkReceiver.WINDOW, fetching::grant);
      if (!fetching.order(footing, claim.ofAgent(), stream)) {
        return new JobOutcome.Returned(
            JobOutcome.Returned.Reason.AGENT_SILENT,
            "the agent of " + key.node() + " did not answer");
      }
      return received(stream, footing);
    } catch (IOException | InterruptedException e) {
      fetching.cancel(e);
      throw e;
    }
  }

  private JobOutcome received(ChunkReceiver stream, Footing footing)
      throws IOException, InterruptedException {
    ObjectKey archive = archiveKey(footing, attempt);
    try (ManifestWriter manifest = new ManifestWriter(spool, Deflaters.ofLines()::member);
        Receiving receiving =
            new Receiving(
                key.path().memberName(),
                manifest,
                footing.archives(),
                footing,
                footing.nextArchive(),
                () -> beginUpload(archive, attempt));
        Merging merging =
            new Merging(store, spool, what -> activity.tell(job, what), damages::found)) {
      StreamMessage last = fetching.receive(stream, receiving, footing);
      if (last instanceof StreamMessage.Failed failed) {
        return notSent(failed);
      }
      if (last instanceof StreamMessage.Sliced slice) {
        footing.refuseStandstill(slice);
      }
      Totals totals = totals(last, receiving, footing);
      boolean sliced = last instanceof StreamMessage.Sliced;
      if (!sliced && footing.isNewestVersion(totals)) {
        // It may have changed back while the agent looked, or since a slice: what came is given up.
        VersionHeader there = footing.version().orElseThrow();
        claim.locking().needed(there);
        damages.healed(footing, there.serial());
        return new JobOutcome.Unchanged(there.serial(), totals.entries(), totals.bytes());
      }
      List<ArchiveRef> archives = archives(last, receiving, footing, archive);
      boolean whole =
          !sliced && archives.size() == 1 && footing.isBroughtWhole() && receiving.isComplete();
      Merging.Ready ready =
          merged(
              merging,
              new Merging.Ready(manifest, archives, receiving.index()),
              receiving.live(),
              footing);
      return last instanceof StreamMessage.Sliced slice
          ? commitment.keep(
              ready.lines(),
              footing,
              commitment.header(footing, ready, false, totals, slice.upTo()))
          : commitment.commit(
              ready.lines(),
              footing,
              commitment
                  .header(footing, ready, whole, totals, null)
                  .suspicious(alarm(footing, receiving, manifest, totals)));
    }
  }

  /**
   * Why the version is suspicious against the one before; absent: it is not.
   *
   * @param lines as they came: nothing lies elsewhere than before because archives were merged
   */
  private @Nullable Alarm alarm(
      Footing footing, Receiving receiving, ManifestWriter lines, Totals totals)
      throws IOException {
    if (footing.version().isEmpty()) {
      return null;
    }
    VersionHeader before = footing.version().get();
    Suspicion suspicion = new Suspicion(claim.asked().alarmLimits(), before, totals);
    Suspicion.News news =
        footing.isNewestVersion()
            ? new Suspicion.News(
                before.totals().entries() - receiving.kept(),
                receiving.archiveBytes(),
                footing.isBroughtWhole())
            : Suspicion.News.UNKNOWN;
    try {
      return suspicion
          .look(news, () -> versions.manifest(key, before.serial()), lines::readBack)
          .orElse(null);
    } catch (DamagedException | MalformedMessageException | StoreException.NotFound damaged) {
      // What is wrong with a version that is there keeps no other from being made. What is older
      // is held until somebody has looked.
      activity.tell(
          job, "could not compare with version " + before.serial() + ": " + damaged.getMessage());
      return suspicion.uncompared().orElse(null);
    }
  }

  private ObjectKey archiveKey(Footing footing, ReplyId tag) {
    boolean encrypted = !claim.asked().encryptTo().isEmpty();
    return BucketLayout.archive(key, footing.serial(), tag, claim.asked().codec(), encrypted);
  }

  /** What came, as it was added up here. */
  private Totals totals(StreamMessage last, Receiving receiving, Footing footing)
      throws IOException {
    if (last instanceof StreamMessage.Unchanged unchanged) {
      footing.refuseOther(unchanged.totals());
      return footing.isNewestVersion(unchanged.totals())
          ? footing.newestTotals()
          : receiving.allOfBase(unchanged.totals().entries()); // slices have brought all of it
    }
    return receiving.verified(sent(last), claim.asked());
  }

  private static StreamMessage.Finished sent(StreamMessage last) throws StreamBrokenException {
    if (last instanceof StreamMessage.Sliced sliced) {
      return sliced.sent();
    } else if (last instanceof StreamMessage.Finished finished) {
      return finished;
    }
    throw new StreamBrokenException(
        StreamBrokenException.Kind.MALFORMED, "the agent ends with what ends no backup");
  }

  private List<ArchiveRef> archives(
      StreamMessage last, Receiving receiving, Footing footing, ObjectKey archive)
      throws IOException {
    List<ArchiveRef> needed = new ArrayList<>(receiving.needed(footing.archives()));
    if (receiving.completeUpload()) {
      StreamMessage.Finished sent = sent(last);
      needed.add(
          new ArchiveRef(
              footing.nextArchive(),
              archive.value(),
              sent.archiveBytes(),
              sent.archiveDigest(),
              Objects.requireNonNull(sent.form())));
    }
    return needed;
  }

  private Merging.Ready merged(
      Merging merging, Merging.Ready came, LiveMembers live, Footing footing) throws IOException {
    ReplyId tag = platform.newId(); // its archive and its note are not those of what came
    ObjectKey archive = archiveKey(footing, tag);
    return merging.merged(
        came, live, footing.nextArchive(), archive, () -> beginUpload(archive, tag));
  }

  private ArchiveStore.Upload beginUpload(ObjectKey archive, ReplyId tag) throws IOException {
    ArchiveStore.Upload upload = store.startUpload(archive);
    StagingNote note = new StagingNote(key, archive.value(), upload.id());
    store.put(BucketLayout.staging(job.id(), tag), Content.of(Json.write(note)));
    return upload;
  }

  private static JobOutcome notSent(StreamMessage.Failed failed) {
    String why = Texts.cut(failed.why(), LONGEST_REASON); // it is told, kept and shown
    return switch (failed.kind()) {
      case SOURCE_MISSING, NOT_ALLOWED, WARNED, IMPOSSIBLE, HOOK_FAILED ->
          new JobOutcome.Failed(why);
      case STOPPING -> new JobOutcome.Returned(JobOutcome.Returned.Reason.UNAVAILABLE, why);
      default -> new JobOutcome.Returned(JobOutcome.Returned.Reason.BROKEN, why);
    };
  }
}
