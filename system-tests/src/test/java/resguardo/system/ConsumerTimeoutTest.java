package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.Peer;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.SliceLimit;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Platform;
import resguardo.core.port.ReplyChannel;
import resguardo.infra.rabbit.BrokerUri;
import resguardo.infra.rabbit.RabbitBroker;
import resguardo.infra.runtime.ActivityLog;
import resguardo.infra.store.StoreUri;
import resguardo.testkit.net.ChaosProxy;
import resguardo.testkit.time.ForwardingPlatform;
import resguardo.worker.FetchWorker;
import resguardo.worker.WorkerContext;

/**
 * Backups and restores that take longer than RabbitMQ waits for an ack. For it and for the worker
 * time goes by some hundred times as fast.
 */
class ConsumerTimeoutTest {
  private static final int MEBIBYTES = 80;
  private static final int TIMES = 360;
  private static final long TIMEOUT_MILLIS = 1_800_000 / TIMES;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  private Pipeline pipeline;
  private Path data;
  private ChaosProxy slow;

  @BeforeEach
  void start() throws Exception {
    pipeline = new Pipeline(folder);
    pipeline
        .broker()
        .control(
            "eval",
            "application:set_env(rabbit, consumer_timeout, "
                + TIMEOUT_MILLIS
                + "), application:set_env(rabbit, channel_tick_interval, 500).");
    data = pipeline.data("large");
    byte[] block = new byte[1 << 20];
    Random random = new Random(5);
    try (OutputStream out = Files.newOutputStream(data.resolve("random"))) {
      for (int i = 0; i < MEBIBYTES; i++) {
        random.nextBytes(block);
        out.write(block);
      }
    }
    slow = new ChaosProxy(Pipeline.portOf(pipeline.store().fact("store_uri")));
    slow.rate((MEBIBYTES << 20) * 1000L / (3 * TIMEOUT_MILLIS));
    pipeline.coordinator();
    pipeline.agent("alpha");
  }

  @AfterEach
  void end() throws Exception {
    pipeline.close();
    slow.close();
  }

  @Test
  void whatTakesLongerThanTheBrokerWaitsComesToItsEndAtTheFirstTry() throws Exception {
    Peer self = new Peer(Role.WORKER, "one");
    Platform fast = new FastTime();
    try (ArchiveStore store =
            StoreUri.parse(Pipeline.through(slow, pipeline.store().fact("store_uri"))).open();
        RabbitBroker broker =
            new RabbitBroker(List.of(BrokerUri.parse(pipeline.broker().fact("amqp_uri"))), self);
        ReplyChannel.Mailbox cuts = broker.replies().open(ReplyId.random(), 10);
        ActivityLog activity = new ActivityLog(self, fast, broker.activity());
        FetchWorker worker =
            new FetchWorker(
                new WorkerContext(
                    self,
                    fast,
                    Files.createDirectory(folder.resolve("spool")),
                    store,
                    broker.jobs(),
                    broker.agents(),
                    broker.replies(),
                    broker.events(),
                    activity,
                    SliceLimit.USUAL,
                    Duration.ofHours(5),
                    new SimpleMeterRegistry()),
                1)) {
      assertThat(worker).isNotNull();
      pipeline.register("alpha", data, 86_400);
      long begun = System.nanoTime();
      pipeline.awaitVersions("alpha", data, 1);
      pipeline.awaitQuiet();
      assertLong(begun);
      begun = System.nanoTime();
      pipeline.assertRestorable("alpha", data);
      assertLong(begun);
      assertThat(pipeline.history("alpha", data).versions()).hasSize(1);
      assertThat(cuts.receive(Duration.ZERO))
          .as("or it says that the connection was lost")
          .isEmpty();
    }
  }

  /** Or it would show nothing. */
  private static void assertLong(long begun) {
    assertThat((System.nanoTime() - begun) / 1_000_000).isGreaterThan(2 * TIMEOUT_MILLIS);
  }

  /** What is to be done in some minutes is done in less than a second. */
  private static final class FastTime extends ForwardingPlatform {
    @Override
    public ScheduledExecutorService timer(String name, int threads) {
      return new ScheduledThreadPoolExecutor(threads) {
        @Override
        public ScheduledFuture<?> schedule(Runnable work, long delay, TimeUnit unit) {
          return super.schedule(work, unit.toNanos(delay) / TIMES, TimeUnit.NANOSECONDS);
        }
      };
    }
  }
}
