package resguardo.worker;

import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import resguardo.archive.Composer;
import resguardo.archive.Deflaters;
import resguardo.archive.MemberDeflater;
import resguardo.core.BackupOptions;
import resguardo.core.RawPath;
import resguardo.core.ReplyId;
import resguardo.core.Sha256;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.BrokerException;
import resguardo.core.port.ChunkKind;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.Reply;
import resguardo.core.port.ReplyChannel;
import resguardo.core.port.StoreException;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.protocol.QueryJob;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.stream.ChunkReceiver;
import resguardo.core.stream.ChunkSender;
import resguardo.core.stream.ChunkedOutput;
import resguardo.core.stream.SignsOfLife;
import resguardo.core.stream.StreamBrokenException;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.Placed;
import resguardo.core.version.VersionHeader;

/**
 * One query served: open → send → finish. What is sent has the digest that its manifest names, or
 * the asker is told.
 */
final class QueryFlow {
  private static final int CHUNK = 512 * 1024;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration LOOK = Duration.ofMillis(500);

  private static final MemberDeflater GZIP = Deflaters.choose(Deflaters.Choice.AUTO);

  private final ArchiveStore store;
  private final VersionCatalog versions;
  private final ReplyChannel replies;
  private final ExecutorService threads;
  private final QueryJob query;
  private final ChunkSender sender;
  private final ReplyId creditTo = ReplyId.random();

  QueryFlow(WorkerContext context, ExecutorService threads, QueryJob query) {
    this.store = context.store();
    this.versions = new VersionCatalog(store);
    this.replies = context.replies();
    this.threads = threads;
    this.query = query;
    this.sender = new ChunkSender(replies, query.replyTo(), ChunkReceiver.WINDOW, PATIENCE);
  }

  /**
   * Serves it.
   *
   * @return what was done, in words
   * @throws IOException when the asker is gone
   */
  String run() throws IOException, InterruptedException {
    try (ReplyChannel.Mailbox credits =
        replies.open(creditTo, ChunkReceiver.capacity(ChunkReceiver.WINDOW))) {
      Thread pump = new Thread(() -> pump(credits), "credits of a query");
      pump.start();
      try {
        StreamMessage end = sent();
        sender.message(end);
        return end instanceof StreamMessage.Failed failed
            ? "query not served: " + failed.why()
            : "query served";
      } finally {
        pump.interrupt();
        pump.join();
      }
    }
  }

  private void pump(ReplyChannel.Mailbox credits) {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        Optional<ReplyChannel.Received> received = credits.receive(LOOK);
        if (received.isPresent() && received.get().message() instanceof Reply.Credit credit) {
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
      Optional<VersionHeader> header = versions.header(query.registration(), query.serial());
      if (header.isEmpty()) {
        return failed(
            StreamMessage.Failed.Kind.NOT_FOUND,
            "version " + query.serial() + " is not there any more");
      }
      return served(header.get());
    } catch (StreamBrokenException | BrokerException e) {
      throw e;
    } catch (StoreException e) {
      return failed(StreamMessage.Failed.Kind.BROKEN, String.valueOf(e.getMessage()));
    } catch (MalformedMessageException | IOException e) {
      return failed(StreamMessage.Failed.Kind.CORRUPT, String.valueOf(e.getMessage()));
    }
  }

  private StreamMessage served(VersionHeader header)
      throws IOException, InterruptedException, MalformedMessageException {
    return switch (query.what()) {
      case ARCHIVE ->
          !header.recipients().isEmpty()
              ? failed(StreamMessage.Failed.Kind.ENCRYPTED, encrypted(header))
              : query.entry() == null && header.whole() && isPackedAsAsked(header)
                  ? whole(header)
                  : composed(header, query.entry());
      case ENTRIES -> entries(header);
      case CHECK, READ -> checked(header);
    };
  }

  private static String encrypted(VersionHeader header) {
    return "version "
        + header.serial()
        + " is encrypted to "
        + String.join(", ", header.recipients());
  }

  private boolean isPackedAsAsked(VersionHeader header) {
    return header.archives().stream().allMatch(ref -> ref.form().codec() == codec(header));
  }

  /** The codec that the archive is to come in; where that does not matter, that of most. */
  private BackupOptions.Codec codec(VersionHeader header) {
    if (query.packing() == QueryJob.Packing.AS_STORED) {
      return header.archives().isEmpty()
          ? BackupOptions.Codec.GZIP
          : header.archives().get(0).form().codec();
    }
    return query.packing() == QueryJob.Packing.ZSTD
        ? BackupOptions.Codec.ZSTD
        : BackupOptions.Codec.GZIP;
  }

  private StreamMessage entries(VersionHeader header)
      throws IOException, InterruptedException, MalformedMessageException {
    sender.message(new StreamMessage.QueryOpened(header, creditTo, true));
    ChunkedOutput out = new ChunkedOutput(sender, ChunkKind.ENTRIES, CHUNK);
    MessageDigest digest = Sha256.newDigest();
    long bytes = 0;
    try (ManifestReader manifest = manifest(header)) {
      for (Optional<byte[]> line = manifest.nextLine();
          line.isPresent();
          line = manifest.nextLine()) {
        byte[] ended = Arrays.copyOf(line.get(), line.get().length + 1);
        ended[line.get().length] = '\n';
        digest.update(ended);
        bytes += ended.length;
        out.add(ended);
      }
    }
    out.flush();
    return new StreamMessage.Finished(bytes, Sha256.ofDigest(digest.digest()), null, null);
  }

  private StreamMessage checked(VersionHeader header)
      throws IOException, MalformedMessageException {
    sender.message(new StreamMessage.QueryOpened(header, creditTo, true));
    try (ManifestReader manifest = manifest(header)) {
      VersionCheck check = new VersionCheck(store, header, new SignsOfLife(sender));
      return check.run(manifest, query.what() == QueryJob.What.READ);
    }
  }

  private static StreamMessage failed(StreamMessage.Failed.Kind kind, String why) {
    return new StreamMessage.Failed(kind, why);
  }

  private StreamMessage whole(VersionHeader header) throws IOException, InterruptedException {
    ArchiveRef archive = header.archives().get(0);
    sender.message(new StreamMessage.QueryOpened(header, creditTo, false));
    try (DigestInputStream in = archive(archive)) {
      long sent = 0;
      for (byte[] chunk = in.readNBytes(CHUNK); chunk.length > 0; chunk = in.readNBytes(CHUNK)) {
        sender.send(ChunkKind.ARCHIVE, chunk);
        sent += chunk.length;
      }
      Sha256 read = Sha256.ofDigest(in.getMessageDigest().digest());
      return read.equals(archive.digest())
          ? new StreamMessage.Finished(sent, archive.digest(), null, null)
          : failed(StreamMessage.Failed.Kind.CORRUPT, archive.key() + " is not what was stored");
    }
  }

  private DigestInputStream archive(ArchiveRef archive) throws StoreException {
    InputStream in = store.read(new ObjectKey(archive.key()), 0, Long.MAX_VALUE);
    return new DigestInputStream(in, Sha256.newDigest());
  }

  private StreamMessage composed(VersionHeader header, @Nullable String entry)
      throws IOException, InterruptedException, MalformedMessageException {
    Selection selection = Selection.all();
    if (entry != null) {
      Optional<Selection> found = selection(header, entry);
      if (found.isEmpty()) {
        return failed(
            StreamMessage.Failed.Kind.NOT_FOUND,
            "version " + header.serial() + " has no entry " + entry);
      }
      selection = found.get();
    }
    sender.message(new StreamMessage.QueryOpened(header, creditTo, true));
    ChunkedOutput out = new ChunkedOutput(sender, ChunkKind.ARCHIVE, CHUNK);
    try (ManifestReader manifest = manifest(header);
        ArchiveMembers members = new ArchiveMembers(store, header.archives())) {
      Composer composer =
          new Composer(Deflaters.of(codec(header), null, GZIP), threads, members, out::add);
      for (Optional<byte[]> line = manifest.nextLine();
          line.isPresent() && !selection.isPast();
          line = manifest.nextLine()) {
        Optional<Placed> selected = selection.of(line.get());
        if (selected.isPresent()) {
          composer.add(selected.get());
        }
      }
      Composer.Composed composed = composer.finish();
      out.flush();
      return new StreamMessage.Finished(composed.bytes(), composed.digest(), null, null);
    }
  }

  private ManifestReader manifest(VersionHeader header) throws IOException {
    return versions.manifest(query.registration(), header.serial());
  }

  private Optional<Selection> selection(VersionHeader header, String entry)
      throws IOException, MalformedMessageException {
    RawPath root = query.registration().path().memberName();
    try (ManifestReader manifest = manifest(header)) {
      return Selection.find(RawPath.parse(entry), root, manifest);
    }
  }
}
