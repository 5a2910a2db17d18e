package resguardo.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.Serial;
import resguardo.core.Sha256;
import resguardo.core.stream.ChunkSender;
import resguardo.core.version.Entry;
import resguardo.core.version.Placed;
import resguardo.core.version.VersionHeader;
import resguardo.testkit.store.MemoryArchiveStore;

/** What a restore to nowhere tells, however long what is to be told is. */
class TrialRestoreTest {
  private static final Sha256 OTHER = Sha256.of(new byte[] {2});

  @TempDir Path folder;

  @AutoClose("shutdownNow")
  private final ExecutorService threads = Executors.newSingleThreadExecutor();

  private final MemoryArchiveStore store = new MemoryArchiveStore();
  private final TestVersion version = new TestVersion();
  private final RestoreStage stage = new RestoreStage((order, words) -> {});

  @AfterEach
  void end() {
    stage.close();
  }

  private List<String> problems() throws Exception {
    VersionHeader header = version.store(store, threads, folder);
    WorkerContext context = stage.context(store, folder);
    VersionArchive archive =
        new VersionArchive(
            store,
            threads,
            TestVersion.KEY,
            Serial.first(),
            new Lookup(folder, (entries, bytes) -> {}));
    GivingWay way = new GivingWay(context.platform(), () -> false, ChunkSender.Turns.NONE);
    return new TrialRestore(
            context, archive, header, null, Long.MAX_VALUE, way, (entries, bytes) -> {})
        .run()
        .problems();
  }

  /** Control characters are told by six others each. */
  private static String name(int number) {
    return "srv/data/" + number + "\u0001".repeat(300);
  }

  private static void assertCut(String problem, String begin, String end) {
    assertThat(problem)
        .startsWith(begin + "\\u0001")
        .hasSize(VersionCheck.LONGEST_PROBLEM + 1)
        .endsWith(end);
  }

  @Test
  void filesOfLongNamesThatAreNotWhatWasStoredAreToldInPart() throws Exception {
    for (int i = 100; i < 130; i++) {
      version.file(name(i), new byte[] {1});
      version.but(name(i), packed -> new Placed(packed.entry().read(OTHER, null), packed.place()));
    }
    List<String> problems = problems();
    assertThat(problems).hasSize(20);
    for (int i = 0; i < problems.size(); i++) {
      assertCut(problems.get(i), "srv/data/" + (100 + i), ": its content is not what was stored");
    }
  }

  @Test
  void soIsWhatKeepsTheRestFromBeingRead() throws Exception {
    version.file(name(100), new byte[] {1}).file(name(102), new byte[] {1});
    version.but(name(102), name(103));
    List<String> problems = problems();
    assertThat(problems).hasSize(1);
    assertCut(problems.get(0), "the archive has srv/data/102", "\\u0001…");
  }

  @Test
  void anotherNameOfWhatTheVersionHasNotIsToldAsItCannotBeRestored() throws Exception {
    version.file("srv/data/a", new byte[] {1});
    version.add("srv/data/b", Entry.Type.HARD_LINK, "srv/data/a");
    version.add("srv/data/c", Entry.Type.HARD_LINK, "srv/data/0");
    assertThat(problems())
        .containsExactly("srv/data/c: it is another name of srv/data/0, which the version has not");
  }
}
