package resguardo.worker;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import resguardo.archive.LiveMembers;
import resguardo.core.BackupOptions;
import resguardo.core.FetchJob;
import resguardo.core.Peer;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.Serial;
import resguardo.core.Sha256;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.DamagedException;
import resguardo.core.catalog.Registry;
import resguardo.core.catalog.StagingNote;
import resguardo.core.catalog.Status;
import resguardo.core.catalog.StatusBook;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.AgentChannel;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.ReplyChannel;
import resguardo.core.port.StoreException;
import resguardo.core.protocol.AgentOrder;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.stream.ChunkReceiver;
import resguardo.core.stream.StreamBrokenException;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.ManifestWriter;
import resguardo.core.version.Totals;
import resguardo.core.version.VersionHeader;
import resguardo.infra.runtime.ActivityLog;

/**
 * One attempt at one job: claim → base → ask → receive → verify → upload → commit. What comes
 * before the commit can be repeated without harm, and what comes after it is found done by whoever
 * repeats it.
 */
final class BackupFlow {
  /** An agent that is alive takes an order at once; one that is busy says so within this time. */
  private static final Duration ANSWER = Duration.ofSeconds(10);

  /** An agent gives a sign of life every 2 seconds. */
  private static final Duration SILENCE = Duration.ofSeconds(30);

  /** A set of so little content is always brought whole: that is a message, and plain to read. */
  private static final long SMALL_SET = 256 * 1024;

  /** A good compromise on loopback and LAN; memory is this times the window. */
  private static final int CHUNK = 512 * 1024;

  private final ActivityLog activity;
  private final ArchiveStore store;
  private final Registry registry;
  private final StatusBook statuses;
  private final VersionCatalog versions;
  private final AgentChannel agents;
  private final ReplyChannel replies;
  private final Path spool;
  private final Clock clock;
  private final FetchJob job;
  private final RegistrationKey key;
  private final ReplyId attempt = ReplyId.random();

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
    this.spool = context.spool();
    this.clock = context.clock();
    this.job = job;
    this.key = job.registration();
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
      return over.isPresent() ? over.get() : fetched(base());
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

  private Optional<VersionHeader> base() throws IOException {
    Serial hint = statuses.find(key).map(Status::lastVersion).orElse(null);
    Optional<Serial> newest = versions.latest(key, hint);
    return newest.isEmpty() ? Optional.empty() : versions.header(key, newest.get());
  }

  private JobOutcome fetched(Optional<VersionHeader> base)
      throws IOException, InterruptedException {
    if (base.isPresent() && base.get().job().equals(job.id())) {
      return committed(base.get()); // by an attempt that died before it could say so
    }
    try (ReplyChannel.Mailbox mailbox =
        replies.open(attempt, ChunkReceiver.capacity(ChunkReceiver.WINDOW))) {
      ChunkReceiver stream =
          new ChunkReceiver(mailbox, Peer.agent(key.node()), ChunkReceiver.WINDOW, this::grant);
      ask(base);
      if (!accepted(stream)) {
        return new JobOutcome.Returned(
            JobOutcome.Returned.Reason.AGENT_SILENT,
            "the agent of " + key.node() + " did not answer");
      }
      return received(stream, base);
    } catch (IOException | InterruptedException e) {
      cancel(e);
      throw e;
    }
  }

  private void ask(Optional<VersionHeader> base) throws BrokerException {
    Optional<VersionHeader> known = known(base);
    agents.prepare(key.node());
    agents.send(
        key.node(),
        new AgentOrder.ScanAndSend(
            job,
            attempt,
            ChunkReceiver.WINDOW,
            CHUNK,
            known
                .map(b -> new AgentOrder.Base(b.totals().fingerprint(), b.index(), b.upTo()))
                .orElse(null),
            nextArchive(base),
            isBroughtWhole(known),
            null,
            options,
            clock.instant().plus(ANSWER)));
  }

  private static int nextArchive(Optional<VersionHeader> base) {
    return base.map(VersionHeader::nextArchive).orElse(1);
  }

  private boolean isBroughtWhole(Optional<VersionHeader> known) {
    return known.isEmpty()
        || known.get().totals().bytes() <= SMALL_SET
        || known.get().archives().stream().anyMatch(ref -> ref.form().codec() != asked().codec());
  }

  /**
   * The base, as far as the agent is to know of it: not at all when it is encrypted to others than
   * is asked for. Then everything is brought anew, even what did not change.
   */
  private Optional<VersionHeader> known(Optional<VersionHeader> base) {
    return base.filter(
        header ->
            header.archives().stream()
                .allMatch(ref -> ref.form().isEncryptedTo(asked().encryptTo())));
  }

  private BackupOptions asked() {
    return BackupOptions.orNone(options);
  }

  private ObjectKey archive(Serial serial, ReplyId tag) {
    boolean encrypted = !asked().encryptTo().isEmpty();
    return BucketLayout.archive(key, serial, tag, asked().codec(), encrypted);
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
      return first instanceof ChunkReceiver.Said said
          && said.message() instanceof StreamMessage.Accepted;
    } catch (StreamBrokenException e) {
      if (e.kind() == StreamBrokenException.Kind.SILENT) {
        return false;
      }
      throw e;
    }
  }

  private JobOutcome received(ChunkReceiver stream, Optional<VersionHeader> base)
      throws IOException, InterruptedException {
    Serial serial = base.map(header -> header.serial().next()).orElse(Serial.first());
    ObjectKey archive = archive(serial, attempt);
    Optional<VersionHeader> known = known(base);
    try (ManifestWriter manifest = new ManifestWriter(spool);
        Receiving receiving =
            new Receiving(
                manifest,
                known.map(VersionHeader::archives).orElse(List.of()),
                () -> manifestOf(known),
                nextArchive(base),
                () -> beginUpload(archive, attempt));
        Merging merging = new Merging(store, spool, what -> activity.tell(job, what))) {
      StreamMessage last = receiveAll(stream, receiving, known);
      if (last instanceof StreamMessage.Finished finished) {
        Totals totals = receiving.verified(finished, asked());
        if (known.isPresent() && known.get().totals().fingerprint().equals(totals.fingerprint())) {
          return new JobOutcome.Unchanged(
              totals.entries()); // changed back while the agent looked; the upload is given up
        }
        List<ArchiveRef> archives =
            archives(receiving, known, nextArchive(base), archive, finished);
        boolean whole = archives.size() == 1 && isBroughtWhole(known);
        Merging.Ready ready =
            merged(
                merging,
                new Merging.Ready(manifest, archives, receiving.index()),
                receiving.live(),
                serial,
                nextArchive(base));
        return commit(
            ready.lines(), header(serial, ready.archives(), whole, ready.index(), totals));
      }
      return notSent(last, known);
    }
  }

  private List<ArchiveRef> archives(
      Receiving receiving,
      Optional<VersionHeader> known,
      int number,
      ObjectKey archive,
      StreamMessage.Finished finished)
      throws IOException {
    List<ArchiveRef> needed = new ArrayList<>();
    known.ifPresent(header -> needed.addAll(receiving.needed(header.archives())));
    if (receiving.completeUpload()) {
      needed.add(
          new ArchiveRef(
              number,
              archive.value(),
              finished.archiveBytes(),
              finished.archiveDigest(),
              Objects.requireNonNull(finished.form())));
    }
    return needed;
  }

  private Merging.Ready merged(
      Merging merging, Merging.Ready came, LiveMembers live, Serial serial, int newest)
      throws IOException {
    ReplyId tag = ReplyId.random(); // its archive and its note are not those of what came
    ObjectKey archive = archive(serial, tag);
    return merging.merged(came, live, newest, archive, () -> beginUpload(archive, tag));
  }

  private ArchiveStore.Upload beginUpload(ObjectKey archive, ReplyId tag) throws IOException {
    ArchiveStore.Upload upload = store.startUpload(archive);
    StagingNote note = new StagingNote(key, archive.value(), upload.id());
    store.put(BucketLayout.staging(job.id(), tag), Content.of(Json.write(note)));
    return upload;
  }

  private StreamMessage receiveAll(
      ChunkReceiver stream, Receiving receiving, Optional<VersionHeader> base)
      throws IOException, InterruptedException {
    while (true) {
      ChunkReceiver.Piece piece = stream.receive(SILENCE);
      if (piece instanceof ChunkReceiver.Data data) {
        receiving.take(data);
        entries.set(receiving.entries());
        bytes.set(receiving.archiveBytes());
      } else if (piece instanceof ChunkReceiver.Said said
          && said.message() instanceof StreamMessage.NeedBase) {
        sendBase(base);
      } else if (piece instanceof ChunkReceiver.Said said && said.message().last()) {
        return said.message();
      }
    }
  }

  private void sendBase(Optional<VersionHeader> base) throws IOException {
    try (ManifestReader lines = manifestOf(base)) {
      BaseSender.send(agents, key.node(), attempt, lines);
    } catch (MalformedMessageException e) {
      throw new DamagedException(
          BucketLayout.manifest(key, base.orElseThrow().serial()), e.getMessage());
    }
  }

  private ManifestReader manifestOf(Optional<VersionHeader> base) throws IOException {
    if (base.isEmpty()) {
      throw new StreamBrokenException(
          StreamBrokenException.Kind.MALFORMED, "the agent speaks of a base where there is none");
    }
    return versions.manifest(key, base.get().serial());
  }

  private static JobOutcome notSent(StreamMessage last, Optional<VersionHeader> base)
      throws StreamBrokenException {
    if (last instanceof StreamMessage.Unchanged unchanged) {
      boolean asBefore =
          base.isPresent()
              && base.get().totals().fingerprint().equals(unchanged.totals().fingerprint());
      if (!asBefore) {
        throw new StreamBrokenException(
            StreamBrokenException.Kind.MALFORMED,
            "the agent says unchanged, but against another base");
      }
      return new JobOutcome.Unchanged(unchanged.totals().entries());
    }
    StreamMessage.Failed failed = (StreamMessage.Failed) last;
    return switch (failed.kind()) {
      case SOURCE_MISSING, NOT_ALLOWED, WARNED, IMPOSSIBLE, HOOK_FAILED ->
          new JobOutcome.Failed(failed.why());
      case STOPPING ->
          new JobOutcome.Returned(JobOutcome.Returned.Reason.UNAVAILABLE, failed.why());
      default -> new JobOutcome.Returned(JobOutcome.Returned.Reason.BROKEN, failed.why());
    };
  }

  private VersionHeader header(
      Serial serial, List<ArchiveRef> archives, boolean whole, Sha256 index, Totals totals) {
    return new VersionHeader(
        VersionHeader.FORMAT,
        key,
        serial,
        job.generation(),
        job.id(),
        job.slot(),
        clock.instant(),
        archives,
        whole,
        index,
        totals);
  }

  private JobOutcome commit(ManifestWriter manifest, VersionHeader header) throws IOException {
    BackupOptions before = asked();
    Optional<JobOutcome> over = alreadyOver();
    if (over.isPresent()) {
      return over.get();
    } else if (!Set.copyOf(before.encryptTo()).equals(Set.copyOf(asked().encryptTo()))) {
      return new JobOutcome.Returned(
          JobOutcome.Returned.Reason.UNAVAILABLE, "it is to be encrypted otherwise since");
    }
    try {
      store.putIfAbsent(BucketLayout.manifest(key, header.serial()), manifest.finish(header));
      return committed(header);
    } catch (StoreException.ConditionFailed taken) {
      VersionHeader winner =
          versions
              .header(key, header.serial())
              .orElseThrow(() -> new IOException("a manifest vanished", taken));
      return winner.job().equals(job.id())
          ? committed(winner) // another attempt at this job, or our own write whose answer was lost
          : new JobOutcome.Returned(
              JobOutcome.Returned.Reason.UNAVAILABLE,
              "version " + header.serial() + " was taken by another job");
    }
  }

  private static JobOutcome committed(VersionHeader header) {
    return new JobOutcome.Committed(header.serial(), header.newBytes(), header.totals().entries());
  }
}
