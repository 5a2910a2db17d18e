package resguardo.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.RawPath;

class FolderNamesTest {
  @TempDir Path folder;

  private List<String> names() throws IOException {
    List<RawPath> names = new ArrayList<>();
    try (SourceFolder open = SourceFolder.open(folder)) {
      open.eachName(name -> names.add(RawPath.ofBytes(name)));
    }
    return names.stream().sorted().map(RawPath::text).toList();
  }

  @Test
  void anEmptyFolderHasNone() throws Exception {
    assertThat(names()).isEmpty();
  }

  @Test
  void namesAreGivenByTheirBytesInOrder() throws Exception {
    List<byte[]> odd = new ArrayList<>();
    for (String name :
        List.of("b", "a", "B", "...", "..a", ".", "..", "\n", "é", "x".repeat(255))) {
      odd.add(name.getBytes(StandardCharsets.UTF_8));
    }
    odd.add(new byte[] {(byte) 0xff, 'x'});
    for (byte[] name : odd) {
      RawPath raw = RawPath.ofBytes(name);
      if (!raw.text().equals(".") && !raw.text().equals("..")) {
        Files.createFile(RawPaths.below(folder, raw));
      }
    }
    assertThat(names())
        .containsExactly("\n", "...", "..a", "B", "a", "b", "x".repeat(255), "é", "%:%FFx");
    List<String> byJava = new ArrayList<>();
    FolderNames.byJava(folder, name -> byJava.add(RawPath.ofBytes(name).text()));
    assertThat(names()).containsExactlyInAnyOrderElementsOf(byJava);
  }

  @Test
  void moreThanOneAnswerHoldsAreAllGiven() throws Exception {
    List<String> made = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      String name = String.format("file with a name of some length %06d", i);
      Files.createFile(folder.resolve(name));
      made.add(name);
    }
    assertThat(names()).isEqualTo(made);
  }

  @Test
  void whatIsGoneOrNoFolderIsRefused() throws Exception {
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> SourceFolder.open(folder.resolve("gone")));
    Path file = Files.createFile(folder.resolve("file"));
    assertThatExceptionOfType(FileSystemException.class).isThrownBy(() -> SourceFolder.open(file));
  }
}
