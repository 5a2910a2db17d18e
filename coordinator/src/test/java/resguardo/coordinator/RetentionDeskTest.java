package resguardo.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.RetentionPolicy;
import resguardo.core.Role;
import resguardo.core.Schedule;
import resguardo.core.Serial;
import resguardo.core.SourcePath;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.port.Content;
import resguardo.core.port.Reply;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command;
import resguardo.core.retention.PlanCursor;
import resguardo.testkit.versions.MadeVersions;

/** A policy is part of a registration, and what it would do is shown a page at a time. */
class RetentionDeskTest {
  private static final NodeName ALPHA = new NodeName("alpha");
  private static final SourcePath PATH = SourcePath.parse("/srv");
  private static final RegistrationKey KEY = new RegistrationKey(ALPHA, PATH);
  private static final Instant DAY = Instant.parse("2026-01-02T03:04:05Z");
  private static final int VERSIONS = 450;

  private final QuietBroker broker = new QuietBroker();
  private final CoordinatorContext context = broker.context(new Peer(Role.COORDINATOR, "one"));

  @AutoClose private final Coordinator coordinator = new Coordinator(context, () -> {});

  @TempDir Path spool;

  @BeforeEach
  void start() throws Exception {
    coordinator.start();
  }

  private static RetentionPolicy last(int many) {
    return new RetentionPolicy(many, null, null, null, null, null, null, null);
  }

  private void register(@Nullable RetentionPolicy policy) {
    broker.handOut(
        new Command.Register(ALPHA, PATH, new Schedule.Every(3600), null, null, policy, null));
  }

  private Answer answer(Command command) {
    assertThat(broker.handOut(command)).containsExactly("acked");
    Reply last = broker.answers.get(broker.answers.size() - 1);
    return ((Reply.Said) last).answer();
  }

  private Answer plan(@Nullable RetentionPolicy policy, @Nullable PlanCursor after) {
    return answer(new Command.PlanRetention(ALPHA, PATH, policy, after, ReplyId.random()));
  }

  private void commit(int many) throws Exception {
    MadeVersions made = new MadeVersions(context.store(), KEY, spool);
    for (int i = 1; i <= many; i++) {
      made.commit(i, DAY.plus(Duration.ofHours(i)), List.of(), null);
    }
  }

  @Test
  void manyVersionsComeInPagesThatGoOnWhereTheOneBeforeEnded() throws Exception {
    register(last(3));
    commit(VERSIONS);
    List<Answer.PlanLine> lines = new ArrayList<>();
    int pages = 0;
    @Nullable PlanCursor after = null;
    do {
      Answer.RetentionPlanned page = (Answer.RetentionPlanned) plan(null, after);
      assertThat(page.policy()).isEqualTo(last(3));
      lines.addAll(page.lines());
      after = page.next();
      pages++;
    } while (after != null);
    assertThat(pages).isEqualTo(3);
    assertThat(lines).hasSize(VERSIONS);
    assertThat(lines.stream().filter(line -> !line.kept().isEmpty()).map(Answer.PlanLine::serial))
        .containsExactly(new Serial(VERSIONS), new Serial(VERSIONS - 1), new Serial(VERSIONS - 2));
  }

  @Test
  void anotherPolicyCanBeTriedAndWithoutAnyThereIsNothingToShow() throws Exception {
    register(null);
    commit(2);
    assertThat(plan(null, null))
        .isInstanceOfSatisfying(
            Answer.Refused.class,
            refused -> assertThat(refused.why()).contains("all its versions are kept"));
    Answer.RetentionPlanned tried = (Answer.RetentionPlanned) plan(last(1), null);
    assertThat(tried.lines().get(1).kept()).isEmpty();
  }

  @Test
  void aChangeOfThePolicyIsAChangeOfTheRegistrationAndOnceRemovedNothingIsExpired()
      throws Exception {
    register(last(3));
    register(last(3));
    assertThat(generation()).isEqualTo(1);
    register(last(4));
    assertThat(generation()).isEqualTo(2);
    broker.handOut(new Command.Unregister(ALPHA, PATH, null));
    assertThat(plan(null, null)).isInstanceOf(Answer.Refused.class);
  }

  private long generation() throws Exception {
    Answer.Registrations list =
        (Answer.Registrations) answer(new Command.ListRegistrations(null, ReplyId.random()));
    return list.lines().get(0).registration().generation();
  }

  @Test
  void whereAManifestIsDamagedThePlanSaysThatNothingIsExpired() throws Exception {
    register(last(1));
    commit(2);
    context
        .store()
        .put(BucketLayout.manifest(KEY, new Serial(1)), Content.of(new byte[] {1, 2, 3}));
    assertThat(plan(null, null))
        .isInstanceOfSatisfying(
            Answer.Refused.class, refused -> assertThat(refused.why()).contains("000001"));
  }
}
