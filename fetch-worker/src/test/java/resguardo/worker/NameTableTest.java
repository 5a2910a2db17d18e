package resguardo.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.RawPath;
import resguardo.worker.NameTable.Known;
import resguardo.worker.NameTable.State;

/** Names in a file, with what is kept of each. */
class NameTableTest {
  @TempDir Path folder;

  private static RawPath name(int i) {
    return RawPath.parse("srv/" + i);
  }

  private NameTable table() throws Exception {
    return new NameTable(new SpoolFile(folder));
  }

  @Test
  void whatIsKeptOfEachNameIsItsOwnWhateverIsKeptInWhichOrder() throws Exception {
    int many = 20_000;
    Map<RawPath, String> expected = new HashMap<>();
    Random random = new Random(1);
    try (NameTable table = table()) {
      for (int i = 0; i < many; i++) {
        table.note(name(i));
        table.note(name(random.nextInt(i + 1)));
      }
      table.look((entries, bytes) -> {});
      for (int i = 0; i < 3 * many; i++) {
        RawPath name = name(random.nextInt(many));
        Known known = table.find(name);
        assertThat(known).isNotNull();
        String before = expected.get(name);
        assertThat(known.state())
            .isEqualTo(
                before == null ? State.NOTED : before.length() > 5 ? State.LINE : State.STANDS);
        assertThat(new String(table.kept(known), UTF_8)).isEqualTo(before == null ? "" : before);
        String kept = "k".repeat(random.nextInt(10)) + i;
        State state = kept.length() > 5 ? State.LINE : State.STANDS;
        table.keep(known, state, kept.getBytes(UTF_8));
        expected.put(name, kept);
      }
      for (int i = many; i < 2 * many; i++) {
        assertThat(table.find(name(i))).isNull();
      }
    }
  }

  @Test
  void largeAndEmptyThingsAreKept() throws Exception {
    byte[] large = new byte[3_000_001];
    new Random(2).nextBytes(large);
    try (NameTable table = table()) {
      table.note(name(1));
      table.note(RawPath.ofBytes(new byte[0]));
      table.look((entries, bytes) -> {});
      table.keep(table.find(name(1)), State.LINE, large);
      table.keep(table.find(RawPath.ofBytes(new byte[0])), State.STANDS, new byte[0]);
      assertThat(table.kept(table.find(name(1)))).isEqualTo(large);
      assertThat(table.kept(table.find(RawPath.ofBytes(new byte[0])))).isEmpty();
    }
  }

  /** So nothing of it is left, however the process ends. */
  @Test
  void itsFileHasNoName() throws Exception {
    try (NameTable table = table()) {
      table.note(name(1));
      table.look((entries, bytes) -> {});
      try (Stream<Path> left = Files.list(folder)) {
        assertThat(left).isEmpty();
      }
      assertThat(table.find(name(1))).isNotNull();
    }
  }

  @Test
  void ofNamesOfAnyNumberAndLengthSomeAreInMemory() throws Exception {
    try (OutsideFiles files = new OutsideFiles(new Lookup(folder, (entries, bytes) -> {}))) {
      List<String> ends = List.of("", "n".repeat(1000), "n".repeat(16_000));
      for (int i = 0; i < 3000; i++) {
        files.note(RawPath.parse("srv/" + i + ends.get(i % 3)));
        assertThat(files.inMemory()).isLessThanOrEqualTo(OutsideFiles.FEW);
      }
      files.settle(name -> false);
      assertThat(files.inMemory()).isZero();
      for (int i = 0; i < 3000; i++) {
        assertThat(files.find(RawPath.parse("srv/" + i + ends.get(i % 3)))).isNotNull();
      }
    }
  }

  @Test
  void fewThatAreAskedForAfterAllNeedNoFile() throws Exception {
    Path absent = folder.resolve("absent");
    try (OutsideFiles files = new OutsideFiles(new Lookup(absent, (entries, bytes) -> {}))) {
      files.note(name(1));
      files.settle(name -> true);
      assertThat(files.isEmpty()).isTrue();
      assertThat(files.find(name(1))).isNull();
    }
  }
}
