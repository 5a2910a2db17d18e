package resguardo.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.archive.RawPaths;
import resguardo.core.BackupOptions;
import resguardo.core.RawPath;
import resguardo.core.version.Entry;

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
  void aTimeBeyondWhatCanBeRecordedIsTheLastThatCanBe() throws Exception {
    for (long seconds : new long[] {Long.MAX_VALUE, Long.MIN_VALUE, Entry.LATEST + 1}) {
      FileTime time = LinuxStat.time(seconds, 5);
      assertThat(time.to(TimeUnit.SECONDS)).isEqualTo(seconds > 0 ? Entry.LATEST : -Entry.LATEST);
    }
    assertThat(LinuxStat.time(-5, 5)).isEqualTo(FileTime.from(Instant.ofEpochSecond(-5, 5)));
    // In memory files may have any time, on ext4 none that is beyond.
    Path file = Files.createTempFile(Path.of("/dev/shm"), "resguardo", "time");
    try {
      for (String seconds : List.of("9223372036854775807", "-9223372036854775808")) {
        ProcessBuilder touch = new ProcessBuilder("touch", "-d", "@" + seconds, file.toString());
        assertThat(touch.start().waitFor()).isZero();
        FileState state = FileState.of(file);
        assertThat(state.modified()).isEqualTo(LinuxStat.time(Long.parseLong(seconds), 0));
        assertThat(state).isEqualTo(FileState.byJava(file));
        assertThat(state.mark(Rounds.LATER.instant())).isNotZero();
        Walks.walk(
            file,
            RawPath.parse("f"),
            BackupOptions.NONE,
            found -> assertThat(Math.abs(found.entry().mtimeSeconds())).isEqualTo(Entry.LATEST));
      }
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void whatIsNotThereIsToldAsJavaTellsIt() {
    assertThatThrownBy(() -> LinuxStat.of(folder.resolve("none")))
        .isInstanceOf(NoSuchFileException.class);
  }
}
