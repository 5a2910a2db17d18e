package resguardo.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import resguardo.archive.SetTotals;
import resguardo.core.BackupOptions;
import resguardo.core.JobId;
import resguardo.core.RawPath;
import resguardo.core.Serial;
import resguardo.core.Sha256;
import resguardo.core.port.ChunkKind;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.stream.ChunkReceiver;
import resguardo.core.stream.ManifestEdit;
import resguardo.core.stream.StreamBrokenException;
import resguardo.core.version.ArchiveForm;
import resguardo.core.version.Chunk;
import resguardo.core.version.Entry;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.Extent;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.ManifestWriter;
import resguardo.core.version.Piece;
import resguardo.core.version.Place;
import resguardo.core.version.Placed;
import resguardo.core.version.VersionHeader;
import resguardo.testkit.versions.MadeEntries;

class ReceivingTest {
  private static final String ALICE = "age1" + "q".repeat(58);
  private static final String BOB = "age1" + "p".repeat(58);
  private static final ArchiveForm PLAIN = new ArchiveForm(BackupOptions.Codec.GZIP, "jdk-zlib", 1);

  private static final Receiving.Base NO_BASE =
      new Receiving.Base() {
        @Override
        public ManifestReader open() {
          throw new IllegalStateException("there is no base");
        }

        @Override
        public IOException damaged(MalformedMessageException why) {
          return new IOException(why);
        }

        @Override
        public void came(Entry entry) {}
      };

  @TempDir Path spool;

  private static BackupOptions asked(BackupOptions.Codec codec, String... encryptTo) {
    return new BackupOptions(List.of(), false, codec, null, List.of(encryptTo), false, null);
  }

  /** What is said of an empty set that comes in this form. */
  private void verify(ArchiveForm form, BackupOptions asked) throws Exception {
    StreamMessage.Finished finished =
        new StreamMessage.Finished(0, Sha256.of(new byte[0]), new SetTotals().totals(), form);
    try (ManifestWriter manifest = new ManifestWriter(spool);
        Receiving receiving =
            new Receiving(RawPath.parse("srv"), manifest, List.of(), NO_BASE, 1, () -> null)) {
      receiving.verified(finished, asked);
    }
  }

  private String refusal(ArchiveForm form, BackupOptions asked) {
    return catchThrowableOfType(StreamBrokenException.class, () -> verify(form, asked))
        .getMessage();
  }

  @Test
  void anArchiveOfTheFormThatWasAskedForIsTaken() throws Exception {
    verify(PLAIN, BackupOptions.NONE);
    verify(PLAIN.encrypted(List.of(ALICE, BOB)), asked(BackupOptions.Codec.GZIP, BOB, ALICE));
  }

  @Test
  void aLineIsNeverLongerThanTheMemoryOfAWorkerAllows() {
    assertThat(Receiving.longestLine(112L << 20)).isBetween(6 << 20, 7 << 20);
    assertThat(Receiving.longestLine(8L << 30)).isEqualTo(EntryCodec.LONGEST_LINE);
  }

  private static byte[] line(String name, long size, List<Chunk> chunks) {
    return line(entry(name, Entry.Type.FILE, size), chunks);
  }

  private static Entry entry(String name, Entry.Type type, long size) {
    return new Entry(
        RawPath.parse(name),
        type,
        0644,
        0,
        0,
        null,
        null,
        0,
        0,
        size,
        type == Entry.Type.FILE ? Sha256.of(new byte[0]) : null,
        null,
        null,
        null);
  }

  private static byte[] line(Entry entry, List<Chunk> chunks) {
    return (new String(
                EntryCodec.write(new Placed(entry, new Place(null, null, chunks))),
                StandardCharsets.UTF_8)
            + "\n")
        .getBytes(StandardCharsets.UTF_8);
  }

  private void take(byte[]... lines) throws Exception {
    try (ManifestWriter manifest = new ManifestWriter(spool);
        Receiving receiving =
            new Receiving(RawPath.parse("srv"), manifest, List.of(), NO_BASE, 1, () -> null)) {
      for (byte[] line : lines) {
        receiving.take(new ChunkReceiver.Data(ChunkKind.ENTRIES, line));
      }
    }
  }

  /** By it is reckoned how much of a version a drill reads, and how long that takes. */
  @Test
  void contentThatIsLongerThanAFileSaysOrThanCanBeCountedIsRefused() throws Exception {
    List<Chunk> chunks =
        List.of(
            new Chunk(1, 0, 100, 70_000, Sha256.of(new byte[0])),
            new Chunk(1, 100, 100, 500, Sha256.of(new byte[0])));
    take(line("srv/a", 70_500, chunks));
    for (long size : new long[] {1, 70_499, 70_501}) {
      assertThat(
              catchThrowableOfType(
                  StreamBrokenException.class, () -> take(line("srv/a", size, chunks))))
          .hasMessageContaining("not as long as its chunks");
    }
    SetTotals totals = new SetTotals();
    totals.add(entry("srv/a", Entry.Type.FILE, 70_500), new byte[0]);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> totals.add(entry("srv/b", Entry.Type.FILE, Long.MAX_VALUE - 70_499), new byte[0]))
        .withMessageContaining("more content than there can be");
  }

  /** Whoever reads them again asks the store for each. */
  @Test
  void chunksThatNoAgentCutsAreRefused() throws Exception {
    Sha256 digest = Sha256.of(new byte[0]);
    Chunk shortest = new Chunk(1, 0, 100, Receiving.SHORTEST_CHUNK, digest);
    Chunk crumb = new Chunk(1, 0, 100, Receiving.SHORTEST_CHUNK - 1, digest);
    long size = 2L * Receiving.SHORTEST_CHUNK - 1;
    take(line("srv/a", size, List.of(shortest, crumb)));
    assertThat(
            catchThrowableOfType(
                StreamBrokenException.class,
                () -> take(line("srv/a", size, List.of(crumb, shortest)))))
        .hasMessageContaining("srv/a in chunks of 65535 bytes");
  }

  /** Numbers of archives are remembered, and added up where they end. */
  @Test
  void contentBeyondWhatCanBeCountedOrInArchivesThatThereAreNotIsRefused() {
    Sha256 digest = Sha256.of(new byte[0]);
    byte[] overflows =
        new String(line("srv/a", 1, List.of(new Chunk(7, 1L << 60, 4096, 1, digest))), UTF_8)
            .replace(String.valueOf(1L << 60), String.valueOf(Long.MAX_VALUE - 7))
            .getBytes(UTF_8);
    assertThat(catchThrowableOfType(StreamBrokenException.class, () -> take(overflows)))
        .hasMessageContaining("cannot be");
    for (long offset : new long[] {0, 1L << 60}) {
      assertThat(
              catchThrowableOfType(
                  StreamBrokenException.class,
                  () -> take(line("srv/a", 1, List.of(new Chunk(7, offset, 4096, 1, digest))))))
          .hasMessageContaining("in an archive that has it not");
    }
  }

  @Test
  void aDeviceThatNoneIsIsRefused() throws Exception {
    take(device(259, 0));
    for (byte[] none : List.of(device(-1, 0), device(8, -5), device(1 << 30, 0))) {
      assertThat(catchThrowableOfType(StreamBrokenException.class, () -> take(none)))
          .hasMessageContaining("a device that none is");
    }
  }

  /** Whoever restores it would refuse it. */
  @Test
  void aFileOfMorePartsThanAnyHasIsRefused() throws Exception {
    take(sparse(Extent.MOST - 1));
    assertThat(catchThrowableOfType(StreamBrokenException.class, () -> take(sparse(Extent.MOST))))
        .hasMessageContaining("of 65536 parts with holes between them");
  }

  private static byte[] sparse(int parts) {
    Sha256 digest = Sha256.of(new byte[0]);
    List<Extent> data = IntStream.range(0, parts).mapToObj(i -> new Extent(2L * i, 1)).toList();
    Entry entry =
        new Entry(
            RawPath.parse("srv/s"),
            Entry.Type.FILE,
            0600,
            0,
            0,
            null,
            null,
            0,
            0,
            2L * parts,
            digest,
            null,
            null,
            null,
            null,
            data);
    return line(entry, List.of(new Chunk(1, 0, parts, parts, digest)));
  }

  private static byte[] device(int major, int minor) {
    Entry entry =
        new Entry(
            RawPath.parse("srv/d"),
            Entry.Type.BLOCK_DEVICE,
            0600,
            0,
            0,
            null,
            null,
            0,
            0,
            0,
            null,
            null,
            new Entry.Device(major, minor),
            null);
    return line(entry, List.of());
  }

  /** Whoever looks at it reads that much for it. */
  @Test
  void aMemberThatIsMuchLongerThanWhatItHoldsIsRefused() throws Exception {
    Sha256 digest = Sha256.of(new byte[0]);
    take(line("srv/a", 1, List.of(new Chunk(1, 0, 10_000, 1, digest))));
    take(line("srv/a", 2 << 20, List.of(new Chunk(1, 0, (2 << 20) + 9000, 2 << 20, digest))));
    assertThat(
            catchThrowableOfType(
                StreamBrokenException.class,
                () -> take(line("srv/a", 1, List.of(new Chunk(1, 0, 4 << 20, 1, digest))))))
        .hasMessageContaining("a member of 4194304 bytes that holds 1");
  }

  /** A tar would read as entries what no line names. */
  @Test
  void contentOfWhatIsNoFileOrThatLiesNowhereIsRefused() throws Exception {
    List<Chunk> chunks = List.of(new Chunk(1, 0, 100, 2000, Sha256.of(new byte[0])));
    for (long size : new long[] {0, 2000}) {
      assertThat(
              catchThrowableOfType(
                  StreamBrokenException.class,
                  () -> take(line(entry("srv/a", Entry.Type.FOLDER, size), chunks))))
          .isNotNull();
    }
    take(line("srv/a", Piece.LARGEST_RAW, List.of()));
    assertThat(
            catchThrowableOfType(
                StreamBrokenException.class,
                () -> take(line("srv/a", Piece.LARGEST_RAW + 1L, List.of()))))
        .hasMessageContaining("more content than the place where it lies");
  }

  private static byte[] link(String name, Entry.Type type, String to) {
    Entry link = MadeEntries.of(name, type, 0).named(RawPath.parse(name), RawPath.parse(to));
    byte[] line = EntryCodec.write(link);
    byte[] whole = Arrays.copyOf(line, line.length + 1);
    whole[line.length] = '\n';
    return whole;
  }

  @Test
  void aNameOrALinkThatIsLongerThanAnyPathIsRefused() throws Exception {
    String longest = "srv/" + "x".repeat(RawPath.LONGEST - 4);
    take(line(longest, 0, List.of()), link("srv/z", Entry.Type.SYMLINK, longest));
    assertThat(
            catchThrowableOfType(
                StreamBrokenException.class, () -> take(line(longest + "x", 0, List.of()))))
        .hasMessageContaining("a path of 16385 bytes");
    for (Entry.Type type : List.of(Entry.Type.SYMLINK, Entry.Type.HARD_LINK)) {
      assertThat(
              catchThrowableOfType(
                  StreamBrokenException.class, () -> take(link("srv/z", type, longest + "x"))))
          .hasMessageContaining("a path of 16385 bytes");
    }
  }

  private static byte[] owned(long uid, long gid) {
    String line = new String(line("srv/z", 0, List.of()), StandardCharsets.UTF_8);
    return line.replace("\"u\":0", "\"u\":" + uid)
        .replace("\"g\":0", "\"g\":" + gid)
        .getBytes(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 0xFFFF_FFFFL, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE})
  void aUserOrGroupThatNoneHasIsRefused(long id) throws Exception {
    take(owned(0xFFFF_FFFEL, 0xFFFF_FFFEL));
    for (byte[] line : List.of(owned(id, 0), owned(0, id))) {
      assertThat(catchThrowableOfType(StreamBrokenException.class, () -> take(line)))
          .hasMessageContaining("a user or group that none has: " + id);
    }
  }

  private static byte[] named(String user, String group) {
    return line(MadeEntries.owned("srv/zz", Entry.Type.FIFO, 0, user, group), List.of());
  }

  /** Whoever looks at the version has many of them in memory at once. */
  @Test
  void aNameOfAUserOrGroupThatIsLongerThanAnyOrHasControlCharactersIsRefused() throws Exception {
    String longest = "\u00e9".repeat(Entry.LONGEST_OWNER);
    take(named(longest, "users\\all of them"));
    take(named("root", longest));
    for (String name :
        List.of(longest + "x", "o".repeat(1_900_000), "ro\not", "\u0000", "\u0085")) {
      for (byte[] line : List.of(named(name, "root"), named("root", name))) {
        assertThat(catchThrowableOfType(StreamBrokenException.class, () -> take(line)))
            .hasMessageContaining("a name of a user or group that none has")
            .hasMessageNotContainingAny("ooo", "\n");
      }
    }
  }

  /** From a version that was made before there was a bound. */
  @Test
  void linesThatStayAreNoReasonToMakeNoVersionAnyMore() throws Exception {
    byte[] longName = line("srv/" + "x".repeat(RawPath.LONGEST), 0, List.of());
    byte[] longLink = link("srv/y", Entry.Type.SYMLINK, "x".repeat(RawPath.LONGEST + 1));
    byte[] owner = owned(1L << 32, -1);
    byte[] names = named("o".repeat(1 << 20), "a\nb");
    ByteArrayOutputStream old = new ByteArrayOutputStream();
    try (ManifestWriter writer = new ManifestWriter(spool)) {
      SetTotals totals = new SetTotals();
      for (byte[] line : List.of(longName, longLink, owner, names)) {
        byte[] bare = Arrays.copyOf(line, line.length - 1);
        totals.add(EntryCodec.read(bare).entry(), bare);
        writer.addLines(line);
      }
      try (InputStream in = writer.finish(header(totals)).open()) {
        in.transferTo(old);
      }
    }
    Receiving.Base base =
        new Receiving.Base() {
          @Override
          public ManifestReader open() throws IOException {
            try {
              return new ManifestReader(new ByteArrayInputStream(old.toByteArray()));
            } catch (MalformedMessageException e) {
              throw new IOException(e);
            }
          }

          @Override
          public IOException damaged(MalformedMessageException why) {
            return new IOException(why);
          }

          @Override
          public void came(Entry entry) {}
        };
    try (ManifestWriter manifest = new ManifestWriter(spool);
        Receiving receiving =
            new Receiving(RawPath.parse("srv"), manifest, List.of(), base, 1, () -> null)) {
      receiving.take(new ChunkReceiver.Data(ChunkKind.ENTRIES, ManifestEdit.keep(4)));
      assertThat(receiving.entries()).isEqualTo(4);
    }
  }

  private static VersionHeader header(SetTotals totals) {
    return new VersionHeader(
        VersionHeader.FORMAT,
        TestVersion.KEY,
        Serial.first(),
        1,
        JobId.of(TestVersion.KEY, 1, Instant.EPOCH),
        Instant.EPOCH,
        Instant.EPOCH,
        List.of(),
        true,
        totals.index(),
        totals.totals());
  }

  @Test
  void anArchiveOfAnotherCodecIsRefused() {
    assertThat(refusal(PLAIN, asked(BackupOptions.Codec.ZSTD))).contains("codec");
  }

  @Test
  void anArchiveThatIsNotEncryptedToThoseAndOnlyThoseWhoWereAskedForIsRefused() {
    BackupOptions toAlice = asked(BackupOptions.Codec.GZIP, ALICE);
    assertThat(refusal(PLAIN, toAlice)).contains("not encrypted");
    assertThat(refusal(PLAIN.encrypted(List.of(BOB)), toAlice)).contains("not encrypted");
    assertThat(refusal(PLAIN.encrypted(List.of(ALICE, BOB)), toAlice)).contains("not encrypted");
    assertThat(refusal(PLAIN.encrypted(List.of(ALICE)), BackupOptions.NONE))
        .contains("not encrypted");
  }
}
