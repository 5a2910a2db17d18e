package resguardo.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.archive.RawPaths;
import resguardo.core.RawPath;

class FileStateTest {
  @TempDir Path folder;

  @Test
  void theSystemSaysTheSameAsJavaOfEveryKindOfFile() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "content");
    Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(-5, 123_456_789)));
    Files.createLink(folder.resolve("second name"), file);
    Files.createSymbolicLink(folder.resolve("dangling"), Path.of("nowhere"));
    Path odd = RawPaths.below(folder, RawPath.ofBytes(new byte[] {'x', (byte) 0xff}));
    Files.writeString(odd, "odd");
    for (Path path :
        List.of(
            file,
            folder,
            folder.resolve("dangling"),
            folder.resolve("second name"),
            odd,
            Path.of("/dev/null"),
            Path.of("/proc/self/status"))) {
      assertThat(LinuxStat.of(path)).as(path.toString()).isEqualTo(FileState.byJava(path));
    }
  }

  @Test
  void whatIsNotThereIsToldAsJavaTellsIt() {
    assertThatThrownBy(() -> LinuxStat.of(folder.resolve("none")))
        .isInstanceOf(NoSuchFileException.class);
  }
}
