package resguardo.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What fits into the memory that a worker has, in processes that have no more. */
class QueryMemoryTest {
  @TempDir Path spool;

  private String run(String memory, Class<?> program, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", memory, "-XX:+ExitOnOutOfMemoryError"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
    command.add(spool.toString());
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return said + process.waitFor();
  }

  /** Of 8000 bytes, which all together are twice as many. */
  @Test
  void namesOfFilesOutsideMayTakeMoreThanTheMemory() throws Exception {
    assertThat(run("-Xmx24m", ManyLinks.class, "6000", "8000", "2"))
        .endsWith("6000 files 6000 files 0");
  }

  /** A node may send whatever it likes, and a worker that has no memory left ends. */
  @Test
  void twoNodesThatSendTheLongestLinesAtOnceEndNoWorker() throws Exception {
    Path line = spool.resolve("line");
    LongestLines.write(line, Receiving.longestLine(112L << 20));
    assertThat(run("-Xmx112m", LongestLines.class, line.toString()))
        .endsWith("4 lines 4 lines 64 unread 0");
  }

  @Test
  void asManyQueriesAsAreOpenForTheLargestFilesFit() throws Exception {
    assertThat(run("-Xmx112m", LargestFiles.class)).endsWith("served ".repeat(8) + "0");
  }
}
