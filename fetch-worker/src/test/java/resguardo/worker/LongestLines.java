package resguardo.worker;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import resguardo.core.RawPath;
import resguardo.core.Sha256;
import resguardo.core.port.ChunkKind;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.stream.ChunkReceiver;
import resguardo.core.version.Chunk;
import resguardo.core.version.Entry;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.ManifestWriter;
import resguardo.core.version.Place;
import resguardo.core.version.Placed;
import resguardo.testkit.versions.MadeEntries;

/**
 * A program for a process of its own, with a bound of memory: two nodes at once send the longest
 * lines that a worker takes, again and again, while all that they may send beside them lies unread.
 */
final class LongestLines implements Receiving.Base {
  private static final int AT_ONCE = 2;
  private static final int LINES = 4;

  private final Path spool;

  private LongestLines(Path spool) {
    this.spool = spool;
  }

  /** Writes such a line: of the shortest chunks that there are, and with a warning. */
  static void write(Path file, int longest) throws IOException {
    int raw = Receiving.SHORTEST_CHUNK;
    Chunk chunk = new Chunk(1, 0, raw, raw, Sha256.of(new byte[0]));
    String text = "[1,0," + raw + "," + raw + ",\"" + chunk.digest() + "\"],";
    int count = longest / text.length() - 10;
    Entry entry =
        MadeEntries.file("srv/x", (long) raw * count)
            .read(chunk.digest(), Entry.Warning.CHANGED_WHILE_READING);
    List<Chunk> chunks = IntStream.range(0, count).mapToObj(i -> chunk).toList();
    try (OutputStream out = Files.newOutputStream(file)) {
      out.write(EntryCodec.write(new Placed(entry, new Place(null, null, chunks))));
      out.write('\n');
    }
  }

  /** Arguments: a folder for temporary files, and the file with the line. */
  public static void main(String[] args) throws Exception {
    Path spool = Path.of(args[0]);
    int capacity = ChunkReceiver.capacity(ChunkReceiver.WINDOW);
    List<byte[]> unread = new ArrayList<>();
    for (int i = 0; i < AT_ONCE * capacity; i++) {
      unread.add(new byte[ChunkReceiver.CHUNK_BYTES]);
    }
    ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
    List<Future<Long>> taken = new ArrayList<>();
    for (int i = 0; i < AT_ONCE; i++) {
      Callable<Long> taking = () -> new LongestLines(spool).take(Path.of(args[1]));
      taken.add(threads.submit(taking));
    }
    threads.shutdown();
    for (Future<Long> one : taken) {
      System.out.print(one.get() + " lines ");
    }
    System.out.print(unread.size() + " unread ");
  }

  private long take(Path line) throws Exception {
    long taken = 0;
    for (int i = 0; i < LINES; i++) {
      try (ManifestWriter manifest = new ManifestWriter(spool);
          Receiving receiving =
              new Receiving(RawPath.parse("srv"), manifest, List.of(), this, 1, () -> null);
          InputStream in = Files.newInputStream(line)) {
        byte[] buffer = new byte[ChunkReceiver.CHUNK_BYTES];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          byte[] some = Arrays.copyOf(buffer, n);
          receiving.take(new ChunkReceiver.Data(ChunkKind.ENTRIES, some));
        }
        taken += receiving.entries();
      }
    }
    return taken;
  }

  @Override
  public ManifestReader open() {
    throw new UnsupportedOperationException("there is none");
  }

  @Override
  public IOException damaged(MalformedMessageException why) {
    return new IOException(why);
  }

  @Override
  public void came(Entry entry) {}
}
