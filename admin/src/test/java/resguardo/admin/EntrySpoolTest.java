package resguardo.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.archive.ScratchFile;

class EntrySpoolTest {
  private static final int LINES = 3000;

  @TempDir Path folder;

  private final Random random = new Random(3);

  private byte[] line() {
    byte[] line = new byte[1 + random.nextInt(2000)];
    random.nextBytes(line);
    return line;
  }

  private long files() throws Exception {
    try (Stream<Path> all = Files.list(folder)) {
      return all.count();
    }
  }

  @Test
  void whatIsAddedComesInItsOrderAndLiesInNoFileThatOutlivesTheProcess() throws Exception {
    byte[][] lines = new byte[LINES][];
    try (EntrySpool spool = new EntrySpool(new ScratchFile(folder, Long.MAX_VALUE))) {
      for (int i = 0; i < LINES; i++) {
        lines[i] = line();
        spool.add(lines[i], lines[i].length / 2);
      }
      assertThat(files()).as("as it is filled").isZero();
      spool.complete();
      assertThat(files()).as("as it is read").isZero();
      for (byte[] line : lines) {
        assertThat(spool.next()).contains(Arrays.copyOf(line, line.length / 2));
      }
      assertThat(spool.next()).isEmpty();
    }
  }

  @Test
  void moreThanItsBoundIsRefusedWithWhatToDo() throws Exception {
    try (EntrySpool spool = new EntrySpool(new ScratchFile(folder, 200_000))) {
      assertThatIOException()
          .isThrownBy(
              () -> {
                for (int i = 0; i < LINES; i++) {
                  byte[] line = line();
                  spool.add(line, line.length);
                }
              })
          .withMessageContainingAll("200000 bytes", folder.toString(), "TMPDIR");
    }
  }

  /** What is buffered still comes then. */
  @Test
  void soItIsAtTheEnd() throws Exception {
    try (EntrySpool spool = new EntrySpool(new ScratchFile(folder, 10))) {
      byte[] line = line();
      spool.add(line, line.length);
      assertThatIOException().isThrownBy(spool::complete).withMessageContaining("TMPDIR");
    }
  }
}
