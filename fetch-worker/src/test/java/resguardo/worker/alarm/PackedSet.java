package resguardo.worker.alarm;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import resguardo.archive.ArchiveWriter;
import resguardo.archive.JdkDeflater;
import resguardo.archive.SetTotals;
import resguardo.core.JobId;
import resguardo.core.NodeName;
import resguardo.core.RawPath;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.Sha256;
import resguardo.core.SourcePath;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.stream.LineSplitter;
import resguardo.core.version.Chunk;
import resguardo.core.version.Entry;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.ManifestWriter;
import resguardo.core.version.Placed;
import resguardo.core.version.Totals;
import resguardo.core.version.VersionHeader;

/**
 * Files of a version and where they lie, packed as an agent packs them: the first version whole, of
 * a later one only what is new.
 */
final class PackedSet {
  private static final RegistrationKey KEY =
      new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/srv"));

  private static final ArchiveWriter.Edit NONE =
      new ArchiveWriter.Edit() {
        @Override
        public void keep(long lines) {
          throw new IllegalStateException("there is no base");
        }

        @Override
        public void drop(long lines) {
          throw new IllegalStateException("there is no base");
        }
      };

  private final TreeMap<RawPath, Placed> placed = new TreeMap<>();
  private final int number;

  private PackedSet(int number) {
    this.number = number;
  }

  /** A set that is backed up for the first time. */
  static PackedSet of(Map<String, byte[]> files) {
    return pack(files, null);
  }

  /** The next version of it, with these files. */
  PackedSet then(Map<String, byte[]> files) {
    return pack(files, this);
  }

  private static PackedSet pack(Map<String, byte[]> files, @Nullable PackedSet before) {
    ExecutorService threads = Executors.newSingleThreadExecutor();
    try {
      PackedSet set = new PackedSet(before == null ? 1 : before.number + 1);
      set.write(files, before == null ? Map.of() : before.placed, threads);
      return set;
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    } finally {
      threads.shutdown();
    }
  }

  private void write(Map<String, byte[]> files, Map<RawPath, Placed> known, ExecutorService threads)
      throws IOException, InterruptedException {
    Map<Sha256, Chunk> chunks = new HashMap<>();
    known.values().stream()
        .flatMap(old -> old.place().chunks().stream())
        .forEach(chunk -> chunks.put(chunk.digest(), chunk));
    ArchiveWriter writer =
        new ArchiveWriter(new JdkDeflater(1), threads, number, known.isEmpty(), bytes -> {}, NONE);
    TreeMap<RawPath, byte[]> sorted = new TreeMap<>();
    files.forEach((name, content) -> sorted.put(RawPath.parse(name), content));
    for (Map.Entry<RawPath, byte[]> file : sorted.entrySet()) {
      byte[] content = file.getValue();
      Placed old = known.get(file.getKey());
      if (old != null && Sha256.of(content).equals(old.entry().digest())) {
        placed.put(file.getKey(), old);
      } else if (content.length <= ArchiveWriter.SMALL) {
        Entry read = entry(file.getKey(), content).read(Sha256.of(content), null);
        writer.add(read, content, content.length, one -> placed.put(file.getKey(), one));
      } else {
        InputStream in = new ByteArrayInputStream(content);
        writer.add(
            entry(file.getKey(), content),
            in::read,
            chunks::get,
            one -> placed.put(file.getKey(), one));
      }
    }
    writer.finish();
  }

  private static Entry entry(RawPath name, byte[] content) {
    return new Entry(
        name,
        Entry.Type.FILE,
        0644,
        0,
        0,
        "root",
        "root",
        1_700_000_000,
        123_456_789,
        content.length,
        null,
        null,
        null,
        null);
  }

  /**
   * The same files, as whoever wants to hide it says: the lines of before, but other content in the
   * archive that comes.
   *
   * @param files what really lies there, under the same names
   */
  PackedSet lying(Map<String, byte[]> files) {
    PackedSet set = new PackedSet(number + 1);
    PackedSet really = new PackedSet(number + 1);
    ExecutorService threads = Executors.newSingleThreadExecutor();
    try {
      really.write(files, Map.of(), threads);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    } finally {
      threads.shutdown();
    }
    placed.forEach(
        (name, old) -> {
          Placed there = really.placed.get(name);
          set.placed.put(name, there == null ? old : new Placed(old.entry(), there.place()));
        });
    return set;
  }

  /** The same files, each of which is said to lie where another does. */
  PackedSet shifted() {
    PackedSet set = new PackedSet(number + 1);
    List<Placed> all = List.copyOf(placed.values());
    for (int i = 0; i < all.size(); i++) {
      Placed next = all.get((i + 1) % all.size());
      set.placed.put(all.get(i).entry().name(), new Placed(all.get(i).entry(), next.place()));
    }
    return set;
  }

  /** The same files with another mode: other lines, and no other content. */
  PackedSet chmod() {
    PackedSet set = new PackedSet(number + 1);
    placed.forEach(
        (name, old) -> {
          Entry entry = old.entry();
          Entry other =
              new Entry(
                  name,
                  entry.type(),
                  0600,
                  0,
                  0,
                  null,
                  null,
                  1_800_000_000,
                  0,
                  entry.size(),
                  entry.digest(),
                  null,
                  null,
                  null);
          set.placed.put(
              name, new Placed(other, ArchiveWriter.contentOf(old.entry(), old.place())));
        });
    return set;
  }

  private List<byte[]> lines() {
    List<byte[]> lines = new ArrayList<>();
    placed.values().forEach(one -> lines.add(EntryCodec.write(one)));
    return lines;
  }

  Totals totals() {
    SetTotals totals = new SetTotals();
    placed.values().forEach(one -> totals.add(one.entry(), EntryCodec.write(one)));
    return totals.totals();
  }

  VersionHeader header() {
    return new VersionHeader(
        VersionHeader.FORMAT,
        KEY,
        new Serial(number),
        1,
        JobId.of(KEY, 1, Instant.EPOCH),
        Instant.EPOCH,
        Instant.EPOCH,
        List.of(),
        false,
        Sha256.of(new byte[0]),
        totals());
  }

  /** Its manifest, as it would be read from the bucket. */
  ManifestReader manifest(Path spool) throws IOException {
    try (ManifestWriter writer = new ManifestWriter(spool)) {
      for (byte[] line : lines()) {
        writer.addLines(line);
        writer.addLines("\n".getBytes(StandardCharsets.US_ASCII));
      }
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (InputStream in = writer.finish(header()).open()) {
        in.transferTo(bytes);
      }
      return new ManifestReader(new ByteArrayInputStream(bytes.toByteArray()));
    } catch (MalformedMessageException e) {
      throw new AssertionError(e);
    }
  }

  /** Its lines, as a worker has them before the commit. */
  void each(LineSplitter.Taker taker) throws IOException, MalformedMessageException {
    for (byte[] line : lines()) {
      taker.take(line);
    }
  }
}
