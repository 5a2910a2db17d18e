package resguardo.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.Placed;

/**
 * Readers meet what somebody has damaged, or made to hurt: a hundred thousand vectors with bytes
 * changed, taken out, doubled or swapped. Each either still says something or is told as what it
 * is; nothing else is thrown, and nothing is written outside of the target.
 */
class MutatedVectorsTest {
  private static final Path WHOLE = Path.of("src/test/vectors/whole");
  private static final int LINES = 60_000;
  private static final int MANIFESTS = 10_000;
  private static final int MEMBERS = 10_000;
  private static final int TARS = 20_000;

  @AutoClose("shutdown")
  private static final ExecutorService THREADS = Executors.newFixedThreadPool(2);

  @TempDir Path folder;

  private final Random random = new Random(20_260_102);
  private final List<byte[]> lines = new ArrayList<>();
  private final Map<Integer, byte[]> archives = new HashMap<>();
  private byte[] manifest = {};
  private int told;

  @BeforeEach
  void readVector() throws Exception {
    try (Stream<Path> all = Files.walk(WHOLE.resolve("manifests"))) {
      manifest = Files.readAllBytes(all.filter(Files::isRegularFile).findFirst().orElseThrow());
    }
    try (ManifestReader reader = new ManifestReader(new ByteArrayInputStream(manifest))) {
      for (ArchiveRef ref : reader.header().archives()) {
        archives.put(ref.number(), Files.readAllBytes(WHOLE.resolve(ref.key())));
      }
      for (Optional<byte[]> line = reader.nextLine(); line.isPresent(); line = reader.nextLine()) {
        lines.add(line.get());
      }
    }
  }

  /** What is read from damaged input. */
  private interface Reading {
    void read() throws IOException, MalformedMessageException, InterruptedException;
  }

  private void toldOrRead(byte[] input, Reading reading) {
    try {
      reading.read();
    } catch (IOException | MalformedMessageException | IllegalArgumentException clear) {
      assertThat(clear).hasMessageMatching("(?s).+");
      told++;
    } catch (InterruptedException | RuntimeException | Error unclear) {
      fail(
          "on " + new String(input, 0, Math.min(input.length, 2_000), StandardCharsets.ISO_8859_1),
          unclear);
    }
  }

  private byte[] mutated(byte[] good) {
    byte[] bad = good.clone();
    for (int i = 0; i <= random.nextInt(3); i++) {
      int at = random.nextInt(bad.length);
      int length = Math.min(bad.length - at, 1 + random.nextInt(12));
      switch (random.nextInt(5)) {
        case 0 -> bad[at] = (byte) random.nextInt(256);
        case 1 -> bad[at] = (byte) "0123456789-[]{},:\"\\%\t\n".charAt(random.nextInt(22));
        case 2 -> bad = joined(bad, at, new byte[0], length);
        case 3 -> bad = joined(bad, at, Arrays.copyOfRange(bad, at, at + length), 0);
        default -> bad = Arrays.copyOf(bad, Math.max(1, at));
      }
    }
    return bad;
  }

  private static byte[] joined(byte[] bytes, int at, byte[] middle, int without) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(bytes, 0, at);
    out.writeBytes(middle);
    out.write(bytes, at + without, bytes.length - at - without);
    return out.size() == 0 ? new byte[] {0} : out.toByteArray();
  }

  private byte[] member(resguardo.core.version.Piece piece, Map<Integer, byte[]> from)
      throws IOException {
    byte[] archive = from.get(piece.archive());
    if (archive == null || piece.offset() + piece.length() > archive.length) {
      throw new IOException("a member that is not there");
    }
    int offset = (int) piece.offset();
    return Arrays.copyOfRange(archive, offset, offset + piece.length());
  }

  private void compose(List<Placed> placed, Map<Integer, byte[]> from)
      throws IOException, InterruptedException {
    long[] written = {0};
    Composer composer =
        new Composer(
            new JdkDeflater(1),
            THREADS,
            piece -> member(piece, from),
            bytes -> written[0] += bytes.length);
    ContentCheck check = new ContentCheck(piece -> member(piece, from));
    for (Placed one : placed) {
      composer.add(one);
      check.check(one);
    }
    composer.finish();
    assertThat(written[0]).isLessThan(64L << 20);
  }

  @Test
  void aMutatedLineIsToldOrComposedAsItSays() {
    for (int i = 0; i < LINES; i++) {
      byte[] bad = mutated(lines.get(random.nextInt(lines.size())));
      toldOrRead(bad, () -> compose(List.of(EntryCodec.read(bad)), archives));
    }
    assertThat(told).isBetween(LINES / 2, LINES - 1);
  }

  @Test
  void aMutatedManifestIsToldOrReadToItsEnd() throws Exception {
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(manifest))) {
      in.transferTo(plain);
    }
    for (int i = 0; i < MANIFESTS; i++) {
      byte[] bad = random.nextBoolean() ? mutated(manifest) : packed(mutated(plain.toByteArray()));
      toldOrRead(bad, () -> readAll(bad));
    }
    assertThat(told).isBetween(MANIFESTS / 4, MANIFESTS - 1);
  }

  private static byte[] packed(byte[] plain) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(plain);
    }
    return out.toByteArray();
  }

  private static void readAll(byte[] bytes) throws IOException, MalformedMessageException {
    try (ManifestReader reader = new ManifestReader(new ByteArrayInputStream(bytes))) {
      SetTotals set = new SetTotals();
      for (Optional<byte[]> line = reader.nextLine(); line.isPresent(); line = reader.nextLine()) {
        set.add(EntryCodec.read(line.get()).entry(), line.get());
      }
    }
  }

  @Test
  void aMutatedMemberIsToldAndNeverRestoredAsSomethingElse() throws Exception {
    List<Placed> all = new ArrayList<>();
    for (byte[] line : lines) {
      Placed placed = EntryCodec.read(line);
      if (placed.place().pieces().findAny().isPresent()) {
        all.add(placed);
      }
    }
    for (int i = 0; i < MEMBERS; i++) {
      Placed one = all.get(random.nextInt(all.size()));
      Map<Integer, byte[]> damaged = new HashMap<>(archives);
      resguardo.core.version.Piece piece = one.place().pieces().findFirst().orElseThrow();
      byte[] bytes = archives.get(piece.archive()).clone();
      int at = (int) piece.offset() + random.nextInt(piece.length());
      bytes[at] ^= (byte) (1 + random.nextInt(255));
      damaged.put(piece.archive(), bytes);
      toldOrRead(bytes(piece), () -> new ContentCheck(p -> member(p, damaged)).check(one));
    }
    // A block has other entries too: damage of theirs is not this one's.
    assertThat(told).isGreaterThan(MEMBERS / 4);
  }

  private static byte[] bytes(resguardo.core.version.Piece piece) {
    return piece.toString().getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void aMutatedTarNeverWritesOutsideOfItsTarget() throws Exception {
    Files.writeString(folder.resolve("outside"), "untouched");
    Path in = Files.createDirectory(folder.resolve("in"));
    List<byte[]> tars = smallTars();
    for (int i = 0; i < TARS; i++) {
      byte[] bad = mutated(tars.get(random.nextInt(tars.size())));
      Path target = Files.createDirectory(in.resolve("t" + i));
      toldOrRead(
          bad, () -> new Extractor(target, false, w -> {}).run(new ByteArrayInputStream(bad)));
      delete(target);
    }
    try (Stream<Path> left = Files.list(in)) {
      assertThat(left).isEmpty();
    }
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).containsOnly(in, folder.resolve("outside"));
    }
    assertThat(folder.resolve("outside")).hasContent("untouched");
  }

  /** Of a few entries each: small, so that most mutations hit a header. */
  private List<byte[]> smallTars() throws Exception {
    List<byte[]> tars = new ArrayList<>();
    for (int from = 0; from < lines.size(); from += 4) {
      List<Placed> few = new ArrayList<>();
      for (byte[] line : lines.subList(from, Math.min(lines.size(), from + 4))) {
        Placed placed = EntryCodec.read(line);
        if (placed.entry().size() < 10_000) {
          few.add(placed);
        }
      }
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      Composer composer =
          new Composer(
              new JdkDeflater(1), THREADS, piece -> member(piece, archives), out::writeBytes);
      for (Placed one : few) {
        composer.add(one);
      }
      composer.finish();
      try (GZIPInputStream gzip =
          new GZIPInputStream(new ByteArrayInputStream(out.toByteArray()))) {
        tars.add(gzip.readAllBytes());
      }
    }
    return tars;
  }

  private static void delete(Path tree) throws IOException {
    try (Stream<Path> all = Files.walk(tree)) {
      for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
