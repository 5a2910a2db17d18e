package resguardo.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.archive.Extractor;
import resguardo.core.RawPath;
import resguardo.core.ReplyId;
import resguardo.core.Serial;
import resguardo.core.protocol.QueryJob;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.stream.ChunkSender;
import resguardo.core.stream.GzipMembers;
import resguardo.core.version.Entry;
import resguardo.testkit.store.MemoryArchiveStore;

/** How a query for a folder ends whose files have their first names elsewhere. */
class QueryFlowTest {
  @TempDir Path folder;

  @AutoClose("shutdownNow")
  private final ExecutorService threads = Executors.newSingleThreadExecutor();

  private final MemoryArchiveStore store = new MemoryArchiveStore();
  private final RestoreStage stage = new RestoreStage((order, words) -> {});

  @BeforeEach
  void makeVersion() throws Exception {
    TestVersion version = new TestVersion().folder("srv/data").file("srv/data/a", new byte[] {7});
    version.folder("srv/data/m").add("srv/data/m/one", Entry.Type.HARD_LINK, "srv/data/a");
    version.store(store, threads, folder);
  }

  @AfterEach
  void end() {
    stage.close();
  }

  private String run(QueryJob.What what, Path spool) throws Exception {
    QueryJob query =
        new QueryJob(
            TestVersion.KEY,
            Serial.first(),
            what,
            List.of(RawPath.parse("m")),
            QueryJob.Packing.AS_STORED,
            null,
            ReplyId.random());
    return new QueryFlow(stage.context(store, spool), threads, query).run(ChunkSender.Turns.NONE);
  }

  @Test
  void theFilesCome() throws Exception {
    assertThat(run(QueryJob.What.ARCHIVE, folder)).isEqualTo("query served");
    Path target = Files.createDirectory(folder.resolve("target"));
    new Extractor(target, false, warning -> {})
        .run(GzipMembers.unpacked(new ByteArrayInputStream(stage.data()), 1024));
    assertThat(target.resolve("srv/data/m/one")).hasBinaryContent(new byte[] {7});
  }

  /** What is stored is as it should be: whoever asked is not told otherwise. */
  @Test
  void whereAWorkerHasNoRoomForThemItIsToldAndNotTakenForDamage() throws Exception {
    String done = run(QueryJob.What.ARCHIVE, folder.resolve("absent"));
    assertThat(done).startsWith("query not served: what is kept beside a query cannot be kept in");
    assertThat(stage.told()).hasSize(1);
    StreamMessage.Failed failed = (StreamMessage.Failed) stage.told().get(0);
    assertThat(failed.kind()).isEqualTo(StreamMessage.Failed.Kind.BROKEN);
    assertThat(failed.why()).contains("" + folder.resolve("absent"));
  }

  @Test
  void toListThemNothingIsKept() throws Exception {
    assertThat(run(QueryJob.What.ENTRIES, folder.resolve("absent"))).isEqualTo("query served");
    assertThat(new String(stage.data(), StandardCharsets.UTF_8))
        .contains("\"srv/data/m/one\"", "\"l\":\"srv/data/a\"");
  }
}
