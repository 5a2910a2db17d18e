package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.BackupOptions;
import resguardo.core.version.VersionHeader;

/** How archives are packed, on real servers. */
class PackingTest {
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  static Path folder;

  private static Pipeline pipeline;

  @BeforeAll
  static void start() throws Exception {
    pipeline = new Pipeline(folder);
    pipeline.startOfEach("alpha");
  }

  @AfterAll
  static void end() throws Exception {
    if (pipeline != null) {
      pipeline.close();
    }
  }

  /** More than what is always brought whole, so that a change makes a delta. */
  private static Path set(String name) throws Exception {
    Path data = pipeline.data(name);
    byte[] large = new byte[900_000];
    new Random(name.hashCode()).nextBytes(large);
    Files.write(data.resolve("large"), large);
    for (int i = 0; i < 50; i++) {
      Files.writeString(data.resolve("small " + i), ("text " + i).repeat(i * 20));
    }
    return data;
  }

  @Test
  void versionsPackedByZstdComeBackByEveryWayAndAnotherCodecMakesTheNextOneWhole()
      throws Exception {
    Path data = set("zstd");
    backedUp(data, 1, "--codec", "zstd", "--level", "5");
    pipeline.assertRestorableByTheGuide("alpha", data);
    Files.writeString(data.resolve("new"), "in a delta");
    backedUp(data, 2, "--codec", "zstd", "--level", "5");
    VersionHeader delta = newest(data);
    assertThat(delta.archives())
        .hasSize(2)
        .allSatisfy(
            ref -> {
              assertThat(ref.key()).endsWith(".tar.zst");
              assertThat(ref.form().codec()).isEqualTo(BackupOptions.Codec.ZSTD);
              assertThat(ref.form().level()).isEqualTo(5);
            });
    pipeline.assertRestorable("alpha", data); // by a .tgz
    pipeline.assertRestorableByTheGuide("alpha", data);
    comesBackPackedByZstd(data);
    comesBackAsFiles(data);
    Files.writeString(data.resolve("new"), "whole, by gzip");
    backedUp(data, 3);
    VersionHeader whole = newest(data);
    assertThat(whole.whole()).isTrue();
    assertThat(whole.archives()).hasSize(1).allMatch(ref -> ref.key().endsWith(".tgz"));
    pipeline.assertRestorable("alpha", data);
    comesBackPackedByZstd(data);
  }

  /**
   * Each schedule of its own begins with a slot that is due at once: so there is one job for it.
   */
  private static void backedUp(Path data, int version, String... options) throws Exception {
    pipeline.register("alpha", data, 3600 + version, options);
    pipeline.awaitVersions("alpha", data, version);
  }

  private static VersionHeader newest(Path data) throws Exception {
    return pipeline.history("alpha", data).versions().get(0);
  }

  private static void comesBackPackedByZstd(Path data) throws Exception {
    Path file = folder.resolve("version.tar.zst");
    Pipeline.Result result =
        pipeline.admin(
            "publish",
            "query",
            "--node",
            "alpha",
            "--path",
            data.toString(),
            "--save-to-file",
            file.toString());
    assertThat(result.exit()).as(result.err()).isZero();
    Path to = Files.createTempDirectory(folder, "zstd");
    Pipeline.run(
        "sh", "-c", "zstd -dc \"$0\" | tar -xpf - -C \"$1\"", file.toString(), to.toString());
    pipeline.assertEqual(Path.of(to + data.toString()), data);
  }

  private static void comesBackAsFiles(Path data, String... more) throws Exception {
    Path to = Files.createTempDirectory(folder, "files");
    List<String> words =
        new java.util.ArrayList<>(
            List.of(
                "restore", "--node", "alpha", "--path", data.toString(), "--to", to.toString()));
    words.addAll(List.of(more));
    Pipeline.Result result = pipeline.admin(words.toArray(String[]::new));
    assertThat(result.exit()).as(result.err()).isZero();
    pipeline.assertEqual(Path.of(to + data.toString()), data);
  }
}
