package resguardo.agent.names;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.archive.ScratchFile;

class NamesTest {
  @TempDir Path folder;

  private static List<byte[]> names(String... names) {
    return Stream.of(names).map(name -> name.getBytes(StandardCharsets.UTF_8)).toList();
  }

  private static List<String> all(Names names) throws IOException {
    List<String> all = new ArrayList<>();
    for (byte[] name = names.next(); name != null; name = names.next()) {
      all.add(new String(name, StandardCharsets.UTF_8));
    }
    return all;
  }

  @Test
  void whatAFolderGaveTwiceComesOnce() throws Exception {
    List<byte[]> twice = names("a", "b", "b", "b", "c", "c");
    try (Names names = new Names(List.of(), twice.iterator(), 1, false, () -> {})) {
      assertThat(all(names)).containsExactly("a", "b", "c");
    }
    try (ScratchFile file = new ScratchFile(folder, 1 << 20);
        Names names =
            new Names(
                List.of(
                    SortedPart.of(file, names("a", "c", "d")),
                    SortedPart.of(file, names("a", "a", "b", "d"))),
                names().iterator(),
                1,
                false,
                () -> {})) {
      assertThat(all(names)).containsExactly("a", "b", "c", "d");
    }
  }
}
