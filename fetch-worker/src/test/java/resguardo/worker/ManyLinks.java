package resguardo.worker;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import resguardo.archive.SetTotals;
import resguardo.core.JobId;
import resguardo.core.RawPath;
import resguardo.core.Serial;
import resguardo.core.Sha256;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.version.Entry;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.ManifestWriter;
import resguardo.core.version.Placed;
import resguardo.core.version.VersionHeader;
import resguardo.testkit.store.MemoryArchiveStore;
import resguardo.testkit.versions.MadeEntries;

/**
 * A program for a process of its own, with a bound of memory: takes a folder out of a version whose
 * files have their first names outside, several times at once, and says how many files came.
 */
final class ManyLinks {
  private static final Instant NOW = Instant.EPOCH;

  private final MemoryArchiveStore store = new MemoryArchiveStore();
  private final Lookup lookup;
  private final int many;
  private final String end;

  private ManyLinks(Path spool, int many, int length) {
    this.lookup = new Lookup(spool, (entries, bytes) -> {});
    this.many = many;
    this.end = "n".repeat(length);
  }

  /** Arguments: a folder for temporary files, how many links, of what length, how often at once. */
  public static void main(String[] args) throws Exception {
    ManyLinks links =
        new ManyLinks(Path.of(args[0]), Integer.parseInt(args[1]), Integer.parseInt(args[2]));
    links.store();
    int queries = Integer.parseInt(args[3]);
    ExecutorService threads = Executors.newFixedThreadPool(queries);
    CountDownLatch all = new CountDownLatch(queries);
    List<Future<Integer>> results = new ArrayList<>();
    for (int i = 0; i < queries; i++) {
      Callable<Integer> query = () -> links.taken(all);
      results.add(threads.submit(query));
    }
    for (Future<Integer> result : results) {
      System.out.print(result.get() + " files ");
    }
    threads.shutdown();
  }

  private String name(int i) {
    return String.format("srv/data/a/%08d", i) + end;
  }

  private void store() throws Exception {
    SetTotals totals = new SetTotals();
    try (ManifestWriter manifest = new ManifestWriter(lookup.spool())) {
      add(MadeEntries.of("srv/data", Entry.Type.FOLDER, 0), totals, manifest);
      for (int i = 0; i < many; i++) {
        byte[] number = {(byte) i, (byte) (i >> 8), (byte) (i >> 16)};
        add(MadeEntries.file(name(i), 0).read(Sha256.of(number), null), totals, manifest);
      }
      add(MadeEntries.of("srv/data/z", Entry.Type.FOLDER, 0), totals, manifest);
      for (int i = 0; i < many; i++) {
        Entry link = MadeEntries.of("srv/data/z/" + i, Entry.Type.HARD_LINK, 0);
        String z = String.format("srv/data/z/%08d", i);
        add(link.named(RawPath.parse(z), RawPath.parse(name(other(i)))), totals, manifest);
      }
      VersionHeader header =
          new VersionHeader(
              VersionHeader.FORMAT,
              TestVersion.KEY,
              Serial.first(),
              1,
              JobId.of(TestVersion.KEY, 1, NOW),
              NOW,
              NOW,
              List.of(),
              true,
              totals.index(),
              totals.totals());
      store.put(BucketLayout.manifest(TestVersion.KEY, Serial.first()), manifest.finish(header));
    }
  }

  /** All in another order. */
  private int other(int i) {
    return many - 1 - i;
  }

  private static void add(Entry entry, SetTotals totals, ManifestWriter manifest) throws Exception {
    byte[] line = EntryCodec.write(entry);
    totals.add(entry, line);
    manifest.addLines(line);
    manifest.addLines(new byte[] {'\n'});
  }

  private int taken(CountDownLatch all) throws Exception {
    int files = 0;
    try (FoundLines found =
        FoundLines.takenOut(
            new VersionCatalog(store),
            TestVersion.KEY,
            Serial.first(),
            List.of(RawPath.parse("z")),
            lookup)) {
      all.countDown();
      all.await();
      VersionArchive.Lines lines = found.lines();
      for (Optional<byte[]> line = lines.next(); line.isPresent(); line = lines.next()) {
        Optional<Placed> placed = found.selection().of(line.get());
        files += placed.isPresent() && placed.get().entry().type() == Entry.Type.FILE ? 1 : 0;
      }
    }
    return files;
  }
}
