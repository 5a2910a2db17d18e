package resguardo.core.version;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.JobId;
import resguardo.core.NodeName;
import resguardo.core.RawPath;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.Sha256;
import resguardo.core.SourcePath;
import resguardo.core.protocol.MalformedMessageException;

class ManifestTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final RegistrationKey KEY =
      new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/srv"));

  @TempDir Path folder;

  private static VersionHeader header(long entries) {
    Totals totals = new Totals(entries, entries, 0, 0, Sha256.of(new byte[0]));
    return new VersionHeader(
        VersionHeader.FORMAT,
        KEY,
        Serial.first(),
        1,
        JobId.of(KEY, 1, NOW),
        NOW,
        NOW,
        List.of(),
        false,
        Sha256.of(new byte[0]),
        totals);
  }

  private static Entry entry(int number) {
    byte[] name = ("srv/" + number + "\n").getBytes(StandardCharsets.UTF_8);
    name[name.length - 1] = (byte) (number % 2 == 0 ? 0xff : '\n');
    return new Entry(
        RawPath.ofBytes(name),
        Entry.Type.FOLDER,
        0755,
        0,
        0,
        null,
        null,
        -number,
        5,
        0,
        null,
        null,
        null,
        null);
  }

  @Test
  void linesThatTakeMoreRoomThanTheyLeaveAreRefused() throws Exception {
    byte[] lines = new byte[1 << 20];
    new Random(1).nextBytes(lines);
    for (long left : new long[] {0, 1L << 30}) {
      try (ManifestWriter writer = new ManifestWriter(folder, LinePacker.JDK, () -> left)) {
        for (int i = 0; i < 20; i++) {
          writer.addLines(lines);
        }
      }
    }
    try (ManifestWriter writer = new ManifestWriter(folder, LinePacker.JDK, () -> 1 << 20)) {
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 20; i++) {
                  writer.addLines(lines);
                }
              })
          .isInstanceOf(IOException.class)
          .hasMessageContaining("1048576 are left");
    }
  }

  private byte[] manifest(long named, int written) throws IOException {
    try (ManifestWriter writer = new ManifestWriter(folder)) {
      for (int i = 0; i < written; i++) {
        writer.addLines(EntryCodec.write(entry(i)));
        writer.addLines(new byte[] {'\n'});
      }
      var content = writer.finish(header(named));
      byte[] bytes = content.open().readAllBytes();
      assertThat(content.size()).isEqualTo(bytes.length);
      return bytes;
    }
  }

  private static List<Entry> read(byte[] manifest) throws Exception {
    try (ManifestReader reader = new ManifestReader(new ByteArrayInputStream(manifest))) {
      List<Entry> entries = new ArrayList<>();
      for (Optional<Placed> next = reader.next(); next.isPresent(); next = reader.next()) {
        entries.add(next.get().entry());
      }
      return entries;
    }
  }

  @Test
  void aManifestReadsBackAsItWasWrittenAndLeavesNoSpoolFile() throws Exception {
    assertThat(read(manifest(5000, 5000)))
        .isEqualTo(IntStream.range(0, 5000).mapToObj(ManifestTest::entry).toList());
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void linesAreCutAnywhereIntoMembersOfOneSizeAndReadBackWhole() throws Exception {
    List<Integer> blocks = new ArrayList<>();
    LinePacker noting =
        (block, length) -> {
          blocks.add(length);
          return LinePacker.JDK.member(block, length);
        };
    byte[] longLine = new byte[600_000];
    Arrays.fill(longLine, (byte) 'x');
    longLine[longLine.length - 1] = '\n';
    List<String> back = new ArrayList<>();
    try (ManifestWriter writer = new ManifestWriter(folder, noting)) {
      writer.addLines("first\n".getBytes(StandardCharsets.UTF_8));
      writer.addLines(longLine);
      writer.readBack(line -> back.add(new String(line, StandardCharsets.UTF_8)));
    }
    assertThat(blocks).containsExactly(262_144, 262_144, 75_718);
    assertThat(back).containsExactly("first", "x".repeat(599_999));
  }

  @Test
  void whereNoLineWasAddedNoneIsReadBack() throws Exception {
    List<byte[]> back = new ArrayList<>();
    try (ManifestWriter writer = new ManifestWriter(folder)) {
      writer.readBack(back::add);
    }
    assertThat(back).isEmpty();
  }

  @Test
  void theHeaderIsReadFromTheFirstBytesAlone() throws Exception {
    byte[] whole = manifest(500_000, 500_000);
    assertThat(whole.length).isGreaterThan(ManifestReader.HEADER_AT_MOST);
    byte[] first = Arrays.copyOf(whole, ManifestReader.HEADER_AT_MOST);
    try (ManifestReader reader = new ManifestReader(new ByteArrayInputStream(first))) {
      assertThat(reader.header()).isEqualTo(header(500_000));
    }
  }

  @Test
  void aVersionOfNothingHasAManifestToo() throws Exception {
    assertThat(read(manifest(0, 0))).isEmpty();
  }

  @Test
  void entriesThatAreMissingOrTooManyAreTold() throws Exception {
    byte[] tooFew = manifest(3, 2);
    byte[] tooMany = manifest(2, 3);
    assertThatThrownBy(() -> read(tooFew)).isInstanceOf(MalformedMessageException.class);
    assertThatThrownBy(() -> read(tooMany)).isInstanceOf(MalformedMessageException.class);
  }

  @Test
  void damageIsToldWhereverItIs() throws Exception {
    byte[] good = manifest(200, 200);
    for (int cut = 0; cut < good.length; cut += 37) {
      byte[] truncated = Arrays.copyOf(good, cut);
      assertThatThrownBy(() -> read(truncated)).isInstanceOf(MalformedMessageException.class);
    }
  }

  @Test
  void aBitThatIsAnotherIsToldAsDamageAndNotAsAStoreThatCannotBeRead() throws Exception {
    byte[] good = manifest(200, 200);
    int told = 0;
    for (int at = 0; at < good.length; at += 7) {
      byte[] bad = good.clone();
      bad[at] ^= 1;
      Throwable thrown = catchThrowable(() -> read(bad));
      if (thrown != null) { // a time or a system in a header of gzip is nothing that counts
        assertThat(thrown).isInstanceOf(MalformedMessageException.class);
        told++;
      } else {
        assertThat(read(bad)).isEqualTo(read(good));
      }
    }
    assertThat(told).isGreaterThan(good.length / 14);
  }

  @Test
  void whereAnEntryLiesReadsBackAndIsNoPartOfWhatItIs() throws Exception {
    Piece block = new Piece(3, 1L << 40, 70_000, 262_144, 512);
    Chunk chunk = new Chunk(2, 5, 1_000_000, 1_048_576, Sha256.of(new byte[1]));
    for (Place place :
        List.of(
            Place.NONE,
            new Place(block, null, List.of()),
            new Place(null, block, List.of()),
            new Place(block, null, List.of(chunk, chunk)))) {
      Placed placed = new Placed(entry(1), place);
      byte[] line = EntryCodec.write(placed);
      assertThat(EntryCodec.read(line)).isEqualTo(placed);
      assertThat(Arrays.copyOf(line, EntryCodec.entryLength(line)))
          .isEqualTo(EntryCodec.write(entry(1)));
    }
  }

  @Test
  void placesThatCannotBeAreRefused() {
    String entry = new String(EntryCodec.write(entry(1)), StandardCharsets.UTF_8);
    for (String place :
        List.of(
            "{}x",
            "{\"b\":[0,0,1,1,0]}",
            "{\"b\":[1,-1,1,1,0]}",
            "{\"b\":[1,0,0,1,0]}",
            "{\"b\":[1,0,1,99999999,0]}",
            "{\"b\":[1,0,1,5,6]}",
            "{\"k\":[[1,0,1,0,\"" + Sha256.of(new byte[0]) + "\"]]}",
            "{\"k\":[[1,0,1,5,\"x\"]]}",
            "{\"k\":[null]}",
            "")) {
      byte[] line = (entry + "\t" + place).getBytes(StandardCharsets.UTF_8);
      assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> EntryCodec.read(line)))
          .as(place)
          .isInstanceOf(MalformedMessageException.class);
    }
  }

  @Test
  void aLineWithoutAnEndDoesNotFillTheMemory() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(new byte[10 * ManifestReader.HEADER_AT_MOST]);
    }
    assertThatThrownBy(() -> read(out.toByteArray()))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining("a line of more than");
  }
}
