package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.version.VersionHeader;
import resguardo.testkit.store.StoredBytes;

/** A bit that becomes another in the bucket: found by {@code verify --read}, and made good. */
class HealTest {
  @TempDir Path folder;

  @AutoClose private Pipeline pipeline;

  @BeforeEach
  void start() throws Exception {
    pipeline = new Pipeline(folder);
    pipeline.coordinator();
    pipeline.worker();
    pipeline.agent("alpha");
  }

  private Pipeline.Result about(String command, Path path, String... more) throws Exception {
    List<String> words = new ArrayList<>(List.of((command + " --node alpha --path").split(" ")));
    words.add(path.toString());
    words.addAll(List.of(more));
    return pipeline.admin(words.toArray(String[]::new));
  }

  @Test
  void aBitThatFlippedIsBroughtAgainByTheNextBackupThoughNothingChanged() throws Exception {
    Path data = pipeline.data("flips");
    byte[] content = new byte[400_000];
    for (int i = 0; i < 5; i++) {
      new Random(i).nextBytes(content);
      Files.write(data.resolve("f" + i), content);
    }
    pipeline.register("alpha", data, 3600);
    pipeline.awaitVersions("alpha", data, 1);
    pipeline.awaitQuiet();
    VersionHeader first = pipeline.history("alpha", data).versions().get(0);
    try (ArchiveStore bucket = pipeline.bucket()) {
      ObjectKey archive = new ObjectKey(first.archives().get(0).key());
      byte[] bytes = StoredBytes.of(bucket, archive);
      bytes[bytes.length / 2] ^= 1;
      bucket.put(archive, Content.of(bytes));
    }
    Pipeline.Result found = about("verify", data, "--read");
    assertThat(found.exit()).as(found.out()).isEqualTo(1);
    pipeline.register("alpha", data, 3601);
    pipeline.awaitVersions("alpha", data, 2);
    pipeline.awaitQuiet();
    assertThat(about("verify", data, "--read").exit()).isZero();
    pipeline.assertRestorable("alpha", data);
    VersionHeader second = pipeline.history("alpha", data).versions().get(0);
    assertThat(second.archives()).hasSize(2);
    assertThat(second.newBytes()).isLessThan(1_000_000);
    assertThat(about("verify", data, "--read", "--version", "1").exit()).isEqualTo(1);
  }
}
