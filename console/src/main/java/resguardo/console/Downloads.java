package resguardo.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import resguardo.admin.AdminException;
import resguardo.admin.SentArchive;
import resguardo.admin.VersionQuery;
import resguardo.archive.MemberCodecs;
import resguardo.archive.SingleFile;
import resguardo.core.RawPath;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.protocol.Command.Query;
import resguardo.core.protocol.QueryJob;
import resguardo.core.protocol.VersionChoice;
import resguardo.core.stream.BlockPipe;
import resguardo.core.version.Entry;
import resguardo.core.version.VersionHeader;

/**
 * Versions and files on their way to a browser. What comes is passed on as it comes; what turns out
 * to be wrong, or breaks off, is broken off there too, and so is no file in the end.
 */
final class Downloads implements AutoCloseable {
  /** Each holds a slot of a worker. */
  static final int AT_ONCE = 4;

  private static final int PACKED_BLOCKS = 8;
  private static final int BLOCK = 256 * 1024;
  private static final String BUSY = "So many downloads are running that no more can begin now.";

  private final Operator operator;
  private final Manifests manifests;
  private final Semaphore slots = new Semaphore(AT_ONCE);
  private final ExecutorService threads = Executors.newCachedThreadPool(Downloads::daemon);

  Downloads(Operator operator, Manifests manifests) {
    this.operator = operator;
    this.manifests = manifests;
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "download");
    thread.setDaemon(true);
    return thread;
  }

  private interface Work {
    void run() throws Exception;
  }

  private void inSlot(Work work) throws Exception {
    if (!slots.tryAcquire()) {
      throw new Refusal(503, BUSY, "Try again when one of them has ended.");
    }
    try {
      work.run();
    } finally {
      slots.release();
    }
  }

  /** A version, or a folder of it, as a {@code .tgz}. */
  void archive(Exchange exchange) throws Exception {
    RegistrationKey key = exchange.key();
    Serial serial = version(exchange);
    Optional<RawPath> folder = exchange.entry();
    String doing = "download version " + serial + " of " + key;
    refuseEncrypted(exchange, key, serial);
    String name =
        folder
            .map(of -> FileNames.archive(key, of, serial))
            .orElseGet(() -> FileNames.archive(key, serial));
    if (exchange.isHead()) {
      exchange.file(name, null).flush();
      return;
    }
    inSlot(
        () -> {
          HeldBack out = new HeldBack(() -> exchange.file(name, null));
          source(exchange, key, serial, folder.orElse(null), doing).into(out, bytes -> {});
          out.release();
        });
  }

  /** The content of a file. */
  void file(Exchange exchange) throws Exception {
    RegistrationKey key = exchange.key();
    Serial serial = version(exchange);
    RawPath name =
        exchange.entry().orElseThrow(() -> Refusal.badRequest("There is no file named."));
    refuseEncrypted(exchange, key, serial);
    Entry entry;
    try (Manifests.Lease lease = manifests.open(exchange.visitor().name(), key, serial)) {
      entry = fileOf(lease.index(), name);
    }
    String savedAs = FileNames.of(name);
    if (exchange.isHead()) {
      exchange.file(savedAs, entry.size()).flush();
      return;
    }
    String doing = "download a file of version " + serial + " of " + key;
    inSlot(
        () ->
            send(
                source(exchange, key, serial, name, doing),
                entry,
                new HeldBack(() -> exchange.file(savedAs, entry.size()))));
  }

  private static Serial version(Exchange exchange) throws Refusal {
    return exchange.version().orElseThrow(() -> Refusal.badRequest("There is no version named."));
  }

  private void refuseEncrypted(Exchange exchange, RegistrationKey key, Serial serial)
      throws Exception {
    VersionHeader header;
    try (Manifests.Lease lease = manifests.open(exchange.visitor().name(), key, serial)) {
      header = lease.index().header();
    }
    if (!header.recipients().isEmpty()) {
      throw new Refusal(
          409,
          "This version is encrypted, and only whoever has a key can open it.",
          "On the machine where the key is: admin restore --identity FILE --to FOLDER.");
    }
  }

  private static Entry fileOf(VersionIndex index, RawPath name) throws IOException, Refusal {
    Entry entry = index.find(name).orElseThrow(Downloads::noFile).entry();
    if (entry.type() == Entry.Type.HARD_LINK && entry.link() != null) {
      entry = index.find(entry.link()).orElseThrow(Downloads::noFile).entry();
    }
    if (entry.type() != Entry.Type.FILE || entry.warning() == Entry.Warning.UNREADABLE) {
      throw noFile();
    }
    return entry;
  }

  private static Refusal noFile() {
    return new Refusal(404, "The version has no file of this name.", null);
  }

  private SentArchive source(
      Exchange exchange,
      RegistrationKey key,
      Serial serial,
      @Nullable RawPath entry,
      String doing) {
    VersionQuery query = operator.query(exchange.visitor().name(), doing);
    List<RawPath> entries = entry == null ? null : List.of(Paths.absolute(entry));
    return new SentArchive(
        query,
        replyTo ->
            new Query(
                key.node(),
                key.path(),
                new VersionChoice.Numbered(serial),
                QueryJob.What.ARCHIVE,
                entries,
                QueryJob.Packing.GZIP,
                replyTo));
  }

  /** Receiving and unpacking go on at the same time. */
  private void send(SentArchive source, Entry entry, HeldBack out) throws Exception {
    BlockPipe packed = new BlockPipe(PACKED_BLOCKS);
    Future<?> received =
        threads.submit(
            () -> {
              try {
                source.into(packed.out(), bytes -> {});
                packed.end();
              } catch (Exception e) {
                packed.fail(new IOException(e.getMessage(), e));
                throw e;
              }
              return null;
            });
    try (InputStream in = packed.in();
        InputStream tar = MemberCodecs.unpacked(in, BLOCK)) {
      SingleFile.open(tar).into(out, entry);
      tar.transferTo(OutputStream.nullOutputStream());
      received.get();
      out.release();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } catch (IOException e) {
      throw told(e);
    } finally {
      received.cancel(true);
    }
  }

  /** What the worker said, where that is why it broke off. */
  private static Exception told(IOException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof AdminException told) {
        return told;
      }
    }
    return e;
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
