package resguardo.transfer.tarball;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import resguardo.archive.ArchiveWriter;
import resguardo.archive.Deflaters;
import resguardo.archive.EncryptingDeflater;
import resguardo.archive.MemberDeflater;
import resguardo.archive.SetTotals;
import resguardo.core.BackupOptions;
import resguardo.core.JobId;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.Sha256;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.DamageBook;
import resguardo.core.catalog.DamagedException;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.Platform;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.Chunk;
import resguardo.core.version.Entry;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.Imported;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.ManifestWriter;
import resguardo.core.version.Placed;
import resguardo.core.version.Totals;
import resguardo.core.version.VersionHeader;

/**
 * Makes a version of a tarball: compare with the newest version → write an archive of what is new →
 * commit, by the rules of a worker. What comes before the commit can be repeated without harm. For
 * one thread.
 */
final class VersionMaker {
  /** A set of so little content is always brought whole. */
  private static final long SMALL_SET = 256 * 1024;

  /** A version never needs more archives: the next one is whole. */
  static final int LONGEST_CHAIN = 16;

  private static final ArchiveWriter.KnownChunks NONE = digest -> null;

  private final ArchiveStore store;
  private final VersionCatalog versions;
  private final Path spool;
  private final ExecutorService threads;
  private final Platform platform;
  private final RegistrationKey key;
  private final long generation;
  private final BackupOptions options;
  private final MemberDeflater deflater;

  /**
   * @param generation of the registration, or the first
   * @param options how archives are written
   * @throws IOException when this machine cannot write them so
   */
  VersionMaker(
      ArchiveStore store,
      Path spool,
      ExecutorService threads,
      Platform platform,
      RegistrationKey key,
      long generation,
      BackupOptions options)
      throws IOException {
    this.store = store;
    this.versions = new VersionCatalog(store);
    this.spool = spool;
    this.threads = threads;
    this.platform = platform;
    this.key = key;
    this.generation = generation;
    this.options = options;
    this.deflater =
        EncryptingDeflater.to(
            options.encryptTo(),
            Deflaters.of(
                options.codec(), options.level(), Deflaters.choose(Deflaters.Choice.AUTO)));
  }

  /**
   * Makes the next version.
   *
   * @param newest the version before it; absent: there is none
   * @return the version of this tarball, also when another has just made it
   * @throws TarballException when another version was committed meanwhile
   */
  VersionHeader make(
      Tarball tarball, ReadTarball read, TarballSet set, @Nullable VersionHeader newest)
      throws IOException, InterruptedException {
    VersionHeader usable = newest != null && isUsable(newest) ? newest : null;
    boolean same = usable != null && usable.totals().fingerprint().equals(fingerprint(set));
    VersionHeader base = usable != null && (same || isWorthABase(usable)) ? usable : null;
    Serial serial = newest == null ? Serial.first() : newest.serial().next();
    JobId job = JobId.of(key, generation, tarball.slot());
    var attempt = platform.newId();
    boolean encrypted = !options.encryptTo().isEmpty();
    ObjectKey object = BucketLayout.archive(key, serial, attempt, options.codec(), encrypted);
    int number = newest == null ? 1 : newest.nextArchive();
    try (VersionLines lines = lines(base, number);
        NewArchive archive = new NewArchive(store, platform, key, job, attempt, object)) {
      List<ArchiveRef> archives = new ArrayList<>();
      if (same) {
        lines.keepAll();
      } else {
        ArchiveWriter.Written written = write(lines, archive, read, set, base, number);
        archive.complete(number, written).ifPresent(archives::add);
      }
      Totals totals = lines.totals();
      archives.addAll(0, base == null ? List.of() : lines.needed(base.archives()));
      boolean whole =
          same && base != null
              ? base.whole()
              : base == null && archives.size() == 1 && lines.isComplete();
      VersionHeader header =
          new VersionHeader(
                  VersionHeader.FORMAT,
                  key,
                  serial,
                  generation,
                  job,
                  tarball.slot(),
                  platform.clock().instant(),
                  archives,
                  whole,
                  lines.index(),
                  totals)
              .of(new Imported(tarball.name(), tarball.bytes(), read.digest()));
      archive.check();
      return commit(lines, header, newest);
    }
  }

  private VersionLines lines(@Nullable VersionHeader base, int number) throws IOException {
    ManifestWriter manifest = new ManifestWriter(spool, Deflaters.ofLines()::member);
    return new VersionLines(manifest, versions, key, base == null ? null : base.serial(), number);
  }

  private static Sha256 fingerprint(TarballSet set) {
    SetTotals totals = new SetTotals();
    set.items().forEach(item -> totals.add(item.entry(), EntryCodec.write(item.entry())));
    return totals.totals().fingerprint();
  }

  /** Whether its content can be gone on from: it is all there, and written as is asked. */
  private boolean isUsable(VersionHeader newest) throws IOException {
    for (ArchiveRef archive : newest.archives()) {
      Optional<StoredObject> there = store.head(new ObjectKey(archive.key()));
      if (there.isEmpty()
          || there.get().size() != archive.bytes()
          || archive.form().codec() != options.codec()
          || !archive.form().isEncryptedTo(options.encryptTo())) {
        return false;
      }
    }
    try {
      return new DamageBook(store)
          .find(key)
          .filter(damage -> damage.isOpen(newest.serial()))
          .isEmpty();
    } catch (DamagedException unreadable) {
      return false;
    }
  }

  private static boolean isWorthABase(VersionHeader newest) {
    return newest.totals().bytes() > SMALL_SET && newest.archives().size() < LONGEST_CHAIN;
  }

  private ArchiveWriter.Written write(
      VersionLines lines,
      NewArchive archive,
      ReadTarball read,
      TarballSet set,
      @Nullable VersionHeader base,
      int number)
      throws IOException, InterruptedException {
    ArchiveWriter writer =
        new ArchiveWriter(deflater, threads, number, base == null, archive, lines);
    try (ManifestReader before = base == null ? null : versions.manifest(key, base.serial())) {
      Map<Sha256, Placed> known = base == null ? Map.of() : contents(base, set);
      Placed next = next(before);
      for (TarballSet.Item item : set.items()) {
        while (next != null && next.entry().name().compareTo(item.entry().name()) < 0) {
          writer.drop();
          next = next(before);
        }
        Placed old = next != null && next.entry().name().equals(item.entry().name()) ? next : null;
        if (old != null) {
          next = next(before);
        }
        add(writer, lines, read, item, old, known);
      }
      for (; next != null; next = next(before)) {
        writer.drop();
      }
      return writer.finish();
    } catch (MalformedMessageException e) {
      throw new DamagedException(
          BucketLayout.manifest(key, base == null ? Serial.first() : base.serial()),
          e.getMessage());
    }
  }

  private static @Nullable Placed next(@Nullable ManifestReader lines)
      throws IOException, MalformedMessageException {
    return lines == null ? null : lines.next().orElse(null);
  }

  /** Where contents of the set lie already, whatever their names were. */
  private Map<Sha256, Placed> contents(VersionHeader base, TarballSet set)
      throws IOException, MalformedMessageException {
    Set<Sha256> wanted = new HashSet<>();
    for (TarballSet.Item item : set.items()) {
      if (item.entry().digest() != null && item.entry().stored() > 0) {
        wanted.add(item.entry().digest());
      }
    }
    Map<Sha256, Placed> known = new HashMap<>();
    try (ManifestReader lines = versions.manifest(key, base.serial())) {
      for (Placed one = next(lines); one != null; one = next(lines)) {
        Sha256 digest = one.entry().digest();
        if (digest != null && wanted.contains(digest) && !one.place().isNone()) {
          known.putIfAbsent(digest, one);
        }
      }
    }
    return known;
  }

  private static void add(
      ArchiveWriter writer,
      VersionLines lines,
      ReadTarball read,
      TarballSet.Item item,
      @Nullable Placed old,
      Map<Sha256, Placed> known)
      throws IOException, InterruptedException {
    Entry entry = item.entry();
    if (old != null) {
      if (Arrays.equals(EntryCodec.write(old.entry()), EntryCodec.write(entry))) {
        writer.keep();
        return;
      }
      writer.drop();
    }
    if (entry.digest() == null) {
      writer.add(entry, lines);
      return;
    }
    Placed content = entry.stored() == 0 ? null : known.get(entry.digest());
    if (content != null) {
      writer.known(entry, ArchiveWriter.contentOf(content.entry(), content.place()), lines);
    } else if (entry.stored() <= ArchiveWriter.SMALL) {
      byte[] bytes = small(read.content(item.node()), (int) entry.stored());
      writer.add(entry, bytes, bytes.length, lines);
    } else {
      writer.add(
          entry.read(null, entry.warning()),
          read.content(item.node()),
          old == null ? NONE : chunks(old),
          lines);
    }
  }

  private static byte[] small(ArchiveWriter.Source source, int length) throws IOException {
    byte[] bytes = new byte[length];
    for (int at = 0; at < length; ) {
      int read = source.read(bytes, at, length - at);
      if (read < 0) {
        throw new IOException("the spool has lost content");
      }
      at += read;
    }
    return bytes;
  }

  private static ArchiveWriter.KnownChunks chunks(Placed old) {
    Map<Sha256, Chunk> chunks = new HashMap<>();
    old.place().chunks().forEach(chunk -> chunks.put(chunk.digest(), chunk));
    return chunks::get;
  }

  private VersionHeader commit(
      VersionLines lines, VersionHeader header, @Nullable VersionHeader newest) throws IOException {
    Serial before = newest == null ? null : newest.serial();
    Optional<Serial> latest = versions.latest(key, before);
    if (latest.isPresent() && !latest.get().equals(before)) {
      return made(header, latest.get(), null);
    }
    try {
      store.putIfAbsent(BucketLayout.manifest(key, header.serial()), lines.finish(header));
      return header;
    } catch (StoreException.ConditionFailed taken) {
      return made(header, header.serial(), taken); // or our own write, whose answer was lost
    }
  }

  private VersionHeader made(VersionHeader header, Serial there, @Nullable Exception cause)
      throws IOException {
    Optional<VersionHeader> other = versions.header(key, there);
    if (other.isPresent()
        && other.get().imported() != null
        && other.get().imported().equals(header.imported())) {
      return other.get();
    }
    TarballException meanwhile =
        new TarballException("version " + there + " was committed meanwhile; run it again");
    if (cause != null) {
      meanwhile.initCause(cause);
    }
    throw meanwhile;
  }
}
