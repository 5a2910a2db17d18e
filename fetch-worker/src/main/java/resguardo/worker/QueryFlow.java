package resguardo.worker;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import resguardo.core.NodeName;
import resguardo.core.ReplyId;
import resguardo.core.Sha256;
import resguardo.core.SourcePath;
import resguardo.core.catalog.Damage;
import resguardo.core.catalog.DamageBook;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.BrokerException;
import resguardo.core.port.ChunkKind;
import resguardo.core.port.Reply;
import resguardo.core.port.ReplyChannel;
import resguardo.core.port.StoreException;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.protocol.QueryJob;
import resguardo.core.protocol.RestoreTarget;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.stream.ChunkReceiver;
import resguardo.core.stream.ChunkSender;
import resguardo.core.stream.ChunkedOutput;
import resguardo.core.stream.Progress;
import resguardo.core.stream.SignsOfLife;
import resguardo.core.stream.StreamBrokenException;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.VersionHeader;
import resguardo.infra.runtime.ActivityLog;

/**
 * One query served: open → send → finish. What is sent has the digest that its manifest names, or
 * the asker is told.
 */
final class QueryFlow {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration LOOK = Duration.ofMillis(500);
  private static final byte[] NEWLINE = {'\n'};

  private final ArchiveStore store;
  private final VersionCatalog versions;
  private final ReplyChannel replies;
  private final ExecutorService threads;
  private final QueryJob query;
  private final WorkerContext context;
  private final ActivityLog activity;
  private final ChunkSender sender;
  private final CountDownLatch awaited = new CountDownLatch(1);
  private final ReplyId creditTo;
  private volatile @Nullable String brokenOff;
  private ChunkSender.Turns turns = ChunkSender.Turns.NONE;

  /** Whether it was said that it is served: nothing but a reason may come before that. */
  private boolean begun;

  /** Whom it goes to in place of whoever asked. */
  private @Nullable NodeRestore restoring;

  QueryFlow(WorkerContext context, ExecutorService threads, QueryJob query) {
    this.context = context;
    this.activity = context.activity();
    this.store = context.store();
    this.versions = new VersionCatalog(store);
    this.replies = context.replies();
    this.threads = threads;
    this.query = query;
    this.creditTo = context.platform().newId();
    this.sender =
        new ChunkSender(
            replies, query.replyTo(), ChunkReceiver.WINDOW, PATIENCE, context.platform());
  }

  /**
   * Serves it.
   *
   * @param at where it works; given up while it waits for whoever reads
   * @return what was done, in words
   * @throws IOException when the asker is gone
   */
  String run(ChunkSender.Turns at) throws IOException, InterruptedException {
    turns = at;
    sender.takingTurns(at);
    try (ReplyChannel.Mailbox credits =
        replies.open(creditTo, ChunkReceiver.capacity(ChunkReceiver.WINDOW))) {
      ExecutorService pump = context.platform().pool("credits of a query", 1);
      pump.execute(() -> pump(credits));
      try {
        StreamMessage end = sentOrBrokenOff();
        return end instanceof StreamMessage.Failed failed
            ? "query not served: " + failed.why()
            : query.to() == null ? "query served" : "restored to " + query.to();
      } finally {
        pump.shutdownNow();
        while (!pump.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
          // it ends at once
        }
      }
    }
  }

  /** Ends it before its end, from any thread: whoever asked is told why. */
  void breakOff(String why) {
    brokenOff = why;
    sender.cancel(why);
    awaited.countDown();
  }

  private StreamMessage sentOrBrokenOff() throws IOException, InterruptedException {
    try {
      StreamMessage end = sent();
      sender.message(end);
      return end;
    } catch (StreamBrokenException e) {
      String why = brokenOff;
      if (why != null) {
        sender.lastWord(failed(StreamMessage.Failed.Kind.BROKEN, why));
      }
      throw e;
    }
  }

  /**
   * Does not serve it, and says why to whoever asked.
   *
   * @return what was done, in words
   */
  String refuse(String why) throws IOException {
    sender.message(failed(StreamMessage.Failed.Kind.BROKEN, why));
    return "query not served: " + why;
  }

  private void pump(ReplyChannel.Mailbox credits) {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        Optional<ReplyChannel.Received> received = credits.receive(LOOK);
        if (credits.overflowed()) {
          breakOff("more credits came than anybody gives who reads");
          return;
        }
        if (received.isPresent() && received.get().message() instanceof Reply.Credit credit) {
          awaited.countDown();
          sender.grant(credit.upTo());
        }
      }
    } catch (InterruptedException done) {
      Thread.currentThread().interrupt();
    } catch (BrokerException e) {
      sender.cancel(String.valueOf(e.getMessage()));
    }
  }

  private StreamMessage sent() throws IOException, InterruptedException {
    try {
      return switch (query.what()) {
        case ARCHIVE, MEMBERS -> query.to() == null ? archive() : restored(query.to());
        case ENTRIES -> entries();
        case CHECK, READ -> checked();
        case DRILL -> throw new IllegalArgumentException("a drill is not served as a query");
      };
    } catch (StreamBrokenException | BrokerException e) {
      throw e;
    } catch (StoreException.NotFound e) {
      return notThere(e);
    } catch (StoreException e) {
      return failed(StreamMessage.Failed.Kind.BROKEN, String.valueOf(e.getMessage()));
    } catch (SpoolException | InterruptedIOException e) {
      return failed(StreamMessage.Failed.Kind.BROKEN, String.valueOf(e.getMessage()));
    } catch (MalformedMessageException | IOException | RuntimeException e) {
      // Of a version that says what cannot be: whoever asked is to know it.
      return failed(StreamMessage.Failed.Kind.CORRUPT, String.valueOf(e.getMessage()));
    }
  }

  /** What is missing is the version, or something that it needs. */
  private StreamMessage notThere(StoreException.NotFound missing) throws StoreException {
    return versions.has(query.registration(), query.serial())
        ? failed(StreamMessage.Failed.Kind.CORRUPT, String.valueOf(missing.getMessage()))
        : failed(
            StreamMessage.Failed.Kind.NOT_FOUND,
            "version " + query.serial() + " is not there any more");
  }

  /** While it lasts others have their turns, and whoever waits for its bytes knows it. */
  private Lookup lookup() throws IOException, InterruptedException {
    turns.next();
    SignsOfLife signs = new SignsOfLife(sender, context.platform());
    return new Lookup(
        context.spool(),
        inTurns(
            (entries, bytes) -> {
              NodeRestore agent = restoring;
              if (agent != null) {
                agent.refuseEnded();
              } else if (begun && query.to() == null) {
                signs.at(entries, bytes);
              }
            }));
  }

  private StreamMessage archive()
      throws IOException, InterruptedException, MalformedMessageException {
    ChunkedOutput out = new ChunkedOutput(sender, ChunkKind.ARCHIVE, ChunkReceiver.CHUNK_BYTES);
    VersionArchive archive =
        new VersionArchive(store, threads, query.registration(), query.serial(), lookup());
    StreamMessage end =
        query.what() == QueryJob.What.MEMBERS
            ? archive.members(query.entries(), this::opened, out::add)
            : archive.read(
                query.entries(), QueryJob.Packing.orGzip(query.packing()), this::opened, out::add);
    out.flush();
    return end;
  }

  private StreamMessage restored(RestoreTarget to)
      throws IOException, InterruptedException, MalformedMessageException {
    VersionArchive archive =
        new VersionArchive(store, threads, query.registration(), query.serial(), lookup());
    try (NodeRestore restore = new NodeRestore(context, query, to, sender, turns)) {
      restoring = restore;
      return restore.of(
          () ->
              archive.read(
                  query.entries(),
                  QueryJob.Packing.orGzip(query.packing()),
                  (header, part) -> {
                    opened(header, true);
                    awaitAsker();
                    restore.begin();
                  },
                  restore::take));
    }
  }

  /** What is restored changes a node: so only for somebody who still waits for it. */
  private void awaitAsker() throws IOException, InterruptedException {
    turns.rest();
    if (!awaited.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new StreamBrokenException(
          StreamBrokenException.Kind.SILENT, "whoever asked for it is gone");
    }
    String why = brokenOff;
    if (why != null) {
      throw new StreamBrokenException(StreamBrokenException.Kind.CANCELLED, why);
    }
  }

  private void opened(VersionHeader header, boolean part) throws IOException {
    sender.message(new StreamMessage.QueryOpened(header, creditTo, part));
    begun = true;
  }

  private StreamMessage entries()
      throws IOException, InterruptedException, MalformedMessageException {
    if (query.entries() == null) {
      try (ManifestReader manifest = manifest()) {
        opened(manifest.header(), true);
        return lines(manifest::nextLine, null);
      }
    }
    try (FoundLines found =
        FoundLines.listed(
            versions, query.registration(), query.serial(), query.entries(), lookup())) {
      if (!found.missing().isEmpty()) {
        return found.notFound();
      }
      opened(found.header(), true);
      return lines(found.lines(), found.selection());
    }
  }

  private StreamMessage lines(VersionArchive.Lines lines, @Nullable Selection selection)
      throws IOException, InterruptedException, MalformedMessageException {
    ChunkedOutput out = new ChunkedOutput(sender, ChunkKind.ENTRIES, ChunkReceiver.CHUNK_BYTES);
    MessageDigest digest = Sha256.newDigest();
    long bytes = 0;
    for (Optional<byte[]> line = lines.next();
        line.isPresent() && (selection == null || !selection.isPast());
        line = lines.next()) {
      if (selection != null && !selection.has(line.get())) {
        continue;
      }
      digest.update(line.get());
      digest.update(NEWLINE);
      bytes += line.get().length + NEWLINE.length;
      out.add(line.get());
      out.add(NEWLINE);
    }
    out.flush();
    return new StreamMessage.Finished(bytes, Sha256.ofDigest(digest.digest()), null, null);
  }

  private StreamMessage checked()
      throws IOException, InterruptedException, MalformedMessageException {
    turns.next();
    try (ManifestReader manifest = manifest()) {
      opened(manifest.header(), true);
      VersionCheck check =
          new VersionCheck(
              store, manifest.header(), inTurns(new SignsOfLife(sender, context.platform())));
      StreamMessage.Verified verified = check.run(manifest, query.what() == QueryJob.What.READ);
      note(check.damaged());
      return verified;
    }
  }

  /** Others have their turns by time, however little of it is sent. */
  private Progress inTurns(Progress progress) {
    return new EachSecond(
        context.platform(),
        (entries, bytes) -> {
          progress.at(entries, bytes);
          try {
            turns.next();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the worker ends");
          }
        });
  }

  /** So that the next backup brings it again; if it cannot be noted, the next check tries to. */
  private void note(List<Damage.Part> damaged) {
    if (damaged.isEmpty()) {
      return;
    }
    NodeName node = query.registration().node();
    SourcePath path = query.registration().path();
    try {
      new DamageBook(store).found(query.registration(), damaged);
      activity.tell(
          node, path, "version " + query.serial() + " is damaged; the next backup brings it again");
    } catch (IOException e) {
      activity.tell(node, path, "could not note what is damaged: " + e.getMessage());
    }
  }

  private ManifestReader manifest() throws IOException {
    return versions.manifest(query.registration(), query.serial());
  }

  private static StreamMessage failed(StreamMessage.Failed.Kind kind, String why) {
    return new StreamMessage.Failed(kind, why);
  }
}
