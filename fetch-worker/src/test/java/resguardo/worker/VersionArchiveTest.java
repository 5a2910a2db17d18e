package resguardo.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.archive.ContentCheck;
import resguardo.archive.Extractor;
import resguardo.archive.MemberReceiver;
import resguardo.core.RawPath;
import resguardo.core.Serial;
import resguardo.core.Sha256;
import resguardo.core.port.Content;
import resguardo.core.protocol.QueryJob;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.stream.GzipMembers;
import resguardo.core.version.Chunk;
import resguardo.core.version.Entry;
import resguardo.core.version.Piece;
import resguardo.core.version.Place;
import resguardo.core.version.Placed;
import resguardo.testkit.store.MemoryArchiveStore;
import resguardo.testkit.store.RecordingStore;

/** What is read of the bucket for a part of a version, and what it makes. */
class VersionArchiveTest {
  private static final String MANIFESTS = "manifests/";
  private static final String ARCHIVES = "archives/";

  @TempDir Path folder;

  @AutoClose("shutdownNow")
  private final ExecutorService threads = Executors.newSingleThreadExecutor();

  private final MemoryArchiveStore memory = new MemoryArchiveStore();
  private final RecordingStore store = new RecordingStore(memory);
  private final TestVersion version = new TestVersion();

  private static byte[] random(int seed, int size) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private Lookup lookup() {
    return new Lookup(folder, (entries, bytes) -> {});
  }

  private void manyFiles() throws Exception {
    version.folder("srv/data");
    for (int i = 100; i < 200; i++) {
      version.file("srv/data/" + i, random(i, 50_000));
    }
    version.file("srv/data/large", random(1, 9_000_000));
    version.store(memory, threads, folder);
  }

  private StreamMessage read(ByteArrayOutputStream into, String... entries) throws Exception {
    List<RawPath> asked = Arrays.stream(entries).map(RawPath::parse).toList();
    return new VersionArchive(store, threads, TestVersion.KEY, Serial.first(), lookup())
        .read(asked, QueryJob.Packing.GZIP, (header, part) -> {}, into::writeBytes);
  }

  private Path restored(String... entries) throws Exception {
    ByteArrayOutputStream archive = new ByteArrayOutputStream();
    assertThat(read(archive, entries)).isInstanceOf(StreamMessage.Finished.class);
    Path target = Files.createTempDirectory(folder, "restored");
    new Extractor(target, false, warning -> {})
        .run(GzipMembers.unpacked(new ByteArrayInputStream(archive.toByteArray()), 1024));
    return target.resolve("srv/data");
  }

  @Test
  void aSmallFileCostsOneReadOfTheManifestAndOneOfItsMember() throws Exception {
    manyFiles();
    assertThat(restored("150").resolve("150")).hasBinaryContent(random(150, 50_000));
    assertThat(store.reads(MANIFESTS)).hasSize(1);
    Piece member = version.placed("srv/data/150").place().block();
    assertThat(store.reads(ARCHIVES)).hasSize(1);
    assertThat(store.reads(ARCHIVES).get(0).offset()).isEqualTo(member.offset());
    assertThat(store.reads(ARCHIVES).get(0).length()).isEqualTo(member.length());
  }

  @Test
  void theMemberOfASmallFileIsSentAsItLiesByOneReadToo() throws Exception {
    manyFiles();
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    new VersionArchive(store, threads, TestVersion.KEY, Serial.first(), lookup())
        .members(List.of(RawPath.parse("150")), (header, part) -> {}, sent::writeBytes);
    assertThat(store.reads(ARCHIVES)).hasSize(1);
    MemberReceiver receiver =
        new MemberReceiver(new ByteArrayInputStream(sent.toByteArray()), null);
    Placed only = receiver.next().orElseThrow();
    assertThat(only).isEqualTo(version.placed("srv/data/150"));
    new ContentCheck(receiver).check(only);
    assertThat(receiver.next()).isEmpty();
  }

  @Test
  void aLargeFileCostsOneReadOfAllItsMembers() throws Exception {
    manyFiles();
    assertThat(restored("lar*").resolve("large")).hasBinaryContent(random(1, 9_000_000));
    assertThat(store.reads(MANIFESTS)).hasSize(1);
    Piece header = version.placed("srv/data/large").place().block(); // right before its chunks
    List<Chunk> chunks = version.placed("srv/data/large").place().chunks();
    assertThat(chunks).hasSizeGreaterThan(4);
    Piece last = chunks.get(chunks.size() - 1).piece();
    assertThat(store.reads(ARCHIVES)).hasSize(1);
    assertThat(store.reads(ARCHIVES).get(0).length())
        .isEqualTo(last.offset() + last.length() - header.offset());
  }

  @Test
  void filesThatLieFarApartAreReadEachForItself() throws Exception {
    version.folder("srv/data");
    version.file("srv/data/a", random(1, 10_000));
    version.file("srv/data/b", random(2, 9_000_000));
    version.file("srv/data/c", random(3, 10_000));
    version.store(memory, threads, folder);
    Path target = restored("a", "c");
    assertThat(target.resolve("a")).hasBinaryContent(random(1, 10_000));
    assertThat(target.resolve("c")).hasBinaryContent(random(3, 10_000));
    assertThat(store.reads(ARCHIVES)).hasSize(2);
    assertThat(store.reads(ARCHIVES)).allMatch(range -> range.length() < 30_000);
  }

  @Test
  void anotherNameOfAFileOutsideComesAsTheFile() throws Exception {
    version.folder("srv/data").file("srv/data/a", random(1, 1000));
    version.add("srv/data/z", Entry.Type.HARD_LINK, "srv/data/a");
    version.store(memory, threads, folder);
    Path target = restored("z");
    assertThat(target.resolve("z")).hasBinaryContent(random(1, 1000));
    try (Stream<Path> all = Files.list(target)) {
      assertThat(all).hasSize(1);
    }
  }

  /** As a node may pack it that somebody else has: a restore refuses it, and tar would not. */
  @Test
  void whatIsKeptAsAFileHasWhatTheManifestNamesAndNothingElse() throws Exception {
    version.folder("srv/data").file("srv/datb/a", random(1, 1000));
    version.but("srv/datb/a", "srv/data/a").store(memory, threads, folder);
    assertIsNotKeptAsAFile("srv/data/a has another header than was stored");
    VersionArchive archive =
        new VersionArchive(store, threads, TestVersion.KEY, Serial.first(), lookup());
    StreamMessage asItLies =
        archive.read(null, QueryJob.Packing.AS_STORED, (header, part) -> {}, bytes -> {});
    assertThat(asItLies).isInstanceOf(StreamMessage.Finished.class);
  }

  @Test
  void whatIsNoFileBringsNoContent() throws Exception {
    version.folder("srv/data").file("srv/data/large", random(1, 9_000_000));
    version.but(
        "srv/data",
        packed ->
            new Placed(
                TestVersion.entry("srv/data", Entry.Type.FOLDER, 9_000_000, null),
                new Place(
                    packed.place().block(),
                    null,
                    version.placed("srv/data/large").place().chunks())));
    version.store(memory, threads, folder);
    assertIsNotKeptAsAFile("srv/data is no file, and is said to have content");
  }

  @Test
  void aFileIsNoLargerThanThePlaceWhereItLies() throws Exception {
    version.folder("srv/data").file("srv/data/a", new byte[1000], (1L << 32) + 1000);
    version.store(memory, threads, folder);
    assertIsNotKeptAsAFile("srv/data/a has more content than the place where it lies");
  }

  /** The archive that is made has a digest of its own, which is right of whatever is in it. */
  @Test
  void whatIsDamagedInTheBucketIsNotKeptAsAFile() throws Exception {
    manyFiles();
    Piece small = version.placed("srv/data/150").place().block();
    Piece large = version.placed("srv/data/large").place().chunks().get(1).piece();
    for (Piece piece : List.of(small, large)) {
      byte[] whole = memory.read(TestVersion.ARCHIVE, 0, Long.MAX_VALUE).readAllBytes();
      int end = (int) piece.offset() + piece.length();
      for (int at : new int[] {(int) piece.offset() + piece.length() / 2, end - 6}) {
        byte[] damaged = whole.clone();
        damaged[at] ^= 4;
        memory.put(TestVersion.ARCHIVE, Content.of(damaged));
        assertIsNotKeptAsAFile("a member that holds other bytes than its checksum is of");
      }
      memory.put(TestVersion.ARCHIVE, Content.of(whole));
    }
  }

  @Test
  void whatIsKeptAsAFileHasTheContentThatTheManifestNames() throws Exception {
    version.folder("srv/data").file("srv/data/a", random(1, 1000));
    version.but(
        "srv/data/a",
        packed ->
            new Placed(packed.entry().read(Sha256.of(random(2, 1000)), null), packed.place()));
    version.store(memory, threads, folder);
    assertIsNotKeptAsAFile("srv/data/a is not what was stored");
  }

  @Test
  void whatIsKeptAsAFileHasTheChunksThatTheManifestNames() throws Exception {
    version.folder("srv/data").file("srv/data/large", random(1, 9_000_000));
    version.but("srv/data/large", VersionArchiveTest::withAnotherChunk);
    version.store(memory, threads, folder);
    assertIsNotKeptAsAFile("a chunk is not what was stored");
  }

  private static Placed withAnotherChunk(Placed packed) {
    List<Chunk> chunks = new ArrayList<>(packed.place().chunks());
    Chunk one = chunks.get(1);
    chunks.set(
        1,
        new Chunk(
            one.archive(), one.offset(), one.length(), one.raw(), Sha256.of(random(2, one.raw()))));
    return new Placed(packed.entry(), new Place(packed.place().block(), null, chunks));
  }

  private void assertIsNotKeptAsAFile(String why) {
    VersionArchive archive =
        new VersionArchive(store, threads, TestVersion.KEY, Serial.first(), lookup());
    for (QueryJob.Packing packing : List.of(QueryJob.Packing.GZIP, QueryJob.Packing.ZSTD)) {
      assertThatIOException()
          .isThrownBy(() -> archive.read(null, packing, (header, part) -> {}, bytes -> {}))
          .withMessage(why);
    }
  }

  @Test
  void whatIsMissingIsToldAndNothingIsOpened() throws Exception {
    manyFiles();
    StreamMessage end =
        new VersionArchive(store, threads, TestVersion.KEY, Serial.first(), lookup())
            .read(
                List.of(RawPath.parse("150"), RawPath.parse("no*")),
                QueryJob.Packing.GZIP,
                (header, part) -> {
                  throw new AssertionError("opened");
                },
                bytes -> {});
    assertThat(end).isInstanceOf(StreamMessage.Failed.class);
    assertThat(((StreamMessage.Failed) end).kind()).isEqualTo(StreamMessage.Failed.Kind.NOT_FOUND);
    assertThat(((StreamMessage.Failed) end).why()).contains("no*");
    assertThat(store.reads(ARCHIVES)).isEmpty();
  }
}
