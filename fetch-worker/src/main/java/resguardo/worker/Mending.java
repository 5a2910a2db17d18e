package resguardo.worker;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import resguardo.archive.Deflaters;
import resguardo.archive.SetTotals;
import resguardo.core.RawPath;
import resguardo.core.Sha256;
import resguardo.core.Texts;
import resguardo.core.catalog.Damage;
import resguardo.core.port.Content;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.Chunk;
import resguardo.core.version.Entry;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.ManifestWriter;
import resguardo.core.version.Piece;
import resguardo.core.version.Place;
import resguardo.core.version.Placed;
import resguardo.core.version.VersionHeader;

/**
 * A base without what is damaged: to the agent the files that leant on it are new, or have changed,
 * and it brings again what the base has not. It lies in a file of the spool.
 */
final class Mending implements AutoCloseable {
  /** So many are looked for by name when they come again. */
  private static final int MOST_NAMES = 20_000;

  /** Bytes of these names: nodes make them as long as they like. */
  static final long MOST_BYTES = 4 * 1024 * 1024;

  /** Characters of a name that is told: notes of many have to stay readable. */
  private static final int LONGEST_NAME = 200;

  private static final int MOST_TOLD = 100;
  private static final byte[] NOTHING = {};
  private static final byte[] NEWLINE = {'\n'};

  private final ManifestWriter lines;
  private final VersionHeader header;
  private final Content manifest;
  private final long taken;
  private final int lookedFor;
  private final Map<RawPath, Optional<Sha256>> missing;

  private Mending(
      ManifestWriter lines,
      VersionHeader header,
      Content manifest,
      long taken,
      Map<RawPath, Optional<Sha256>> missing) {
    this.lines = lines;
    this.header = header;
    this.manifest = manifest;
    this.taken = taken;
    this.missing = missing;
    this.lookedFor = missing.size();
  }

  /**
   * Looks which lines of a base lean on what is damaged.
   *
   * @param base read to its end
   * @return absent: none does
   * @throws MalformedMessageException when its lines cannot be read
   */
  static @Nullable Mending of(Damage damage, ManifestReader base, Path spool)
      throws IOException, MalformedMessageException {
    ManifestWriter lines = new ManifestWriter(spool, Deflaters.ofLines()::member);
    try {
      Mending mending = of(damage, base, lines);
      if (mending.taken > 0) {
        return mending;
      }
    } catch (IOException | MalformedMessageException | RuntimeException e) {
      lines.close();
      throw e;
    }
    lines.close();
    return null;
  }

  private static Mending of(Damage damage, ManifestReader base, ManifestWriter lines)
      throws IOException, MalformedMessageException {
    Map<Integer, String> archives = new HashMap<>();
    for (ArchiveRef ref : base.header().archives()) {
      archives.put(ref.number(), ref.key());
    }
    Predicate<Piece> damaged =
        piece -> damage.has(archives.getOrDefault(piece.archive(), ""), piece);
    SetTotals set = new SetTotals();
    Map<RawPath, Optional<Sha256>> missing = new LinkedHashMap<>();
    long taken = 0;
    long bytes = 0;
    for (Optional<byte[]> line = base.nextLine(); line.isPresent(); line = base.nextLine()) {
      Placed placed = EntryCodec.read(line.get());
      byte[] kept = line.get();
      if (placed.place().pieces().anyMatch(damaged)) {
        RawPath name = placed.entry().name();
        if (++taken <= MOST_NAMES && bytes + name.length() <= MOST_BYTES) {
          missing.put(name, Optional.ofNullable(placed.entry().digest()));
          bytes += name.length();
        }
        placed = withoutDamage(placed, damaged);
        kept = placed == null ? NOTHING : EntryCodec.write(placed);
      }
      if (placed != null) {
        set.add(placed.entry(), kept);
        lines.addLines(kept);
        lines.addLines(NEWLINE);
      }
    }
    VersionHeader header = header(base.header(), set);
    return new Mending(lines, header, lines.finish(header), taken, missing);
  }

  /**
   * A large file of which some chunks are whole, as if it had changed while it was read: the agent
   * reads it again, whatever it knows of it, and sends the others. Absent: there are none.
   */
  private static @Nullable Placed withoutDamage(Placed placed, Predicate<Piece> damaged) {
    List<Chunk> whole =
        placed.place().chunks().stream().filter(chunk -> !damaged.test(chunk.piece())).toList();
    return whole.isEmpty()
        ? null
        : new Placed(
            placed.entry().read(null, Entry.Warning.CHANGED_WHILE_READING),
            new Place(null, null, whole));
  }

  private static VersionHeader header(VersionHeader of, SetTotals set) {
    return new VersionHeader(
        of.format(),
        of.registration(),
        of.serial(),
        of.generation(),
        of.job(),
        of.slot(),
        of.committed(),
        of.archives(),
        false,
        set.index(),
        set.totals(),
        of.upTo(),
        of.alarm());
  }

  /** Of the base without these lines. */
  VersionHeader header() {
    return header;
  }

  /** The lines that are left; the caller closes them. */
  ManifestReader lines() throws IOException {
    try {
      return new ManifestReader(manifest.open());
    } catch (MalformedMessageException e) {
      throw new IOException("the spool is damaged: " + e.getMessage(), e);
    }
  }

  /** Takes note of an entry that came. */
  void came(Entry entry) {
    missing.remove(entry.name(), Optional.ofNullable(entry.digest()));
  }

  /** What has not come again, the first hundred names: it is in older versions alone. */
  List<String> lost() {
    return missing.keySet().stream().limit(MOST_TOLD).map(Mending::told).toList();
  }

  private static String told(RawPath name) {
    return Texts.cut(name.toString(), LONGEST_NAME);
  }

  /** How many bytes are kept of names that are looked for. */
  long keptBytes() {
    return missing.keySet().stream().mapToLong(RawPath::length).sum();
  }

  /** What it came to, in words; to be asked when all has come. */
  String told() {
    int lost = missing.size();
    String what =
        "brought again what was damaged: "
            + (lookedFor - lost)
            + " of "
            + lookedFor
            + " entries"
            + (taken == lookedFor ? "" : ", and did not look for " + (taken - lookedFor) + " more");
    return lost == 0
        ? what
        : what
            + "; not to be had again: "
            + told(missing.keySet().iterator().next())
            + (lost == 1 ? "" : " and " + (lost - 1) + " more");
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
