package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Event;
import resguardo.core.protocol.Json;

/**
 * Somebody has the password of the node gamma, and sends events, lines and replies as fast as a
 * link of a gigabit carries them, with the broker's own client. Bounded in bytes, and over
 * loopback.
 */
class FloodTest {
  private static final long MOST_BYTES = 40L << 30;
  private static final int LARGE = 8 << 20;

  /** Of what is large; what is small comes as fast as it is taken. */
  private static final long BYTES_A_SECOND = 125_000_000;

  private static final Pattern REPLY_TO = Pattern.compile("\"replyTo\":\"([0-9a-f]{32})\"");
  private static final AMQP.BasicProperties PLAIN = new AMQP.BasicProperties();

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  private final AtomicLong flooded = new AtomicLong();
  private final List<Thread> floods = new CopyOnWriteArrayList<>();
  private volatile boolean over;

  @AutoClose private Pipeline pipeline;

  private Process coordinator;
  private Process worker;
  private Path alphas;
  private Path betas;
  private Connection thief;

  @BeforeEach
  void start() throws Exception {
    pipeline = new Pipeline(folder);
    coordinator = pipeline.coordinator();
    worker = pipeline.worker("--slots", "3");
    pipeline.agent("alpha");
    pipeline.agent("beta");
    alphas = pipeline.data("alphas");
    Files.writeString(alphas.resolve("file"), "content");
    betas = pipeline.data("betas");
    byte[] noise = new byte[24 << 20];
    new Random(1).nextBytes(noise);
    Files.write(betas.resolve("noise"), noise);
    thief = thief();
  }

  private Connection thief() throws Exception {
    Path settings = folder.resolve("gamma.env");
    Pipeline.Result result =
        pipeline.admin("node", "enroll", "gamma", "--save-to-file", settings.toString());
    assertThat(result.exit()).as(result.err()).isZero();
    ConnectionFactory gamma = new ConnectionFactory();
    gamma.setUri(
        Files.readString(settings, StandardCharsets.UTF_8)
            .replaceFirst("(?s).*(amqp://\\S+).*", "$1"));
    gamma.setAutomaticRecoveryEnabled(false);
    return gamma.newConnection();
  }

  @AfterEach
  void end() throws Exception {
    over = true;
    if (thief != null) {
      thief.abort(1000);
    }
    for (Thread flood : floods) {
      flood.join(10_000);
    }
  }

  /** Sends this, again and again, until it is over or enough. */
  private void flood(String exchange, String key, AMQP.BasicProperties properties, int bytes)
      throws IOException {
    flood(exchange, key, properties, new byte[bytes]);
  }

  private void flood(String exchange, String key, AMQP.BasicProperties properties, byte[] body)
      throws IOException {
    Channel channel = thief.createChannel();
    int bytes = body.length;
    Thread thread =
        new Thread(
            () -> {
              try {
                while (!over && flooded.addAndGet(bytes) < MOST_BYTES) {
                  channel.basicPublish(exchange, key, properties, body);
                  Thread.sleep(bytes > LARGE / 2 ? 1000L * bytes / BYTES_A_SECOND : 0);
                }
              } catch (InterruptedException | IOException | AlreadyClosedException revoked) {
                // it is put out
              }
            });
    thread.setDaemon(true);
    thread.start();
    floods.add(thread);
  }

  private void floodEventsAndLines() throws IOException {
    for (int bytes : new int[] {LARGE, 60_000, 100}) {
      flood("resguardo.events", "agent.gamma.processAlive", PLAIN, bytes);
    }
    flood("resguardo.logs", "agent.gamma.line", PLAIN, 60_000);
  }

  /**
   * Sends to each attempt on gamma's path what is no reply, of one kind or another, or no reply of
   * an agent.
   */
  private void floodReplies(Path path) throws Exception {
    Set<String> attempts = ConcurrentHashMap.newKeySet();
    byte[] answer = Json.write(new Answer.Done("x".repeat(LARGE - 1000)));
    Channel orders = thief.createChannel();
    orders.basicConsume(
        "agent.gamma",
        true,
        new DefaultConsumer(orders) {
          @Override
          public void handleDelivery(
              String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
              throws IOException {
            Matcher id = REPLY_TO.matcher(new String(body, StandardCharsets.UTF_8));
            if (id.find() && attempts.size() < 4 && attempts.add(id.group(1))) {
              boolean first = attempts.size() == 1;
              String type = List.of("else", "answer", "chunk").get(attempts.size() % 3);
              flood(
                  "resguardo.replies",
                  "agent.gamma." + id.group(1),
                  new AMQP.BasicProperties.Builder().type(type).build(),
                  first ? answer : new byte[60_000]);
            }
          }
        });
    Channel alive = thief.createChannel();
    await()
        .atMost(Pipeline.PATIENCE)
        .until(
            () -> {
              Instant now = Instant.now();
              Event sign = new Event.ProcessAlive(now, Peer.agent(new NodeName("gamma")), now);
              alive.basicPublish(
                  "resguardo.events", "agent.gamma.processAlive", PLAIN, Json.write(sign));
              return !attempts.isEmpty();
            });
  }

  private String doctor() throws Exception {
    Pipeline.Result result = pipeline.admin("doctor", "--timeout", "60");
    return result.out() + result.err();
  }

  private void awaitNamed() {
    await()
        .atMost(Pipeline.PATIENCE)
        .until(
            () -> {
              String said = doctor();
              return said.contains("gamma floods the broker")
                  && said.contains("admin node revoke gamma")
                  && !said.contains("is not seen");
            });
  }

  @Test
  void othersAreBackedUpMeanwhileAndTheFlooderIsNamedAndPutOut() throws Exception {
    Path gammas = pipeline.data("gammas");
    pipeline.register("gamma", gammas, 3600);
    pipeline.register("beta", betas, 3600, "--bandwidth", "2MiB");
    floodReplies(gammas);
    floodEventsAndLines();
    awaitNamed();
    coordinator.destroyForcibly().waitFor(); // in the middle of it
    coordinator = pipeline.coordinator();
    awaitNamed();
    pipeline.register("alpha", alphas, 3600);
    pipeline.awaitVersions("alpha", alphas, 1);
    pipeline.awaitVersions("beta", betas, 1);

    assertThat(pipeline.admin("node", "revoke", "gamma").exit()).isZero();
    await().atMost(Pipeline.PATIENCE).until(() -> floods.stream().noneMatch(Thread::isAlive));
    assertThat(flooded.get())
        .as("it was put out, and did not end by itself")
        .isLessThan(MOST_BYTES);
    assertThat(worker.isAlive()).isTrue();
    assertThat(coordinator.isAlive()).isTrue();
    pipeline.assertRestorable("beta", betas);
    assertThat(pipeline.history("beta", betas).versions()).hasSize(1);
    assertLogs();
  }

  private void assertLogs() throws IOException {
    assertThat(pipeline.logLines("fetch-worker"))
        .as("what is no reply breaks off the attempt that it comes to, and none of others")
        .noneMatch(line -> line.contains("betas") && line.contains("gave the job back"))
        .anyMatch(line -> line.contains("gammas") && line.contains("gave the job back"));
    assertThat(pipeline.loggedTimes("coordinator", "admin node revoke gamma ends it"))
        .as("by each coordinator that leads, once")
        .isBetween(1, 2);
    assertThat(pipeline.loggedTimes("coordinator", "dropped of resguardo.events"))
        .as("not each message is told")
        .isBetween(1, 100);
  }
}
