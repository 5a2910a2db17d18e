package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.NodeName;
import resguardo.core.RegistrationKey;
import resguardo.core.Role;
import resguardo.core.Serial;
import resguardo.core.SourcePath;
import resguardo.core.catalog.Alarms;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.ExpiryHold;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.ArchiveStore;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Event;
import resguardo.core.protocol.Json;
import resguardo.core.version.Alarm;
import resguardo.core.version.VersionHeader;
import resguardo.infra.rabbit.BrokerUri;
import resguardo.infra.rabbit.RabbitBroker;
import resguardo.infra.runtime.Instances;

/**
 * Malware gets at what is backed up: an operator hears of it, and what was there before is kept.
 */
class AlarmTest {
  private static final int FILES = 60;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  private final Queue<Event.AlarmRaised> raised = new ConcurrentLinkedQueue<>();
  private final Queue<Event.AlarmAccepted> accepted = new ConcurrentLinkedQueue<>();

  @AutoClose private Pipeline pipeline;

  private RabbitBroker ear;
  private Path data;
  private Process worker;

  @BeforeEach
  void backUpATreeOfTexts() throws Exception {
    pipeline = new Pipeline(folder);
    data = pipeline.data("docs");
    for (int i = 0; i < FILES; i++) {
      byte[] text =
          ("it was day " + i + " of a long journey\n").repeat(250).getBytes(StandardCharsets.UTF_8);
      Files.write(data.resolve("day " + i + ".txt"), text);
    }
    pipeline.coordinator();
    worker = pipeline.worker();
    pipeline.agent("alpha");
    ear =
        new RabbitBroker(
            List.of(BrokerUri.parse(pipeline.broker().fact("amqp_uri"))),
            Instances.random(Role.ADMIN));
    ear.await(Pipeline.PATIENCE);
    ear.events().subscribe(this::hear);
    pipeline.register("alpha", data, 1);
    pipeline.awaitVersions("alpha", data, 1);
  }

  private void hear(Event event) {
    if (event instanceof Event.AlarmRaised one) {
      raised.add(one);
    } else if (event instanceof Event.AlarmAccepted one) {
      accepted.add(one);
    }
  }

  @AfterEach
  void end() throws Exception {
    if (ear != null) {
      ear.close();
    }
  }

  private RegistrationKey key(Path path) {
    return new RegistrationKey(new NodeName("alpha"), SourcePath.parse(path.toString()));
  }

  /** All between two rounds, as far as these can see: each file is noise, and has another name. */
  private Path encryptAll() throws IOException {
    Path locked = Files.createDirectory(folder.resolve("locked"));
    int i = 0;
    for (Path file : filesOf(data)) {
      byte[] noise = new byte[(int) Files.size(file) + 128];
      new Random(i++).nextBytes(noise);
      Files.write(locked.resolve(file.getFileName() + ".locked"), noise);
    }
    Path away = folder.resolve("as it was");
    Files.move(data, away);
    Files.move(locked, data);
    return away;
  }

  private static List<Path> filesOf(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  private Pipeline.Result alarm(String... more) throws Exception {
    String[] words = {"alarm", "accept", "--node", "alpha", "--path", data.toString()};
    String[] all = Arrays.copyOf(words, words.length + more.length);
    System.arraycopy(more, 0, all, words.length, more.length);
    return pipeline.admin(all);
  }

  private List<Answer.AlarmLine> alarms(int exit, String... more) throws Exception {
    String[] words = Arrays.copyOf(new String[] {"alarms", "--json"}, 2 + more.length);
    System.arraycopy(more, 0, words, 2, more.length);
    Pipeline.Result result = pipeline.admin(words);
    assertThat(result.exit()).as(result.err()).isEqualTo(exit);
    byte[] json = result.out().strip().getBytes(StandardCharsets.UTF_8);
    return ((Answer.Alarms) Json.read(json, Answer.class, Json.ANSWER_BYTES)).lines();
  }

  private ExpiryHold hold() throws IOException {
    ArchiveStore bucket = pipeline.bucket();
    return ExpiryHold.of(new VersionCatalog(bucket), new Alarms(bucket), key(data));
  }

  @Test
  void filesThatAreEncryptedRaiseAnAlarmThatStandsUntilAnOperatorAcceptsIt() throws Exception {
    Path before = encryptAll();
    pipeline.awaitVersions("alpha", data, 2);

    assertAlarmIsShownEverywhere();
    assertWhatWasThereBeforeComesBack(before);
    aVersionThatLooksWellAgainstItChangesNothing();
    assertAcceptingEndsIt();
  }

  private void assertAlarmIsShownEverywhere() throws Exception {
    List<Answer.AlarmLine> open = alarms(1);
    assertThat(open).hasSize(1);
    assertThat(open.get(0).serial()).isEqualTo(new Serial(2));
    Alarm alarm = open.get(0).alarm();
    assertThat(alarm.signs()).containsExactly(Alarm.Sign.CHANGED, Alarm.Sign.ENTROPY);
    assertThat(alarm.filesChanged()).isEqualTo(FILES);
    assertThat(alarm.filesIncompressible()).isEqualTo(FILES);
    await().atMost(Pipeline.PATIENCE).until(() -> !raised.isEmpty());
    assertThat(raised.peek().alarm()).isEqualTo(alarm);
    assertThat(raised.peek().registration()).isEqualTo(key(data));

    assertThat(pipeline.admin("alarms").out()).contains("000002", "changed, entropy", "60 of 60");
    assertThat(pipeline.history("alpha", data).versions())
        .extracting(VersionHeader::alarm)
        .containsExactly(alarm, null);
    assertThat(pipeline.list().get(0).alarms()).containsExactly(new Serial(2));
    assertThat(pipeline.admin("list").out()).contains("000002");
    String[] of = {"--node", "alpha", "--path", data.toString()};
    assertThat(pipeline.admin("history", of[0], of[1], of[2], of[3]).out())
        .contains("changed, entropy (open)");
    Pipeline.Result shown =
        pipeline.admin("show", of[0], of[1], of[2], of[3], "--json", "--header");
    assertThat(shown.err()).contains("Version 000002 was suspicious", "60 of 60 files");
    byte[] first = shown.out().lines().findFirst().orElseThrow().getBytes(StandardCharsets.UTF_8);
    assertThat(Json.read(first, VersionHeader.class, Json.ANSWER_BYTES).alarm()).isEqualTo(alarm);
    Pipeline.Result doctor = pipeline.admin("doctor");
    assertThat(doctor.exit()).isEqualTo(1);
    assertThat(doctor.out()).contains("has suspicious versions", "admin alarm accept");
    assertThat(pipeline.logged("fetch-worker", "suspicious against version 000001")).isTrue();
    assertThat(hold().serials()).containsExactly(Serial.first(), new Serial(2));
  }

  private void assertWhatWasThereBeforeComesBack(Path before) throws Exception {
    Path back = folder.resolve("back");
    Pipeline.Result restored =
        pipeline.admin(
            "restore",
            "--node",
            "alpha",
            "--path",
            data.toString(),
            "--version",
            "1",
            "--to",
            back.toString());
    assertThat(restored.exit()).as(restored.err()).isZero();
    assertThat(restored.err()).doesNotContain("suspicious");
    Trees.assertEqual(Path.of(back + data.toString()), before);
    Pipeline.Result worse =
        pipeline.admin(Pipeline.queryWords("alpha", data, folder.resolve("worse.tgz")));
    assertThat(worse.exit()).as(worse.err()).isZero();
    assertThat(worse.err()).contains("Version 000002 was suspicious");
  }

  private void aVersionThatLooksWellAgainstItChangesNothing() throws Exception {
    Files.writeString(data.resolve("one more"), "and backups go on");
    pipeline.awaitVersions("alpha", data, 3);
    assertThat(alarms(1)).extracting(Answer.AlarmLine::serial).containsExactly(new Serial(2));
    assertThat(hold().holds(Serial.first())).isTrue();
    assertThat(hold().holds(new Serial(3))).isFalse();
  }

  private void assertAcceptingEndsIt() throws Exception {
    assertThat(alarm("--version", "3").exit()).as("which is not suspicious").isEqualTo(3);
    assertThat(alarm("--version", "9").exit()).as("which is not there").isEqualTo(3);
    Pipeline.Result done = alarm("--version", "2");
    assertThat(done.exit()).as(done.err()).isZero();
    Pipeline.Result again = alarm();
    assertThat(again.exit()).as(again.err()).isZero();
    assertThat(again.out()).contains("was accepted before");
    await().atMost(Pipeline.PATIENCE).until(() -> !accepted.isEmpty());

    assertThat(alarms(0)).isEmpty();
    assertThat(alarms(0, "--all"))
        .singleElement()
        .satisfies(
            line -> {
              assertThat(line.acceptance().sender().user()).isNotBlank();
              assertThat(line.acceptance().sender()).isEqualTo(accepted.peek().sender());
            });
    assertThat(pipeline.list().get(0).alarms()).isNull();
    assertThat(pipeline.history("alpha", data).accepts(new Serial(2))).isTrue();
    assertThat(pipeline.admin("doctor").out()).doesNotContain("suspicious");
    assertThat(pipeline.admin("audit").out()).contains("acceptAlarm");
    assertThat(hold().serials()).isEmpty();
  }

  @Test
  void aDaysWorkRaisesNoneNorDoesWhateverIsRegisteredSo() throws Exception {
    Path cache = pipeline.data("cache");
    for (Path file : filesOf(data)) {
      Files.copy(file, cache.resolve(file.getFileName()));
    }
    pipeline.register("alpha", cache, 1, "--no-alarm");
    pipeline.awaitVersions("alpha", cache, 1);
    for (Path file : filesOf(cache)) {
      Files.delete(file);
    }
    for (Path file : filesOf(data)) {
      Files.writeString(file, "and one day more\n", StandardOpenOption.APPEND);
    }
    pipeline.awaitVersions("alpha", data, 2);
    Path photos = Files.createDirectory(data.resolve("photos"));
    for (int i = 0; i < FILES; i++) {
      byte[] noise = new byte[30_000];
      new Random(i).nextBytes(noise);
      Files.write(photos.resolve(i + ".jpg"), noise);
    }
    pipeline.awaitUnchanged("alpha", data);
    int versions = pipeline.history("alpha", data).versions().size();
    Files.move(photos, data.resolve("pictures"));
    pipeline.awaitVersions("alpha", data, versions + 1);
    pipeline.awaitUnchanged("alpha", data);
    pipeline.awaitVersions("alpha", cache, 2);
    pipeline.awaitUnchanged("alpha", cache);
    assertThat(alarms(0, "--all")).isEmpty();
    assertThat(pipeline.admin("list").out()).contains("no alarm");
    assertThat(raised).isEmpty();
  }

  @Test
  void aWorkerThatIsKilledRightAfterTheCommitLosesNoAlarm() throws Exception {
    ArchiveStore bucket = pipeline.bucket();
    encryptAll();
    await()
        .atMost(Pipeline.PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .until(() -> bucket.head(BucketLayout.manifest(key(data), new Serial(2))).isPresent());
    Pipeline.kill(worker);
    assertThat(alarms(1)).as("no worker is there to tell").hasSize(1);
    pipeline.worker();
    await().atMost(Pipeline.PATIENCE).until(() -> !raised.isEmpty());
    pipeline.awaitUnchanged("alpha", data);
    assertThat(alarms(1)).extracting(Answer.AlarmLine::serial).containsExactly(new Serial(2));
    assertThat(pipeline.history("alpha", data).versions()).hasSize(2);
  }
}
