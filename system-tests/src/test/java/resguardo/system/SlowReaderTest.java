package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.NodeName;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.SourcePath;
import resguardo.core.port.ChunkKind;
import resguardo.core.port.Reply;
import resguardo.core.port.ReplyChannel;
import resguardo.core.protocol.Command;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.StreamMessage;
import resguardo.infra.rabbit.BrokerUri;
import resguardo.infra.rabbit.RabbitBroker;
import resguardo.infra.runtime.Instances;
import resguardo.testkit.net.ChaosProxy;

/**
 * An operator who may only read asks for more than a worker has places, and takes next to nothing
 * of what comes, with a client of its own that keeps each of them open.
 */
class SlowReaderTest {
  private static final int ASKED = 14;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  private final List<Query> queries = new CopyOnWriteArrayList<>();

  @AutoClose private Pipeline pipeline;

  private Path data;
  private Process worker;
  private @Nullable RabbitBroker alice;

  /** One that is asked for and hardly read. */
  private static final class Query implements AutoCloseable {
    private final ReplyChannel replies;
    private final ReplyChannel.Mailbox mailbox;
    private final Thread reader;
    private volatile @Nullable ReplyId creditTo;
    private volatile @Nullable String failed;

    Query(RabbitBroker broker, Path path) throws Exception {
      ReplyId id = ReplyId.random();
      replies = broker.replies();
      mailbox = replies.open(id, 100);
      reader = new Thread(this::read, "hardly reads");
      reader.setDaemon(true);
      reader.start();
      SourcePath source = SourcePath.parse(path.toString());
      broker
          .commands()
          .send(new Command.Query(new NodeName("alpha"), source, null, null, null, null, id));
    }

    /** Grants one more chunk each second: never so few that it is taken for gone. */
    private void read() {
      long taken = 0;
      try {
        while (true) {
          Optional<ReplyChannel.Received> next = mailbox.receive(Duration.ofSeconds(1));
          if (next.isPresent() && next.get().message() instanceof Reply.Chunk chunk) {
            take(chunk);
          }
          ReplyId to = creditTo;
          if (to != null && next.isEmpty()) {
            taken++;
            replies.send(to, new Reply.Credit(16 + taken));
          }
        }
      } catch (InterruptedException | IOException over) {
        // the test ends
      }
    }

    private void take(Reply.Chunk chunk) throws IOException {
      if (chunk.kind() != ChunkKind.MESSAGE) {
        return;
      }
      StreamMessage message;
      try {
        message = Json.read(chunk.payload(), StreamMessage.class, Json.MESSAGE_BYTES);
      } catch (resguardo.core.protocol.MalformedMessageException e) {
        throw new IOException(e);
      }
      if (message instanceof StreamMessage.QueryOpened opened) {
        creditTo = opened.creditTo();
      } else if (message instanceof StreamMessage.Failed told) {
        failed = told.why();
      }
    }

    boolean isUnderWay() {
      return creditTo != null && failed == null;
    }

    @Nullable String failed() {
      return failed;
    }

    @Override
    public void close() {
      reader.interrupt();
      mailbox.close();
    }
  }

  @BeforeEach
  void backUp() throws Exception {
    pipeline = new Pipeline(folder);
    data = pipeline.data("kept");
    pipeline.coordinator();
    worker = pipeline.worker();
    pipeline.agent("alpha");
    write("a", 24);
    pipeline.register("alpha", data, 3600);
    pipeline.awaitVersions("alpha", data, 1);
    pipeline.awaitQuiet();
    write("b", 1); // so that the newest version has to be composed
    runNow();
    pipeline.awaitVersions("alpha", data, 2);
  }

  @AfterEach
  void end() throws Exception {
    queries.forEach(Query::close);
    if (alice != null) {
      alice.close();
    }
  }

  private void write(String name, int mebibytes) throws IOException {
    byte[] bytes = new byte[mebibytes << 20];
    new Random(mebibytes).nextBytes(bytes);
    Files.write(data.resolve(name), bytes);
  }

  private void runNow() throws Exception {
    Pipeline.Result result =
        pipeline.admin("run-now", "--node", "alpha", "--path", data.toString(), "--wait");
    assertThat(result.exit()).as(result.err()).isZero();
  }

  private Path enroll(String name) throws Exception {
    Path file = folder.resolve(name + ".env");
    Pipeline.Result result =
        pipeline.admin(
            "operator", "enroll", name, "--may", "read", "--save-to-file", file.toString());
    assertThat(result.exit()).as(result.err()).isZero();
    return file;
  }

  private void alicesFill() throws Exception {
    String uri =
        Files.readString(enroll("alice"), StandardCharsets.UTF_8)
            .replaceFirst("(?s).*(amqp://\\S+).*", "$1");
    RabbitBroker broker =
        new RabbitBroker(List.of(BrokerUri.parse(uri)), Instances.random(Role.ADMIN, "alice"));
    alice = broker;
    broker.await(Pipeline.PATIENCE);
    for (int i = 0; i < ASKED; i++) {
      queries.add(new Query(broker, data));
    }
    await().atMost(Pipeline.PATIENCE).until(() -> underWay() == 8);
  }

  private long underWay() {
    return queries.stream().filter(Query::isUnderWay).count();
  }

  private Pipeline.Result query(Path settings, Path file) throws Exception {
    return pipeline.adminWith(
        Map.of("RESGUARDO_CONFIG", settings.toString()),
        Pipeline.queryWords("alpha", data, file, "--timeout", "60"));
  }

  /** On a thread of its own. */
  private CompletableFuture<Pipeline.Result> queryBeside(Path settings, Path file) {
    CompletableFuture<Pipeline.Result> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                result.complete(query(settings, file));
              } catch (Exception e) {
                result.completeExceptionally(e);
              }
            });
    thread.start();
    return result;
  }

  private void assertServed(Path settings, String name) throws Exception {
    Path file = folder.resolve(name + ".tgz");
    Pipeline.Result result = query(settings, file);
    assertThat(result.exit()).as(result.err()).isZero();
    assertWhole(file);
  }

  private void assertWhole(Path file) throws Exception {
    Path target = Files.createTempDirectory(folder, "taken apart");
    Pipeline.run("tar", "-xpzf", file.toString(), "-C", target.toString());
    Trees.assertEqual(Path.of(target + data.toString()), data);
  }

  @Test
  void othersAreServedAndBackedUpMeanwhileAndOneWithASlowLinkGetsAll() throws Exception {
    Path bob = enroll("bob");
    Path carol = enroll("carol");
    alicesFill();
    try (ChaosProxy link = new ChaosProxy(Pipeline.portOf(pipeline.broker().fact("amqp_uri")))) {
      Path slow = folder.resolve("slow.env");
      Files.writeString(slow, Pipeline.through(link, Files.readString(bob)));
      link.rate(128 << 10); // 1 Mbit/s
      Path file = folder.resolve("slowly.tgz");
      CompletableFuture<Pipeline.Result> slowly = queryBeside(slow, file);
      List<String> told = new ArrayList<>();
      await()
          .atMost(Pipeline.PATIENCE)
          .until(
              () -> {
                queries.stream().map(Query::failed).filter(why -> why != null).forEach(told::add);
                return told.stream().anyMatch(why -> why.startsWith("others wait for a place"));
              });
      for (int i = 0; i < 3; i++) {
        assertServed(carol, "carol" + i);
      }
      write("c", 2);
      runNow();
      link.rate(0); // it has been slow for long enough
      Pipeline.Result result = slowly.get();
      assertThat(result.exit()).as(result.err()).isZero();
      Path target = Files.createTempDirectory(folder, "slowly");
      Pipeline.run("tar", "-xpzf", file.toString(), "-C", target.toString());
      assertThat(Path.of(target + data.resolve("a").toString()))
          .hasSameBinaryContentAs(data.resolve("a"));
    }
    assertThat(worker.isAlive()).isTrue();
    assertThat(underWay()).as("nobody is broken off for being slow").isGreaterThanOrEqualTo(6);
  }

  @Test
  void whatWaitedAtAWorkerThatIsKilledIsServedByTheNext() throws Exception {
    Path bob = enroll("bob");
    alicesFill();
    worker.destroyForcibly().waitFor();
    Path file = folder.resolve("bob.tgz");
    CompletableFuture<Pipeline.Result> bobs = queryBeside(bob, file);
    worker = pipeline.worker();
    Pipeline.Result result = bobs.get();
    assertThat(result.exit()).as(result.err()).isZero();
    assertWhole(file);
    await()
        .atMost(Pipeline.PATIENCE)
        .until(() -> queries.stream().allMatch(one -> one.isUnderWay() || one.failed() != null));
  }
}
