package resguardo.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import resguardo.core.Sha256;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.ManifestReader;

/**
 * The test vectors of {@code docs/format.md}: buckets that lie in the tree, with what each of their
 * versions is to be restored to. With {@code -Dresguardo.vectors=write} they are made anew, which a
 * change of the format needs, and nothing else may.
 */
class VectorsTest {
  private static final Path VECTORS = Path.of("src/test/vectors");
  private static final Path IDENTITY = VECTORS.resolve("age-identity.txt");

  @AutoClose("shutdown")
  private static final ExecutorService THREADS = Executors.newFixedThreadPool(2);

  @TempDir Path folder;

  static Stream<String> names() {
    return VectorSets.all().keySet().stream();
  }

  private Map<String, byte[]> made(String name) throws Exception {
    VectorVersions versions = VectorSets.all().get(name).make(name, THREADS, folder);
    return versions.objects();
  }

  @ParameterizedTest
  @MethodSource("names")
  void whatIsWrittenTodayIsTheSameTarAsInTheTree(String name) throws Exception {
    if ("write".equals(System.getProperty("resguardo.vectors"))) {
      write(name);
    }
    Path again = folder.resolve("again");
    save(again, made(name));
    Path kept = VECTORS.resolve(name);
    for (Path manifest : manifests(kept)) {
      Path same = again.resolve(kept.relativize(manifest));
      assertThat(entries(same)).isEqualTo(entries(manifest));
      assertThat(tar(again, same)).isEqualTo(tar(kept, manifest));
    }
    assertThat(manifests(again)).hasSameSizeAs(manifests(kept));
  }

  @ParameterizedTest
  @MethodSource("names")
  void everyMachineComposesTheSameTarOfEachVersion(String name) throws Exception {
    Path kept = VECTORS.resolve(name);
    for (Path manifest : manifests(kept)) {
      String expected =
          Files.readString(VECTORS.resolve(name + "-expected/" + serial(manifest) + ".tar.sha256"));
      assertThat(Sha256.of(tar(kept, manifest)).hex()).isEqualTo(expected.strip());
    }
  }

  /** A reader that somebody wrote who knows nothing but the format's description. */
  @ParameterizedTest
  @MethodSource("names")
  void aStrangersReaderRestoresEachVersion(String name) throws Exception {
    Path kept = VECTORS.resolve(name);
    for (Path manifest : manifests(kept)) {
      Path target = Files.createDirectory(folder.resolve(serial(manifest)));
      python("stranger.py", kept, kept.relativize(manifest), target, IDENTITY);
      python(
          "check.py",
          target,
          VECTORS.resolve(name + "-expected/" + serial(manifest) + ".jsonl").toAbsolutePath());
    }
  }

  private void python(String script, Object... arguments) throws Exception {
    List<String> words = new ArrayList<>(List.of("python3", VECTORS.resolve(script).toString()));
    Stream.of(arguments).map(String::valueOf).forEach(words::add);
    Path log = Files.createTempFile(folder, "python", ".log");
    Process process =
        new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(log)).isZero();
  }

  private void write(String name) throws Exception {
    Path kept = VECTORS.resolve(name);
    save(kept, made(name));
    for (Path manifest : manifests(kept)) {
      Path expected = Files.createDirectories(VECTORS.resolve(name + "-expected"));
      String serial = serial(manifest);
      Files.writeString(
          expected.resolve(serial + ".tar.sha256"), Sha256.of(tar(kept, manifest)).hex() + "\n");
      Files.write(
          expected.resolve(serial + ".jsonl"),
          VectorSets.all().get(name).expected(Integer.parseInt(serial)));
    }
  }

  private static void save(Path bucket, Map<String, byte[]> objects) throws IOException {
    for (Map.Entry<String, byte[]> object : objects.entrySet()) {
      Path file = bucket.resolve(object.getKey());
      Files.createDirectories(file.getParent());
      Files.write(file, object.getValue());
    }
  }

  private static List<Path> manifests(Path bucket) throws IOException {
    try (Stream<Path> all = Files.walk(bucket.resolve("manifests"))) {
      return all.filter(path -> path.toString().endsWith(".json.gz")).sorted().toList();
    }
  }

  private static String serial(Path manifest) {
    return String.valueOf(manifest.getFileName()).replace(".json.gz", "");
  }

  private static List<String> entries(Path manifest) throws Exception {
    List<String> entries = new ArrayList<>();
    try (ManifestReader reader = new ManifestReader(Files.newInputStream(manifest))) {
      for (Optional<byte[]> line = reader.nextLine(); line.isPresent(); line = reader.nextLine()) {
        entries.add(
            new String(line.get(), 0, EntryCodec.entryLength(line.get()), StandardCharsets.UTF_8));
      }
    }
    return entries;
  }

  private static byte[] tar(Path bucket, Path manifest) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ManifestReader reader = new ManifestReader(Files.newInputStream(manifest))) {
      Map<Integer, Path> archives = new HashMap<>();
      for (ArchiveRef ref : reader.header().archives()) {
        archives.put(ref.number(), bucket.resolve(ref.key()));
      }
      AgeIdentities identities = AgeIdentities.of(Files.readAllLines(IDENTITY));
      Composer composer =
          new Composer(
              new JdkDeflater(1),
              THREADS,
              member -> {
                try (RandomAccessFile file =
                    new RandomAccessFile(archives.get(member.archive()).toFile(), "r")) {
                  byte[] bytes = new byte[member.length()];
                  file.seek(member.offset());
                  file.readFully(bytes);
                  return AgeIdentities.isEncrypted(bytes) ? identities.decrypted(bytes) : bytes;
                }
              },
              out::writeBytes);
      for (Optional<byte[]> line = reader.nextLine(); line.isPresent(); line = reader.nextLine()) {
        composer.add(EntryCodec.read(line.get()));
      }
      composer.finish();
    }
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(out.toByteArray()))) {
      return in.readAllBytes();
    }
  }
}
