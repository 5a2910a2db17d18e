package resguardo.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceFileTest {
  @TempDir Path folder;

  private Path file(int length) throws IOException {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return Files.write(folder.resolve("file " + length), bytes);
  }

  private static byte[] read(Path path, long expected) throws IOException {
    try (SourceFile file = SourceFile.open(path)) {
      return file.read(expected);
    }
  }

  @Test
  void itGivesAllWhateverWasExpected() throws Exception {
    for (int length : new int[] {0, 1, 4096, 300_000, SourceFile.MOST - 1}) {
      Path path = file(length);
      for (long expected : new long[] {0, 1, length, length + 1, 1L << 40}) {
        assertThat(read(path, expected)).isEqualTo(Files.readAllBytes(path));
      }
    }
  }

  @Test
  void itGivesNoMoreThanTheMost() throws Exception {
    Path path = file(SourceFile.MOST + 10);
    byte[] most = Arrays.copyOf(Files.readAllBytes(path), SourceFile.MOST);
    assertThat(read(path, 5)).isEqualTo(most);
    assertThat(read(path, SourceFile.MOST + 10)).isEqualTo(most);
  }

  @Test
  void aFileOfTheSystemThatSaysNothingOfItsSizeIsGivenWhole() throws Exception {
    Path version = Path.of("/proc/version");
    assertThat(read(version, Files.size(version)))
        .asString(StandardCharsets.UTF_8)
        .isEqualTo(Files.readString(version));
  }

  @Test
  void theTimeOfTheLastAccessStays() throws Exception {
    Path path = file(10);
    FileTime then = FileTime.from(Instant.parse("2001-02-03T04:05:06Z"));
    BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
    Files.getFileAttributeView(path, java.nio.file.attribute.BasicFileAttributeView.class)
        .setTimes(now.lastModifiedTime(), then, null);
    assertThat(read(path, 10)).hasSize(10);
    assertThat(Files.readAttributes(path, BasicFileAttributes.class).lastAccessTime())
        .isEqualTo(then);
  }

  @Test
  void whatIsGoneOrALinkOrAFolderIsRefused() throws Exception {
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> SourceFile.open(folder.resolve("gone")));
    Path link = Files.createSymbolicLink(folder.resolve("link"), file(3));
    assertThatExceptionOfType(FileSystemException.class).isThrownBy(() -> SourceFile.open(link));
    assertThatExceptionOfType(FileSystemException.class).isThrownBy(() -> read(folder, 3));
  }
}
