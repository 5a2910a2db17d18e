package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.version.VersionHeader;

/** The same files give the same archive, however the machine is set up that they lie on. */
class SameTarTest {
  private static final int FILES = 400;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  static Path folder;

  @AutoClose private static Pipeline pipeline;

  @BeforeAll
  static void start() throws Exception {
    pipeline = new Pipeline(folder);
    pipeline.coordinator();
    pipeline.worker();
  }

  @Test
  void neitherLocaleNorTimeZoneNorUmaskNorTheOrderOfAFolderShowsInAnArchive() throws Exception {
    Path data = pipeline.data("same");
    make(data, false);
    pipeline.agentElsewhere("here", "022", Map.of("LANG", "C", "TZ", "UTC"));
    VersionHeader here = backedUp("here", data);
    byte[] tarHere = tar("here", data);
    clear(data);
    make(data, true);
    // In Turkish the small i has no large form of its own: what folds case by the locale shows.
    Map<String, String> elsewhere =
        Map.of(
            "LANG",
            "tr_TR.ISO-8859-9",
            "LC_ALL",
            "tr_TR.ISO-8859-9",
            "TZ",
            "America/St_Johns",
            "RESGUARDO_JAVA_OPTS",
            "-Duser.language=tr -Duser.country=TR -Duser.timezone=America/St_Johns");
    pipeline.agentElsewhere("elsewhere", "077", elsewhere);
    VersionHeader there = backedUp("elsewhere", data);
    assertThat(tar("elsewhere", data)).isEqualTo(tarHere);
    assertThat(there.totals()).isEqualTo(here.totals());
    assertThat(there.archives().get(0).digest()).isEqualTo(here.archives().get(0).digest());
  }

  private static VersionHeader backedUp(String node, Path data) throws Exception {
    pipeline.register(node, data, 3600);
    pipeline.awaitVersions(node, data, 1);
    return pipeline.history(node, data).versions().get(0);
  }

  private static byte[] tar(String node, Path data) throws Exception {
    Path file = folder.resolve(node + ".tgz");
    pipeline.query(node, data, file);
    try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(file))) {
      return in.readAllBytes();
    }
  }

  private static void make(Path data, boolean backwards) throws IOException {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < FILES; i++) {
      order.add(i);
    }
    if (backwards) {
      Collections.reverse(order);
    }
    for (int number : order) {
      Path file = data.resolve("I" + number % 7).resolve("i\u00ef \u0130 " + number);
      Files.createDirectories(file.getParent());
      byte[] content = new byte[number * 31 % 4_000];
      new Random(number).nextBytes(content);
      Files.write(file, content);
    }
    try (Stream<Path> all = Files.walk(data)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        boolean isFolder = Files.isDirectory(path);
        Files.setPosixFilePermissions(
            path, PosixFilePermissions.fromString(isFolder ? "rwxr-xr-x" : "rw-r--r--"));
        Files.setLastModifiedTime(path, FileTime.from(Instant.ofEpochSecond(1_600_000_000, 7)));
      }
    }
  }

  private static void clear(Path data) throws IOException {
    try (Stream<Path> all = Files.walk(data)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        if (!path.equals(data)) {
          Files.delete(path);
        }
      }
    }
  }
}
