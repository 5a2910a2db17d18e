package resguardo.worker;

import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.GZIPOutputStream;
import resguardo.core.RawPath;
import resguardo.core.Serial;
import resguardo.core.Sha256;
import resguardo.core.port.Platform;
import resguardo.core.protocol.QueryJob;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.version.Chunk;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.Place;
import resguardo.core.version.Placed;
import resguardo.testkit.store.MemoryArchiveStore;
import resguardo.testkit.versions.MadeEntries;

/**
 * A program for a process of its own, with a bound of memory: as many queries as a worker has open
 * take a file out of a version whose line is nearly as long as a worker takes, and all of them wait
 * in its midst for whoever reads.
 */
final class LargestFiles {
  /** Of a byte each: what counts is that they are as many as those of a hundred gigabytes. */
  private static final int CHUNKS = 74_000;

  private static final int MIDST = 20_000;

  private final MemoryArchiveStore store = new MemoryArchiveStore();
  private final ExecutorService compressors = Executors.newFixedThreadPool(2);
  private final QueryPlaces places = new QueryPlaces(Platform.ofJvm());
  private final CountDownLatch inTheMidst = new CountDownLatch(QueryPlaces.OPEN);
  private final Path spool;

  private LargestFiles(Path spool) {
    this.spool = spool;
  }

  /** Argument: a folder for temporary files. Prints what came of each query. */
  public static void main(String[] args) throws Exception {
    LargestFiles files = new LargestFiles(Path.of(args[0]));
    files.store();
    ExecutorService threads = Executors.newFixedThreadPool(QueryPlaces.OPEN);
    List<Future<String>> queries = new ArrayList<>();
    for (int i = 0; i < QueryPlaces.OPEN; i++) {
      String user = "user-" + i;
      Callable<String> query = () -> files.query(user);
      queries.add(threads.submit(query));
    }
    for (Future<String> query : queries) {
      System.out.print(query.get() + " ");
    }
    threads.shutdown();
    files.compressors.shutdown();
  }

  private void store() throws Exception {
    ByteArrayOutputStream member = new ByteArrayOutputStream();
    try (GZIPOutputStream packed = new GZIPOutputStream(member)) {
      packed.write(1);
    }
    Sha256 digest = Sha256.of(new byte[] {1});
    ByteArrayOutputStream archive = new ByteArrayOutputStream();
    List<Chunk> chunks = new ArrayList<>();
    for (int i = 0; i < CHUNKS; i++) {
      // A digest of its own each, as when it is read from a line.
      Sha256 own = Sha256.of(new byte[] {1});
      chunks.add(new Chunk(1, archive.size(), member.size(), 1, own));
      member.writeTo(archive);
    }
    Placed file =
        new Placed(
            MadeEntries.file("srv/data/x", CHUNKS).read(digest, null),
            new Place(null, null, chunks));
    byte[] line = EntryCodec.write(file);
    int most = Receiving.longestLine(112 << 20);
    if (line.length > most || line.length < most * 9L / 10) {
      throw new IllegalStateException("a line of " + line.length + " bytes");
    }
    TestVersion.put(store, spool, file, archive.toByteArray());
  }

  private String query(String user) throws Exception {
    try (QueryPlaces.Turn turn = places.enter(user, false, why -> {})) {
      turn.next();
      long[] sent = {0};
      StreamMessage end =
          new VersionArchive(
                  store,
                  compressors,
                  TestVersion.KEY,
                  Serial.first(),
                  new Lookup(spool, (entries, bytes) -> {}))
              .read(
                  List.of(RawPath.parse("x")),
                  QueryJob.Packing.GZIP,
                  (header, part) -> {},
                  bytes -> {
                    boolean before = sent[0] < MIDST;
                    sent[0] += bytes.length;
                    if (before && sent[0] >= MIDST) {
                      turn.rest();
                      inTheMidst.countDown();
                      inTheMidst.await();
                    }
                    turn.next();
                  });
      return end instanceof StreamMessage.Finished ? "served" : end.toString();
    }
  }
}
