package resguardo.agent;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import resguardo.agent.cache.CacheFolder;
import resguardo.agent.cache.KnownStates;
import resguardo.agent.cache.LineCacheReader;
import resguardo.agent.cache.LineCacheWriter;
import resguardo.archive.ArchiveWriter;
import resguardo.archive.Composer;
import resguardo.archive.JdkDeflater;
import resguardo.core.BackupOptions;
import resguardo.core.NodeName;
import resguardo.core.RawPath;
import resguardo.core.RegistrationKey;
import resguardo.core.SliceLimit;
import resguardo.core.SourcePath;
import resguardo.core.stream.ManifestEdit;
import resguardo.core.stream.Progress;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.Totals;

/** Rounds of an agent over a set, with what a worker would keep of them in memory. */
final class Rounds {
  static final RegistrationKey KEY =
      new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/set"));

  /** Files written just now count as settled. */
  static final Clock LATER = Clock.offset(Clock.systemUTC(), Duration.ofMinutes(1));

  private final Path set;
  private final RawPath name;
  private final Path caches;
  private final ExecutorService threads;
  private final Map<Integer, byte[]> archives = new HashMap<>();
  private List<byte[]> lines = List.of();
  private BackupOptions options = BackupOptions.NONE;
  private int newest;
  private @Nullable Path cache;

  private @Nullable RawPath upTo;
  private AtomicReference<@Nullable UnfinishedFile> unfinished = new AtomicReference<>();
  private @Nullable SliceLimit limit;
  private final LongLines.Bound bound = new LongLines(Long.MAX_VALUE).upTo(null);
  private long nanosAStep;
  private Progress meanwhile = (entries, bytes) -> {};

  /**
   * What came of a round; the archive is empty where nothing was new.
   *
   * @param upTo where a slice ended; absent: it was walked over to its end
   */
  record Round(
      boolean changed, byte[] archive, Totals totals, long opened, @Nullable RawPath upTo) {}

  Rounds(Path set, RawPath name, Path work, ExecutorService threads) {
    this.set = set;
    this.name = name;
    this.caches = work.resolve("caches");
    this.threads = threads;
  }

  /** The next round. */
  Round next(boolean whole) throws Exception {
    CacheFolder folder = new CacheFolder(caches, Clock.systemUTC());
    ByteArrayOutputStream archive = new ByteArrayOutputStream();
    ByteArrayOutputStream edit = new ByteArrayOutputStream();
    Path base = whole ? null : cache;
    long[] read = {0};
    long[] now = {0};
    int number = ++newest;
    try (NewLines newLines =
            new NewLines(folder, KEY, base, edit::writeBytes, new Warnings(false), bound);
        LineCacheReader reader = base == null ? null : new LineCacheReader(base)) {
      ArchiveWriter writer =
          new ArchiveWriter(
              new JdkDeflater(1), threads, number, base == null, archive::writeBytes, newLines);
      SetScan scan =
          new SetScan(
              reader,
              base,
              writer,
              newLines,
              (entries, bytes) -> {
                read[0] = bytes;
                meanwhile.at(entries, bytes);
              },
              LATER,
              false,
              new Slicing(limit, upTo, writer::written, () -> now[0] += nanosAStep),
              unfinished);
      boolean differs = scan.run(set, name, options);
      upTo = scan.upTo();
      if (!differs && upTo == null) {
        if (newLines.statesDiffer()) {
          newLines.keepStates();
        }
        return new Round(false, new byte[0], reader.totals(), read[0], null);
      }
      ArchiveWriter.Written written = writer.finish();
      archives.put(number, archive.toByteArray());
      lines = edited(lines, edit.toByteArray());
      LineCacheWriter.Finished finished = newLines.finish();
      cache = folder.find(KEY, finished.index()).orElseThrow();
      if (written.bytes() != archive.size()) {
        throw new IOException("the writer counts " + written.bytes());
      }
      return new Round(true, archive.toByteArray(), finished.totals(), read[0], upTo);
    }
  }

  private static List<byte[]> edited(List<byte[]> base, byte[] edit) throws Exception {
    List<byte[]> now = new ArrayList<>();
    Iterator<byte[]> old = base.iterator();
    ManifestEdit.Decoder decoder =
        new ManifestEdit.Decoder(
            EntryCodec.LONGEST_LINE,
            new ManifestEdit.Reader() {
              @Override
              public void keep(long count) {
                for (long i = 0; i < count; i++) {
                  now.add(old.next());
                }
              }

              @Override
              public void drop(long count) {
                for (long i = 0; i < count; i++) {
                  old.next();
                }
              }

              @Override
              public void add(byte[] line) {
                now.add(line);
              }
            });
    // In pieces that end anywhere, as chunks do.
    for (int from = 0; from < edit.length; from += 777) {
      decoder.take(Arrays.copyOfRange(edit, from, Math.min(edit.length, from + 777)));
    }
    decoder.end();
    return now;
  }

  /** The manifest's lines after the last round. */
  List<String> lines() {
    return lines.stream().map(line -> new String(line, StandardCharsets.UTF_8)).toList();
  }

  /** The complete archive of the set as it was in the last round. */
  byte[] composed() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Composer composer =
        new Composer(
            new JdkDeflater(1),
            threads,
            member ->
                Arrays.copyOfRange(
                    archives.get(member.archive()),
                    (int) member.offset(),
                    (int) member.offset() + member.length()),
            out::writeBytes);
    for (byte[] line : lines) {
      composer.add(EntryCodec.read(line));
    }
    composer.finish();
    return out.toByteArray();
  }

  /** From now on the set is backed up so. */
  void options(BackupOptions now) {
    options = now;
  }

  /**
   * Rounds end when a slice is full from now on.
   *
   * @param secondsAStep how much time goes by with each look at the clock
   */
  void slice(SliceLimit newLimit, long secondsAStep) {
    limit = newLimit;
    nanosAStep = secondsAStep * 1_000_000_000;
  }

  /** Does this whenever an entry was found, before it is read. */
  void meanwhile(Progress what) {
    meanwhile = what;
  }

  /** As after a restart of the agent: what it had in memory is gone. */
  void restart() {
    unfinished = new AtomicReference<>();
  }

  /** Forgets what the agent remembers. */
  void forget() throws IOException {
    Files.deleteIfExists(cache);
    cache = null;
  }

  /** Moves an archive to another number, as a worker does that merges some. */
  void renumber(int from, int to) {
    archives.put(to, archives.remove(from));
    newest = Math.max(newest, to);
    lines = lines.stream().map(line -> renumbered(line, from, to)).toList();
  }

  private static byte[] renumbered(byte[] line, int from, int to) {
    int entry = EntryCodec.entryLength(line);
    String place = new String(line, entry, line.length - entry, StandardCharsets.UTF_8);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(line, 0, entry);
    out.writeBytes(
        place.replace("[" + from + ",", "[" + to + ",").getBytes(StandardCharsets.UTF_8));
    return out.toByteArray();
  }

  /** Lets the agent have the lines again, as a worker sends them. */
  void sendBase() throws Exception {
    CacheFolder folder = new CacheFolder(caches, Clock.systemUTC());
    try (KnownStates known = KnownStates.of(folder.before(KEY));
        LineCacheWriter writer = folder.create(KEY)) {
      for (byte[] line : lines) {
        writer.add(line, known);
      }
      cache = folder.keep(KEY, writer.finish());
    }
  }
}
