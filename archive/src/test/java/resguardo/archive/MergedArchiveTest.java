package resguardo.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import resguardo.core.RawPath;
import resguardo.core.Sha256;
import resguardo.core.version.Chunk;
import resguardo.core.version.Entry;
import resguardo.core.version.Piece;
import resguardo.core.version.Placed;
import resguardo.testkit.versions.MadeEntries;

/** Versions in several archives, of which some are merged. */
class MergedArchiveTest {
  @AutoClose("shutdown")
  private static final ExecutorService THREADS = Executors.newFixedThreadPool(2);

  private static final MemberDeflater DEFLATER = new JdkDeflater(1);
  private static final int MERGED = 9;

  @TempDir Path folder;

  private final Map<Integer, byte[]> archives = new HashMap<>();
  private final TreeMap<RawPath, Placed> version = new TreeMap<>();

  /** A whole archive of small and large files, then deltas of changed and new ones. */
  @BeforeEach
  void makeAVersion() throws Exception {
    Map<String, byte[]> first = new TreeMap<>();
    for (int i = 0; i < 40; i++) {
      first.put("t/f" + i, random(i, 30_000));
    }
    first.put("t/a large", random(100, 5_000_077));
    first.put("t/z large", random(101, 3_000_000));
    write(1, true, first);
    write(2, false, Map.of("t/f3", random(50, 100), "t/g", random(51, 100)));
    write(3, false, Map.of("t/z large", random(102, 3_000_001), "t/h", random(53, 300)));
    write(4, false, Map.of("t/g", random(54, 400), "t/new large", random(103, 2_500_000)));
    keepOnly(name -> !name.matches("t/f(1.|2.)"));
  }

  private static byte[] random(long seed, int size) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private void write(int number, boolean whole, Map<String, byte[]> files) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ArchiveWriter writer =
        new ArchiveWriter(DEFLATER, THREADS, number, whole, out::writeBytes, NO_EDIT);
    if (whole) {
      writer.add(MadeEntries.of("t", Entry.Type.FOLDER, 0), this::place);
    }
    for (Map.Entry<String, byte[]> file : new TreeMap<>(files).entrySet()) {
      byte[] content = file.getValue();
      Entry entry = MadeEntries.file(file.getKey(), content.length);
      if (content.length > ArchiveWriter.SMALL) {
        InputStream in = new ByteArrayInputStream(content);
        writer.add(entry, in::read, digest -> null, this::place);
      } else {
        writer.add(entry.read(Sha256.of(content), null), content, content.length, this::place);
      }
    }
    writer.finish();
    archives.put(number, out.toByteArray());
  }

  private static final ArchiveWriter.Edit NO_EDIT =
      new ArchiveWriter.Edit() {
        @Override
        public void keep(long lines) {
          throw new IllegalStateException("nothing is kept");
        }

        @Override
        public void drop(long lines) {
          throw new IllegalStateException("nothing is dropped");
        }
      };

  private void place(Placed placed) {
    version.put(placed.entry().name(), placed);
  }

  private void keepOnly(java.util.function.Predicate<String> wanted) {
    version.keySet().removeIf(name -> !wanted.test(name.text()));
  }

  private byte[] part(int archive, long offset, int length) throws IOException {
    byte[] bytes = archives.get(archive);
    if (bytes == null) {
      throw new IOException("archive " + archive + " is gone");
    }
    return Arrays.copyOfRange(bytes, (int) offset, (int) offset + length);
  }

  /** Merges archives, which are gone after that. */
  private void merge(Integer... retired) throws IOException {
    LiveMembers live = new LiveMembers();
    version.values().forEach(live::add);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    MergedArchive merged =
        new MergedArchive(
            DEFLATER,
            MERGED,
            Set.of(retired),
            live,
            new MergedArchive.Target() {
              @Override
              public void write(byte[] member) {
                out.writeBytes(member);
              }

              @Override
              public void copy(Piece member) throws IOException {
                out.writeBytes(part(member.archive(), member.offset(), member.length()));
              }
            });
    for (Map.Entry<RawPath, Placed> one : version.entrySet()) {
      one.setValue(merged.moved(one.getValue()));
    }
    assertThat(merged.finish()).isEqualTo(out.size());
    archives.put(MERGED, out.toByteArray());
    archives.keySet().removeAll(List.of(retired));
  }

  private byte[] composed() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Composer composer =
        new Composer(
            DEFLATER,
            THREADS,
            piece -> part(piece.archive(), piece.offset(), piece.length()),
            out::writeBytes);
    for (Placed placed : version.values()) {
      composer.add(placed);
    }
    composer.finish();
    try (InputStream tar =
        new java.util.zip.GZIPInputStream(new ByteArrayInputStream(out.toByteArray()))) {
      return tar.readAllBytes();
    }
  }

  @Test
  void theVersionIsTheSameAndNeedsTheMergedOnesNoMore() throws Exception {
    for (Integer[] retired : new Integer[][] {{2, 3}, {2, 3, 4}, {1, 2, 3, 4}, {1}}) {
      archives.clear();
      version.clear();
      makeAVersion();
      byte[] before = composed();
      merge(retired);
      assertThat(Arrays.equals(composed(), before)).as("%s", List.of(retired)).isTrue();
      ContentCheck check =
          new ContentCheck(piece -> part(piece.archive(), piece.offset(), piece.length()));
      for (Placed placed : version.values()) {
        assertThat(placed.place().pieces()).noneMatch(p -> List.of(retired).contains(p.archive()));
        check.check(placed);
      }
    }
  }

  @Test
  void onlyWhatIsNeededIsMoved() throws Exception {
    int before = archives.get(1).length;
    merge(1);
    // A good half of the small files' blocks, and one of the two large files.
    assertThat(archives.get(MERGED).length).isLessThan(before - 3_000_000);
    assertThat(version.get(RawPath.parse("t/f39")).place().block().archive()).isEqualTo(MERGED);
  }

  @Test
  void whatIsMergedAgainIsStillTheSame() throws Exception {
    byte[] before = composed();
    merge(2, 3, 4);
    archives.put(5, archives.remove(MERGED));
    version.replaceAll((name, placed) -> renumbered(placed));
    merge(1, 5);
    assertThat(Arrays.equals(composed(), before)).isTrue();
    assertThat(archives).containsOnlyKeys(MERGED);
  }

  private static Placed renumbered(Placed placed) {
    String line = new String(resguardo.core.version.EntryCodec.write(placed));
    try {
      return resguardo.core.version.EntryCodec.read(
          line.replace("[" + MERGED + ",", "[5,").getBytes(StandardCharsets.UTF_8));
    } catch (resguardo.core.protocol.MalformedMessageException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void chunksOfAFileThatMoveTogetherLieSideBySide() throws Exception {
    merge(1);
    List<Chunk> chunks = version.get(RawPath.parse("t/a large")).place().chunks();
    assertThat(chunks.size()).isGreaterThan(2);
    for (int i = 1; i < chunks.size(); i++) {
      Chunk last = chunks.get(i - 1);
      assertThat(chunks.get(i).offset()).isEqualTo(last.offset() + last.length());
    }
  }

  @Test
  void whereNothingLivesThereIsNoArchive() throws Exception {
    keepOnly(name -> !List.of("t/f3", "t/g", "t/h", "t/z large").contains(name));
    merge(2, 3);
    assertThat(archives.get(MERGED)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tar -xzf %s -C %s",
        "bsdtar -xzf %s -C %s",
        "busybox tar -xzf %s -C %s",
        "python3 -c PYTHON %s %s"
      })
  void realTarsReadAMergedArchive(String command) throws Exception {
    merge(1, 2, 3, 4);
    Path tgz = Files.write(folder.resolve("merged.tgz"), archives.get(MERGED));
    Path out = Files.createDirectory(folder.resolve("out"));
    run(String.format(command, tgz, out));
    Set<Sha256> contents = contents(out);
    List<Sha256> chunks = new ArrayList<>();
    for (Placed placed : version.values()) {
      if (!placed.place().chunks().isEmpty()) {
        chunks.add(placed.entry().digest()); // a large file's chunks are one entry: all of it moved
      } else if (placed.entry().type() == Entry.Type.FILE) {
        assertThat(contents).as("%s", placed.entry().name()).contains(placed.entry().digest());
      }
    }
    assertThat(chunks).hasSize(3);
    assertThat(contents(out.resolve(".resguardo/chunks")))
        .containsExactlyInAnyOrderElementsOf(chunks);
  }

  private static Set<Sha256> contents(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(Files::isRegularFile)
          .map(
              file -> {
                try {
                  return Sha256.of(Files.readAllBytes(file));
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              })
          .collect(Collectors.toSet());
    }
  }

  private static void run(String line) throws Exception {
    List<String> words =
        Stream.of(line.split(" "))
            .map(
                word ->
                    word.equals("PYTHON")
                        ? "import sys,tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2])"
                        : word)
            .toList();
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }
}
