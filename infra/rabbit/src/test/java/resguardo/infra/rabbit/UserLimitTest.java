package resguardo.infra.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static resguardo.testkit.broker.JobQueueContract.PATIENCE;
import static resguardo.testkit.broker.JobQueueContract.job;
import static resguardo.testkit.broker.JobQueueContract.next;

import com.rabbitmq.client.Connection;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.FetchJob;
import resguardo.core.OperatorName;
import resguardo.core.Peer;
import resguardo.core.Role;
import resguardo.core.port.Delivery;
import resguardo.core.port.Subscription;

/** How much the broker lets the user of workers have, and what is said of more. */
class UserLimitTest {
  private static final int SLOTS = 16;

  @TempDir static Path folder;

  @AutoClose private static TestRabbit rabbit;

  @BeforeAll
  static void startServer() {
    rabbit = TestRabbit.start(folder);
  }

  private static BrokerUri worker(String group, String limits) throws Exception {
    RoleUser user = new RoleUser(Role.WORKER, new OperatorName(group));
    BrokerUri uri = rabbit.uri(user, rabbit.users().enroll(user));
    rabbit.server().control("set_user_limits", user.name(), limits);
    return uri;
  }

  @Test
  void slotsOfAWorkerShareAChannel() throws Exception {
    BlockingQueue<Delivery<FetchJob>> jobs = new LinkedBlockingQueue<>();
    BrokerUri uri = worker("many", "{\"max-channels\": 8}");
    try (RabbitBroker work = new RabbitBroker(List.of(uri), new Peer(Role.WORKER, "many-1a2b3c"));
        RabbitBroker lead = new RabbitBroker(List.of(rabbit.uri()), new Peer(Role.ADMIN, "lead"));
        Subscription fetches = work.jobs().consumeFetches(SLOTS, jobs::add)) {
      for (int i = 0; i < SLOTS; i++) {
        lead.jobs().publish(job(i));
      }
      List<Delivery<FetchJob>> inHand = new ArrayList<>();
      for (int i = 0; i < SLOTS; i++) {
        inHand.add(next(jobs));
      }
      assertThat(inHand).extracting(Delivery::message).doesNotHaveDuplicates();
      inHand.forEach(Delivery::ack);
    }
  }

  @Test
  void whoeverMayHaveNoMoreChannelsSaysWhatToDo() throws Exception {
    assertSaysWhatToDo("few", worker("few", "{\"max-channels\": 1}"));
  }

  @Test
  void whoeverMayHaveNoMoreConnectionsSaysWhatToDo() throws Exception {
    BrokerUri uri = worker("one", "{\"max-connections\": 1}");
    try (Connection first = uri.factory().newConnection()) {
      assertThat(first.isOpen()).isTrue();
      await().atMost(PATIENCE).until(() -> isRefused(uri)); // it counts them a moment later
      assertSaysWhatToDo("one", uri);
    }
  }

  private static boolean isRefused(BrokerUri uri) throws Exception {
    try (Connection another = uri.factory().newConnection()) {
      return !another.isOpen();
    } catch (IOException refused) {
      return true;
    }
  }

  private static void assertSaysWhatToDo(String group, BrokerUri uri) throws Exception {
    try (RabbitBroker work = new RabbitBroker(List.of(uri), new Peer(Role.WORKER, group));
        Subscription fetches = work.jobs().consumeFetches(1, Delivery::ack)) {
      await()
          .atMost(PATIENCE)
          .until(() -> work.trouble().filter(why -> why.contains("fewer --slots")).isPresent());
    }
  }
}
