package resguardo.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.NodeName;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.Sha256;
import resguardo.core.SourcePath;
import resguardo.core.protocol.StreamMessage;
import resguardo.testkit.store.MemoryArchiveStore;
import resguardo.testkit.versions.MadeVersions;

/** What is saved is whole, and nobody else's at any time. */
class DownloadTest {
  private static final RegistrationKey KEY =
      new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/srv"));

  @TempDir Path folder;

  private final List<String> modes = new ArrayList<>();

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  private Download download() {
    OtherEnd nobody = new OtherEnd();
    return new Download(
        new VersionQuery(nobody, nobody, Duration.ofSeconds(1), "query it"), bytes -> {});
  }

  /** An archive of 5 bytes; while it comes, it is looked who may read what is there. */
  private ArchiveSource archive() {
    return (out, progress) -> {
      out.write("whole".getBytes(StandardCharsets.UTF_8));
      for (Path file : files()) {
        modes.add(mode(file));
      }
      StreamMessage.QueryOpened opened =
          new StreamMessage.QueryOpened(
              new MadeVersions(new MemoryArchiveStore(), KEY, folder)
                  .header(1, Instant.EPOCH, List.of(), null),
              ReplyId.random(),
              false);
      return new VersionQuery.Served(
          opened, new StreamMessage.Finished(5, Sha256.of(new byte[5]), null, null));
    };
  }

  @Test
  void whatIsSavedIsForItsOwnerAloneFromTheFirstByteOnWhateverWasThere() throws Exception {
    Path file = folder.resolve("latest.tgz");
    assertThat(download().save(archive(), file).bytes()).isEqualTo(5);
    assertThat(modes).containsExactly("rw-------");
    assertThat(mode(file)).isEqualTo("rw-------");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    download().save(archive(), file);
    assertThat(mode(file)).as("another file").isEqualTo("rw-------");
    assertThat(file).hasContent("whole");
    assertThat(files()).containsExactly(file);
  }

  @Test
  void whatIsBrokenOffLeavesWhatWasThere() throws Exception {
    Path file = Files.writeString(folder.resolve("latest.tgz"), "before");
    assertThatThrownBy(
            () ->
                download()
                    .save(
                        (out, progress) -> {
                          out.write(1);
                          throw new IOException("no room");
                        },
                        file))
        .isInstanceOf(AdminException.class);
    assertThat(file).hasContent("before");
    assertThat(files()).containsExactly(file);
  }
}
