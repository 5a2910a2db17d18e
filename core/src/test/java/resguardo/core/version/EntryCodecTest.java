package resguardo.core.version;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import resguardo.core.RawPath;
import resguardo.core.Sha256;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.MalformedMessageException;

/** The quick ways to write and read lines, held against the codec that knows any object. */
class EntryCodecTest {
  private static Arbitrary<RawPath> paths() {
    Arbitrary<String> names =
        Arbitraries.oneOf(
            Arbitraries.strings().ascii().ofMaxLength(20),
            Arbitraries.strings().ofMaxLength(8),
            Arbitraries.of("", "a/b", "%:", "%:a", "%", "\u007f", "\"", "\\", "\u2028"));
    Arbitrary<RawPath> texts =
        names
            .filter(
                name -> name.indexOf(0) < 0 && StandardCharsets.UTF_8.newEncoder().canEncode(name))
            .map(name -> RawPath.ofBytes(name.getBytes(StandardCharsets.UTF_8)));
    Arbitrary<RawPath> bytes =
        Arbitraries.bytes()
            .filter(b -> b != 0)
            .array(byte[].class)
            .ofMaxSize(6)
            .map(RawPath::ofBytes);
    return Arbitraries.oneOf(texts, texts, bytes);
  }

  private static Arbitrary<String> owners() {
    return Arbitraries.oneOf(
            Arbitraries.of("root", "na\u00efve", "a\"b", "a\nb", ""), Arbitraries.strings().alpha())
        .injectNull(0.3);
  }

  @Provide
  static Arbitrary<Entry> entries() {
    Arbitrary<Sha256> digests = Arbitraries.bytes().array(byte[].class).map(Sha256::of);
    Arbitrary<Entry> plain =
        Combinators.combine(
                paths(),
                Arbitraries.of(Entry.Type.class),
                Arbitraries.integers().between(0, 07777),
                Arbitraries.longs().between(0, 0xffffffffL),
                owners(),
                Arbitraries.longs().between(-5_000_000_000L, 5_000_000_000L),
                Arbitraries.longs().greaterOrEqual(0),
                digests.injectNull(0.3))
            .as(
                (name, type, mode, id, owner, seconds, size, digest) ->
                    new Entry(
                        name, type, mode, id, id / 2, owner, null, seconds, mode, size, digest,
                        null, null, null));
    return Combinators.combine(
            plain,
            paths().injectNull(0.5),
            Arbitraries.of(Entry.Warning.class).injectNull(0.5),
            Arbitraries.integers().between(0, 4))
        .as(EntryCodecTest::seldom);
  }

  private static Entry seldom(Entry e, RawPath link, Entry.Warning warning, int kind) {
    TreeMap<String, String> attributes = new TreeMap<>();
    List<Extent> data = new ArrayList<>();
    for (int i = 0; i < kind; i++) {
      attributes.put("user.\u00e9" + i, "QUJD");
      data.add(new Extent(i * 10L, 5));
    }
    return new Entry(
        e.name(),
        e.type(),
        e.mode(),
        e.uid(),
        e.gid(),
        e.user(),
        e.group(),
        e.mtimeSeconds(),
        e.mtimeNanos(),
        Math.max(100, e.size()),
        e.digest(),
        link,
        kind == 1 ? new Entry.Device(8, 1) : null,
        warning,
        attributes,
        kind == 3 ? null : data);
  }

  @Provide
  static Arbitrary<Place> places() {
    Arbitrary<Piece> pieces =
        Combinators.combine(
                Arbitraries.integers().between(1, 20),
                Arbitraries.longs().between(0, 1L << 50),
                Arbitraries.integers().between(1, 1000))
            .as(
                (archive, offset, length) ->
                    new Piece(archive, offset, length, 2 * length, length));
    Arbitrary<Chunk> chunks =
        pieces.map(
            p -> new Chunk(p.archive(), p.offset(), p.length(), p.raw(), Sha256.of(new byte[0])));
    return Combinators.combine(
            pieces.injectNull(0.4), pieces.injectNull(0.4), chunks.list().ofMaxSize(3))
        .as(Place::new);
  }

  private static byte[] slowly(Placed placed) {
    String entry = new String(Json.write(placed.entry()), StandardCharsets.UTF_8);
    String place = new String(Json.write(placed.place()), StandardCharsets.UTF_8);
    String line = placed.place().isNone() ? entry : entry + "\t" + place;
    return line.getBytes(StandardCharsets.UTF_8);
  }

  @Property
  void aLineIsTheSameBytesAsTheCodecForAnyObjectWrites(
      @ForAll("entries") Entry entry, @ForAll("places") Place place) throws Exception {
    Placed placed = new Placed(entry, place);
    byte[] line = EntryCodec.write(placed);
    assertThat(line).isEqualTo(slowly(placed));
    assertThat(EntryCodec.read(line)).isEqualTo(placed);
    EntryCodec.Line asWritten = EntryCodec.asWritten(line);
    assertThat(asWritten.placed()).isEqualTo(placed);
    assertThat(asWritten.line()).isEqualTo(line);
  }

  @Property
  void whatIsReadQuicklyIsWrittenAsItStoodAndReadTheSameSlowly(
      @ForAll("entries") Entry entry,
      @ForAll("places") Place place,
      @ForAll int at,
      @ForAll byte instead) {
    byte[] line = EntryCodec.write(new Placed(entry, place));
    line[Math.floorMod(at, line.length)] = instead;
    EntryCodec.Line read;
    try {
      read = EntryCodec.asWritten(line);
    } catch (MalformedMessageException none) {
      return;
    }
    assertThat(read.line()).isEqualTo(EntryCodec.write(read.placed()));
    assertThat(slowlyRead(line)).isEqualTo(read.placed().entry());
    if (LineReader.read(line) != null) {
      assertThat(read.line()).isEqualTo(line);
    }
  }

  private static Entry slowlyRead(byte[] line) {
    byte[] entry = java.util.Arrays.copyOf(line, EntryCodec.entryLength(line));
    try {
      return Json.read(entry, Entry.class, EntryCodec.LONGEST_LINE);
    } catch (MalformedMessageException e) {
      throw new AssertionError("read quickly, and refused by the strict codec", e);
    }
  }

  @Property
  void aLineWithoutAnythingUnusualIsReadQuickly(@ForAll("places") Place place) {
    Entry entry =
        new Entry(
            RawPath.parse("srv/data/file 1"),
            Entry.Type.FILE,
            0644,
            0,
            0,
            "root",
            "root",
            1,
            2,
            3,
            Sha256.of(new byte[0]),
            null,
            null,
            null);
    assertThat(LineReader.read(EntryCodec.write(new Placed(entry, place)))).isNotNull();
  }

  @Property
  void aPlaceThatIsNoneOfOursIsReadUpToSomeLength(@ForAll("entries") Entry entry) throws Exception {
    String chunk = "[1,0,1,1,\"" + Sha256.of(new byte[0]) + "\"]";
    String chunks = (chunk + ", ").repeat(9) + chunk;
    byte[] before = EntryCodec.write(entry);
    String line = new String(before, StandardCharsets.UTF_8) + "\t{\"k\": [" + chunks + "]}";
    EntryCodec.Line read = EntryCodec.asWritten(line.getBytes(StandardCharsets.UTF_8));
    assertThat(read.placed().place().chunks()).hasSize(10);
    assertThat(read.line()).isEqualTo(EntryCodec.write(read.placed()));
    String longer = line.replace("\"k\": ", "\"k\": " + " ".repeat(1024 * 1024));
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> EntryCodec.read(longer.getBytes(StandardCharsets.UTF_8)))
        .withMessageContaining("too long");
  }

  /** It came shorter than it would be written, and could not be read again. */
  @Test
  void anEntryThatIsTooLongOnceItIsWrittenIsRefused() throws Exception {
    for (int many : new int[] {160_000, 400_000}) {
      String smiles = "\uD83D\uDE00".repeat(many);
      byte[] line =
          ("{\"n\":\"srv/a\",\"t\":\"p\",\"m\":420,\"u\":0,\"g\":0,\"un\":\""
                  + smiles
                  + "\",\"s\":0,\"ns\":0,\"z\":0}")
              .getBytes(StandardCharsets.UTF_8);
      assertThat(EntryCodec.read(line).entry().user()).hasSize(2 * many);
      if (many < 200_000) {
        EntryCodec.Line written = EntryCodec.asWritten(line);
        assertThat(EntryCodec.read(written.line())).isEqualTo(written.placed());
      } else {
        assertThatExceptionOfType(MalformedMessageException.class)
            .isThrownBy(() -> EntryCodec.asWritten(line))
            .withMessageContaining("written in 4800");
      }
    }
  }
}
