package resguardo.worker.alarm;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.archive.SetTotals;
import resguardo.core.Sha256;
import resguardo.core.version.Chunk;
import resguardo.core.version.Entry;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.ManifestWriter;
import resguardo.core.version.Piece;
import resguardo.core.version.Place;
import resguardo.core.version.Placed;
import resguardo.core.version.VersionHeader;
import resguardo.testkit.versions.MadeEntries;

/** What is kept while two versions are held against each other, whatever a node calls its files. */
class ComparisonTest {
  private static final int MANY = 1000;
  private static final int SIZE = 4000;

  @TempDir Path spool;

  /** Each begins the next, which comes before it with an extension. */
  private static String name(int i) {
    return "srv/a" + "-".repeat(8000 + i);
  }

  private static byte[] line(String name, int number, boolean good) {
    Piece block = new Piece(1, 10_000L * number, good ? 600 : SIZE + 1000, SIZE + 1000, 0);
    return line(name, number, new Place(block, null, List.of()));
  }

  private static byte[] line(String name, int number, Place place) {
    byte[] digits = String.valueOf(number).getBytes(US_ASCII);
    Entry file = MadeEntries.file(name, SIZE).read(Sha256.of(digits), null);
    return EntryCodec.write(new Placed(file, place));
  }

  private ManifestReader manifest(List<byte[]> lines) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    SetTotals totals = new SetTotals();
    try (ManifestWriter writer = new ManifestWriter(spool)) {
      for (byte[] line : lines) {
        writer.addLines(line);
        writer.addLines(new byte[] {'\n'});
        totals.add(EntryCodec.read(line).entry(), line);
      }
      try (InputStream in = writer.finish(header(totals)).open()) {
        in.transferTo(bytes);
      }
    }
    return new ManifestReader(new ByteArrayInputStream(bytes.toByteArray()));
  }

  private static VersionHeader header(SetTotals totals) throws Exception {
    VersionHeader of = PackedSet.of(new TreeMap<>()).header();
    return new VersionHeader(
        of.format(),
        of.registration(),
        of.serial(),
        of.generation(),
        of.job(),
        of.slot(),
        of.committed(),
        of.archives(),
        of.whole(),
        totals.index(),
        totals.totals());
  }

  private static List<byte[]> good() {
    List<byte[]> lines = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      lines.add(line(name(i), i, true));
    }
    return lines;
  }

  @Test
  void ofNamesThatBeginEachOtherNoMoreThanItsBoundIsKeptAndAllAreCounted() throws Exception {
    List<byte[]> now = new ArrayList<>();
    for (int i = MANY - 1; i >= 0; i--) {
      now.add(line(name(i) + ".locked", MANY + i, false));
    }
    try (ManifestReader before = manifest(good())) {
      Comparison comparison = new Comparison(before, true);
      comparison.take(now.get(0));
      assertThat(comparison.goneBytes()).isBetween(Comparison.MOST_GONE / 2, Comparison.MOST_GONE);
      for (byte[] line : now.subList(1, now.size())) {
        comparison.take(line);
      }
      assertThat(comparison.goneBytes()).isZero();
      Changes changes = comparison.changes();
      assertThat(changes.changed()).isEqualTo(MANY);
      assertThat(changes.incompressible()).isEqualTo(MANY);
      assertThat(changes.incompressibleBytes())
          .as("of those that were still known by their names")
          .isBetween(MANY / 4L * SIZE, (long) MANY * SIZE);
    }
  }

  @Test
  void whatOnlyWentIsNoChangeHoweverMuchOfItIsLeftEarly() throws Exception {
    try (ManifestReader before = manifest(good())) {
      Comparison comparison = new Comparison(before, true);
      comparison.take(line("srv/b", MANY, true));
      assertThat(comparison.changes()).isEqualTo(new Changes(1, 0, 0));
    }
  }

  /** Of which whoever looks for its content would find none. */
  @Test
  void aFileThatIsSaidToLieBeyondItsMemberEndsNothingAndCountsAsChanged() throws Exception {
    try (ManifestReader before = manifest(good())) {
      Comparison comparison = new Comparison(before, false);
      for (int i = 0; i < MANY; i++) {
        Place beyond = new Place(new Piece(2, 100L * i, 10, 10, 10), null, List.of());
        comparison.take(i % 2 == 0 ? line(name(i), i, beyond) : line(name(i), i, true));
      }
      assertThat(comparison.changes().changed()).isEqualTo(MANY / 2);
    }
  }

  @Test
  void chunksThatAreSaidToBeThoseOfBeforeAndLieElsewhereAreWeighed() throws Exception {
    List<Chunk> there = new ArrayList<>();
    List<Chunk> elsewhere = new ArrayList<>();
    for (int c = 0; c < 10; c++) {
      Sha256 digest = Sha256.of(new byte[] {(byte) c});
      there.add(new Chunk(1, 1000L * c, 500, 2000, digest));
      elsewhere.add(c < 7 ? there.get(c) : new Chunk(2, 2000L * c, 2000, 2000, digest));
    }
    byte[] good = line("srv/image", 1, new Place(null, null, there));
    byte[] bad = line("srv/image", 1, new Place(null, null, elsewhere));
    for (boolean anew : new boolean[] {true, false}) {
      try (ManifestReader before = manifest(List.of(good))) {
        Comparison comparison = new Comparison(before, anew);
        comparison.take(bad);
        assertThat(comparison.changes())
            .isEqualTo(anew ? new Changes(0, 0, 0) : new Changes(1, 1, 6000));
      }
    }
  }

  @Test
  void chunksCountToo() throws Exception {
    List<byte[]> lines = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      List<Chunk> chunks = new ArrayList<>();
      for (int c = 0; c < 10_000; c++) {
        chunks.add(new Chunk(1, 100L * c, 10, 100, Sha256.of(new byte[] {(byte) c, (byte) i})));
      }
      lines.add(line("srv/a" + "-".repeat(i), i, new Place(null, null, chunks)));
    }
    try (ManifestReader before = manifest(lines)) {
      Comparison comparison = new Comparison(before, true);
      comparison.take(line("srv/a" + "-".repeat(41), 99, true));
      assertThat(comparison.goneBytes()).isBetween(Comparison.MOST_GONE / 2, Comparison.MOST_GONE);
    }
  }

  @Test
  void oneFileThatIsLargerThanAllThatMayBeKeptIsStillKnownByItsName() throws Exception {
    List<Chunk> chunks = new ArrayList<>();
    Sha256 old = Sha256.of(new byte[] {1});
    for (int c = 0; c < Comparison.MOST_GONE / 16; c++) {
      chunks.add(new Chunk(1, 100L * c, 10, 2000, old));
    }
    byte[] large = line("srv/image", 1, new Place(null, null, chunks));
    Chunk other = new Chunk(2, 0, 2000, 2000, Sha256.of(new byte[] {2}));
    try (ManifestReader before = manifest(List.of(large))) {
      Comparison comparison = new Comparison(before, true);
      comparison.take(line("srv/image.locked", 2, new Place(null, null, List.of(other))));
      assertThat(comparison.changes()).isEqualTo(new Changes(1, 1, 2000));
    }
  }
}
