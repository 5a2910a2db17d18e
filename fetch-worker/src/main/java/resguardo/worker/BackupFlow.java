package resguardo.worker;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.archive.Deflaters;
import resguardo.archive.LiveMembers;
import resguardo.core.BackupOptions;
import resguardo.core.FetchJob;
import resguardo.core.Peer;
import resguardo.core.RawPath;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.SliceLimit;
import resguardo.core.Texts;
import resguardo.core.catalog.Alarms;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.DamagedException;
import resguardo.core.catalog.Registry;
import resguardo.core.catalog.Slices;
import resguardo.core.catalog.StagingNote;
import resguardo.core.catalog.Status;
import resguardo.core.catalog.StatusBook;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.AgentChannel;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.Platform;
import resguardo.core.port.ReplyChannel;
import resguardo.core.port.StoreException;
import resguardo.core.port.Tracing;
import resguardo.core.protocol.AgentOrder;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.stream.ChunkReceiver;
import resguardo.core.stream.StreamBrokenException;
import resguardo.core.version.Alarm;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.ManifestReader;
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
  /** An agent that is alive takes an order at once; one that is busy says so within this time. */
  private static final Duration ANSWER = Duration.ofSeconds(10);

  /** An agent gives a sign of life every 2 seconds. */
  private static final Duration SILENCE = Duration.ofSeconds(30);

  /** A good compromise on loopback and LAN; memory is this times the window. */
  private static final int CHUNK = 512 * 1024;

  /** What an agent says of a failure: a sentence, and the last words of a hook. */
  private static final int LONGEST_REASON = 2000;

  private static final Logger LOG = LoggerFactory.getLogger(BackupFlow.class);

  private final ActivityLog activity;
  private final ArchiveStore store;
  private final Registry registry;
  private final StatusBook statuses;
  private final VersionCatalog versions;
  private final AgentChannel agents;
  private final ReplyChannel replies;
  private final Slices slices;
  private final SliceLimit sliceLimit;
  private final Duration patience;
  private final @Nullable Duration longestLock;
  private final Path spool;
  private final Platform platform;
  private final FetchJob job;
  private final RegistrationKey key;
  private final ReplyId attempt;
  private final Damages damages;

  /** Of the registration as it stands now; known once it is looked whether the job is over. */
  private @Nullable BackupOptions options;

  private final AtomicLong entries = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();

  BackupFlow(WorkerContext context, FetchJob job) {
    this.activity = context.activity();
    this.store = context.store();
    this.registry = new Registry(store);
    this.statuses = new StatusBook(store);
    this.versions = new VersionCatalog(store);
    this.agents = context.agents();
    this.replies = context.replies();
    this.slices = new Slices(store);
    this.sliceLimit = context.slices();
    this.patience = context.patience();
    this.longestLock = context.longestLock();
    this.spool = context.spool();
    this.platform = context.platform();
    this.attempt = platform.newId();
    this.job = job;
    this.key = job.registration();
    this.damages = new Damages(store, activity, job);
  }

  /** How many entries have come so far. */
  long entries() {
    return entries.get();
  }

  /** How many bytes have come so far. */
  long bytes() {
    return bytes.get();
  }

  /**
   * Makes the attempt.
   *
   * @throws InterruptedException when the worker ends: the job is to be handed back
   */
  JobOutcome run() throws InterruptedException {
    try {
      Optional<JobOutcome> over = alreadyOver();
      if (over.isPresent()) {
        return over.get();
      }
      Optional<String> unlockable = locking().refusal();
      if (unlockable.isPresent()) {
        return new JobOutcome.Failed(unlockable.get());
      }
      try (Footing footing = Footing.find(store, key, asked(), platform, spool)) {
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

  private Optional<JobOutcome> alreadyOver() throws IOException {
    Optional<Registration> registration = registry.find(key);
    if (registration.isEmpty() || !registration.get().active()) {
      return Optional.of(new JobOutcome.Cancelled("it is no longer registered"));
    }
    options = registration.get().options();
    Optional<Status> status = statuses.find(key);
    if (status.isPresent() && !status.get().lastSlot().isBefore(job.slot())) {
      return Optional.of(new JobOutcome.DoneBefore());
    }
    return Optional.empty();
  }

  private JobOutcome fetched(Footing footing) throws IOException, InterruptedException {
    Optional<VersionHeader> newest = footing.version();
    if (newest.isPresent() && newest.get().job().equals(job.id())) {
      return committed(newest.get(), null); // by an attempt that died before it could say so
    } else if (newest.isPresent() && !newest.get().slot().isBefore(job.slot())) {
      // Published by a coordinator that had been overtaken and did not know it yet.
      return new JobOutcome.Cancelled("version " + newest.get().serial() + " is of a later slot");
    }
    if (newest.isPresent()) {
      locking().before(newest.get());
    }
    footing.damage().ifPresent(what -> activity.tell(job, "brings all anew: " + what));
    if (footing.mending() != null) {
      activity.tell(job, "brings again what is damaged of its base");
    }
    try (ReplyChannel.Mailbox mailbox =
        replies.open(attempt, ChunkReceiver.capacity(ChunkReceiver.WINDOW))) {
      ChunkReceiver stream =
          new ChunkReceiver(mailbox, Peer.agent(key.node()), ChunkReceiver.WINDOW, this::grant);
      if (!orderIsTaken(footing, stream)) {
        return new JobOutcome.Returned(
            JobOutcome.Returned.Reason.AGENT_SILENT,
            "the agent of " + key.node() + " did not answer");
      }
      return received(stream, footing);
    } catch (IOException | InterruptedException e) {
      cancel(e);
      throw e;
    }
  }

  private boolean orderIsTaken(Footing footing, ChunkReceiver stream)
      throws IOException, InterruptedException {
    try (Tracing.Step step = platform.tracing().begin("order from agent")) {
      ask(footing);
      boolean accepted = accepted(stream);
      if (!accepted) {
        step.failed("no answer");
      }
      return accepted;
    }
  }

  private void ask(Footing footing) throws BrokerException {
    AgentOrder order =
        new AgentOrder.ScanAndSend(
            job,
            attempt,
            ChunkReceiver.WINDOW,
            CHUNK,
            footing.base(),
            footing.nextArchive(),
            footing.isBroughtWhole(),
            sliceLimit,
            options == null ? null : options.with(null),
            platform.clock().instant().plus(ANSWER));
    agents.prepare(key.node());
    try {
      agents.send(key.node(), order);
    } catch (BrokerException.Unroutable lost) {
      throw new BrokerException.Unroutable(
          "the broker has no queue of " + key.node() + "; a coordinator makes it for the next try");
    }
  }

  private BackupOptions asked() {
    return BackupOptions.orNone(options);
  }

  private Locking locking() {
    return new Locking(store, platform.clock(), asked().lockTime(), longestLock);
  }

  private void grant(long upTo) {
    try {
      agents.send(key.node(), new AgentOrder.Credit(attempt, upTo));
    } catch (BrokerException e) {
      // The next credit says all that this one does; without any, the stream falls silent and is
      // given up.
    }
  }

  private void cancel(Exception why) {
    try {
      agents.send(key.node(), new AgentOrder.Cancel(attempt, String.valueOf(why.getMessage())));
    } catch (BrokerException e) {
      // The agent finds out by itself, when no credit comes.
    }
  }

  private boolean accepted(ChunkReceiver stream) throws IOException, InterruptedException {
    try {
      ChunkReceiver.Piece first = stream.receive(ANSWER);
      grant(ChunkReceiver.WINDOW); // shows an agent whose clock is wrong that somebody waits
      return first instanceof ChunkReceiver.Said said
          && said.message() instanceof StreamMessage.Accepted;
    } catch (StreamBrokenException e) {
      if (e.kind() == StreamBrokenException.Kind.SILENT) {
        return false;
      }
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
      StreamMessage last = receiveAllAsStep(stream, receiving, footing);
      if (last instanceof StreamMessage.Failed failed) {
        return notSent(failed);
      }
      if (last instanceof StreamMessage.Sliced slice) {
        refuseStandstill(slice, footing);
      }
      Totals totals = totals(last, receiving, footing);
      boolean sliced = last instanceof StreamMessage.Sliced;
      if (!sliced && footing.isNewestVersion(totals)) {
        // It may have changed back while the agent looked, or since a slice: what came is given up.
        if (footing.version().isPresent()) {
          locking().needed(footing.version().get());
          damages.healed(footing, footing.version().get().serial());
        }
        return new JobOutcome.Unchanged(totals.entries(), totals.bytes());
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
          ? keep(ready.lines(), footing, header(footing, ready, false, totals, slice.upTo()))
          : commit(
              ready.lines(),
              footing,
              header(footing, ready, whole, totals, null)
                  .suspicious(alarm(footing, receiving, ready.lines(), totals)));
    }
  }

  /** Why the version is suspicious against the one before; absent: it is not. */
  private @Nullable Alarm alarm(
      Footing footing, Receiving receiving, ManifestWriter lines, Totals totals)
      throws IOException {
    if (footing.version().isEmpty()) {
      return null;
    }
    VersionHeader before = footing.version().get();
    Suspicion suspicion = new Suspicion(asked().alarmLimits(), before, totals);
    Suspicion.News news =
        footing.isNewestVersion()
            ? new Suspicion.News(
                before.totals().entries() - receiving.kept(), receiving.archiveBytes())
            : Suspicion.News.UNKNOWN;
    try {
      return suspicion
          .look(news, () -> versions.manifest(key, before.serial()), lines::readBack)
          .orElse(null);
    } catch (DamagedException | MalformedMessageException | StoreException.NotFound damaged) {
      // What is wrong with a version that is there keeps no other from being made.
      activity.tell(
          job, "could not compare with version " + before.serial() + ": " + damaged.getMessage());
      return suspicion.lookAtTotals().orElse(null);
    }
  }

  private ObjectKey archiveKey(Footing footing, ReplyId tag) {
    boolean encrypted = !asked().encryptTo().isEmpty();
    return BucketLayout.archive(key, footing.serial(), tag, asked().codec(), encrypted);
  }

  /** What came, as it was added up here. */
  private Totals totals(StreamMessage last, Receiving receiving, Footing footing)
      throws IOException {
    if (last instanceof StreamMessage.Unchanged unchanged) {
      footing.refuseOther(unchanged.totals());
      return footing.isNewestVersion(unchanged.totals())
          ? unchanged.totals()
          : receiving.allOfBase(unchanged.totals().entries()); // slices have brought all of it
    }
    return receiving.verified(sent(last), asked());
  }

  private static StreamMessage.Finished sent(StreamMessage last) {
    return last instanceof StreamMessage.Sliced sliced
        ? sliced.sent()
        : (StreamMessage.Finished) last;
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

  private StreamMessage receiveAllAsStep(ChunkReceiver stream, Receiving receiving, Footing footing)
      throws IOException, InterruptedException {
    try (Tracing.Step step = platform.tracing().begin("receive")) {
      StreamMessage last = receiveAll(stream, receiving, footing);
      step.with("resguardo.entries", receiving.entries())
          .with("resguardo.bytes", receiving.archiveBytes());
      return last;
    }
  }

  private StreamMessage receiveAll(ChunkReceiver stream, Receiving receiving, Footing footing)
      throws IOException, InterruptedException {
    boolean baseSent = false;
    long end = platform.nanoTime() + patience.toNanos();
    while (true) {
      ChunkReceiver.Piece piece = stream.receive(SILENCE);
      if (platform.nanoTime() - end > 0) {
        throw new IOException(
            "the agent of " + key.node() + " was not done after " + patience.toSeconds() + " s");
      }
      if (piece instanceof ChunkReceiver.Data data) {
        receiving.take(data);
        entries.set(receiving.entries());
        bytes.set(receiving.archiveBytes());
      } else if (piece instanceof ChunkReceiver.Said said
          && said.message() instanceof StreamMessage.NeedBase) {
        if (baseSent) {
          throw malformed("the agent asks again for the base that it was sent");
        }
        baseSent = true;
        sendBase(footing);
      } else if (piece instanceof ChunkReceiver.Said said && said.message().last()) {
        return said.message();
      }
    }
  }

  private void sendBase(Footing footing) throws IOException {
    try (ManifestReader lines = footing.lines()) {
      BaseSender.send(agents, key.node(), attempt, lines);
    } catch (MalformedMessageException e) {
      throw new DamagedException(footing.baseKey(), e.getMessage());
    }
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

  /** A slice ends beyond the one before it, or further on in the same file. */
  private void refuseStandstill(StreamMessage.Sliced slice, Footing footing)
      throws StreamBrokenException {
    AgentOrder.Base base = footing.base();
    RawPath before = base == null ? null : base.upTo();
    int ahead = before == null ? 1 : slice.upTo().compareTo(before);
    if (ahead < 0 || ahead == 0 && slice.archiveBytes() == 0) {
      throw malformed("a slice that ends where the one before it did");
    }
  }

  private static StreamBrokenException malformed(String why) {
    return new StreamBrokenException(StreamBrokenException.Kind.MALFORMED, why);
  }

  private VersionHeader header(
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
  private Optional<JobOutcome> tooLate(Footing footing) throws IOException {
    Optional<JobOutcome> over = alreadyOver();
    if (over.isEmpty() && !footing.stands()) {
      return Optional.of(
          new JobOutcome.Returned(
              JobOutcome.Returned.Reason.UNAVAILABLE, "the slice that it began at is gone"));
    } else if (over.isEmpty() && footing.isOvertaken()) {
      return Optional.of(
          new JobOutcome.Returned(
              JobOutcome.Returned.Reason.UNAVAILABLE,
              "there are versions after " + footing.serial() + " already"));
    }
    return over;
  }

  private JobOutcome keep(ManifestWriter manifest, Footing footing, VersionHeader header)
      throws IOException {
    Optional<JobOutcome> tooLate = tooLate(footing);
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

  private JobOutcome commit(ManifestWriter manifest, Footing footing, VersionHeader header)
      throws IOException {
    try (Tracing.Step step = platform.tracing().begin("commit")) {
      return written(manifest, footing, header);
    }
  }

  private JobOutcome written(ManifestWriter manifest, Footing footing, VersionHeader header)
      throws IOException {
    BackupOptions before = asked();
    Optional<JobOutcome> tooLate = tooLate(footing);
    if (tooLate.isPresent()) {
      return tooLate.get();
    } else if (!Set.copyOf(before.encryptTo()).equals(Set.copyOf(asked().encryptTo()))) {
      return new JobOutcome.Returned(
          JobOutcome.Returned.Reason.UNAVAILABLE, "it is to be encrypted otherwise since");
    }
    if (header.alarm() != null) {
      new Alarms(store).note(key, header.serial());
    }
    try {
      store.putIfAbsent(BucketLayout.manifest(key, header.serial()), manifest.finish(header));
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
          : new JobOutcome.Returned(
              JobOutcome.Returned.Reason.UNAVAILABLE,
              "version " + header.serial() + " was taken by another job");
    }
  }

  private static @Nullable String note(Footing footing) {
    Mending mending = footing.mending();
    return mending != null
        ? mending.told()
        : footing.damage().map(what -> "all was brought anew: " + what).orElse(null);
  }

  private JobOutcome committed(VersionHeader header, @Nullable String note) throws IOException {
    locking().committed(header);
    return new JobOutcome.Committed(
        header.serial(),
        header.newBytes(),
        header.totals().entries(),
        header.totals().bytes(),
        note,
        header.alarm());
  }
}
