package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Json;
import resguardo.core.version.VersionHeader;
import resguardo.testkit.store.StoredBytes;

/** What an operator does in a day, on real servers. */
class PipelineTest {
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  static Path folder;

  @AutoClose private static Pipeline pipeline;

  @BeforeAll
  static void start() throws Exception {
    pipeline = new Pipeline(folder);
    pipeline.startOfEach("alpha");
  }

  @Test
  void aChangeMakesAVersionAndNoChangeMakesNoneAndTheLatestComesBackAsItIs() throws Exception {
    Path data = pipeline.data("day");
    Files.writeString(data.resolve("a 1-2.txt"), "first");
    Files.createDirectories(data.resolve("empty"));
    pipeline.register("alpha", data, 1);
    pipeline.awaitVersions("alpha", data, 1);
    await().atMost(Pipeline.PATIENCE).until(() -> unchangedSince(data, 1));
    Files.writeString(data.resolve("a 1-2.txt"), "second");
    pipeline.awaitVersions("alpha", data, 2);
    await().atMost(Pipeline.PATIENCE).until(() -> unchangedSince(data, 2));
    List<VersionHeader> versions = pipeline.history("alpha", data).versions();
    assertThat(versions).extracting(version -> version.serial().value()).containsExactly(2L, 1L);
    pipeline.assertRestorable("alpha", data);
    assertThat(answer(Answer.Versions.class, about("history", data, "--json")).versions())
        .isEqualTo(versions);
    assertThat(answer(Answer.Registrations.class, pipeline.admin("list", "--json")).lines())
        .extracting(Answer.RegistrationLine::key)
        .contains(versions.get(0).registration());
  }

  private static <T extends Answer> T answer(Class<T> kind, Pipeline.Result result)
      throws Exception {
    assertThat(result.exit()).as(result.err()).isZero();
    byte[] json = result.out().strip().getBytes(StandardCharsets.UTF_8);
    return kind.cast(Json.read(json, Answer.class, Json.ANSWER_BYTES));
  }

  @Test
  void aChangedByteSendsAboutAChunkAndAnAgentThatForgotAllIsGivenTheBase() throws Exception {
    Path data = pipeline.data("grows");
    byte[] large = new byte[20 << 20];
    new java.util.Random(7).nextBytes(large);
    Files.write(data.resolve("large"), large);
    for (int i = 0; i < 300; i++) {
      Files.writeString(data.resolve("small " + i), "content " + i);
    }
    pipeline.register("alpha", data, 1);
    pipeline.awaitVersions("alpha", data, 1);
    // In place: a file that is cut first and written anew may be backed up while it is empty.
    try (RandomAccessFile file = new RandomAccessFile(data.resolve("large").toFile(), "rw")) {
      file.seek(10 << 20);
      file.write(large[10 << 20] + 1);
    }
    pipeline.awaitVersions("alpha", data, 2);
    VersionHeader second = pipeline.history("alpha", data).versions().get(0);
    assertThat(second.archives()).hasSize(2);
    assertThat(second.archives().get(1).bytes()).isLessThan(4 << 20);
    pipeline.assertRestorable("alpha", data);
    pipeline.assertRestorableByTheGuide("alpha", data);
    pipeline.forgetCaches("alpha");
    Files.writeString(data.resolve("small 5"), "another");
    pipeline.awaitVersions("alpha", data, 3);
    VersionHeader third = pipeline.history("alpha", data).versions().get(0);
    assertThat(third.archives()).hasSize(3);
    assertThat(third.archives().get(2).bytes()).isLessThan(10_000);
    pipeline.assertRestorable("alpha", data);
  }

  @Test
  void aChangedByteInAGibibyteSendsAtMostFourMebibytes() throws Exception {
    Path data = pipeline.data("gibibyte");
    Path large = data.resolve("large");
    byte[] mebibyte = new byte[1 << 20];
    java.util.Random random = new java.util.Random(11);
    try (OutputStream out = Files.newOutputStream(large)) {
      for (int i = 0; i < 1024; i++) {
        random.nextBytes(mebibyte);
        out.write(mebibyte);
      }
    }
    pipeline.register("alpha", data, 3600);
    pipeline.awaitVersions("alpha", data, 1);
    pipeline.awaitQuiet();
    try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
      file.seek(600 << 20);
      file.write(file.read() + 1); // the one after what was read: a change all the same
    }
    pipeline.register("alpha", data, 3601);
    pipeline.awaitVersions("alpha", data, 2);
    VersionHeader second = pipeline.history("alpha", data).versions().get(0);
    assertThat(second.archives()).hasSize(2);
    assertThat(second.archives().get(1).bytes()).isLessThan(4 << 20);
    Path target = pipeline.data("gibibyte again");
    assertThat(about("restore", data, "--to", target.toString()).exit()).isZero();
    assertThat(Files.mismatch(large, target.resolve(large.toString().substring(1)))).isEqualTo(-1);
    Files.delete(large); // the disks of those who build this may be small
  }

  @Test
  void aVersionNeverNeedsMoreThanSixteenArchivesHoweverManyCameBefore() throws Exception {
    Path data = pipeline.data("often");
    byte[] large = new byte[20 << 20];
    new java.util.Random(9).nextBytes(large);
    Files.write(data.resolve("large"), large);
    pipeline.register("alpha", data, 1);
    pipeline.awaitVersions("alpha", data, 1);
    for (int i = 1; i <= 17; i++) {
      Files.writeString(data.resolve("small " + i), "content " + i);
      try (RandomAccessFile file = new RandomAccessFile(data.resolve("large").toFile(), "rw")) {
        file.seek((long) i << 20);
        file.write(large[i << 20] + 1); // in place: it is never seen empty
      }
      pipeline.awaitVersions("alpha", data, i + 1);
    }
    pipeline.register("alpha", data, 3600);
    pipeline.awaitQuiet();
    assertThat(pipeline.logged("fetch-worker", "merged 12 archives into one")).isTrue();
    List<VersionHeader> versions = pipeline.history("alpha", data).versions();
    assertThat(versions.get(0).archives()).hasSizeLessThanOrEqualTo(16);
    assertThat(versions.subList(0, versions.size() - 1))
        .extracting(VersionHeader::newBytes)
        .allMatch(bytes -> bytes > 0 && bytes < 4 << 20); // what was merged is not new
    pipeline.assertRestorable("alpha", data);
    pipeline.assertRestorableByTheGuide("alpha", data);
    assertThat(about("verify", data, "--read").exit()).isZero();
    assertThat(about("verify", data, "--read", "--version", "9").exit()).isZero();
    try (ArchiveStore bucket = pipeline.bucket()) {
      assertThat(bucket.list("staging/", null, 10)).isEmpty();
    }
  }

  @Test
  void whatAVersionHasAndWhatChangedIsShownAndPlantedDamageIsFound() throws Exception {
    Path data = pipeline.data("shown");
    byte[] large = new byte[700_000];
    new java.util.Random(8).nextBytes(large);
    Files.write(data.resolve("large"), large);
    Files.writeString(data.resolve("gone"), "1");
    Files.writeString(data.resolve("touched"), "1");
    pipeline.register("alpha", data, 1);
    pipeline.awaitVersions("alpha", data, 1);
    Files.delete(data.resolve("gone"));
    Files.writeString(data.resolve("new one"), "2");
    Files.setPosixFilePermissions(
        data.resolve("touched"),
        java.nio.file.attribute.PosixFilePermissions.fromString("r--------"));
    pipeline.awaitVersions("alpha", data, 2);
    assertThat(about("publish unregister", data, "--wait").exit()).isZero(); // or it is made good
    long last = pipeline.history("alpha", data).versions().get(0).serial().value();
    String name = data.toString().substring(1);
    assertThat(about("show", data).out()).contains(name + "/large", "700000", name + "/new one");
    assertThat(about("show", data, "--version", "1").out()).contains(name + "/gone");
    String diff = about("diff", data, "1", String.valueOf(last)).out();
    assertThat(diff)
        .containsPattern("\\-  +\\d+  " + name + "/gone\n")
        .containsPattern("\\+  +1  " + name + "/new one\n")
        .containsPattern("m  +\\d+  " + name + "/touched\n")
        .doesNotContain("large");
    assertThat(about("diff", data, "1", String.valueOf(last), "--json").out())
        .contains("{\"change\":\"gone\",\"before\":{\"n\":\"" + name + "/gone\"");
    Pipeline.Result part = about("show", data, "--entry", "ne*", "--entry", "large");
    assertThat(part.out()).contains(name + "/large", name + "/new one").doesNotContain("touched");
    assertThat(part.out().lines()).hasSize(2);
    assertThat(about("show", data, "--entry", "none*").exit()).isEqualTo(3);
    assertThat(about("verify", data).exit()).isZero();
    assertThat(about("verify", data, "--read").exit()).isZero();
    Path back = folder.resolve("back");
    Pipeline.Result restored = about("restore", data, "--to", back.toString());
    assertThat(restored.exit()).as(restored.err()).isZero();
    Pipeline.run("diff", "-r", data.toString(), back + data.toString());
    assertThat(about("restore", data, "--to", back.toString()).exit()).isEqualTo(2);
    assertThat(about("restore", data, "--to", back + "/one", "--entry", "new one").exit()).isZero();
    assertThat(Path.of(back + "/one" + data + "/new one")).hasContent("2");
    VersionHeader first =
        pipeline.history("alpha", data).versions().stream()
            .filter(version -> version.serial().value() == 1)
            .findAny()
            .orElseThrow();
    ObjectKey archive = new ObjectKey(first.archives().get(0).key());
    try (ArchiveStore bucket = pipeline.bucket()) {
      byte[] good = StoredBytes.of(bucket, archive);
      byte[] bad = good.clone();
      bad[bad.length / 2] ^= 1;
      bucket.put(archive, Content.of(bad));
      assertThat(about("verify", data).exit()).isZero(); // it does not read
      Pipeline.Result read = about("verify", data, "--read");
      assertThat(read.exit()).isEqualTo(1);
      assertThat(read.out()).contains(name + "/large", "DAMAGED");
      bucket.put(archive, Content.of(java.util.Arrays.copyOf(good, good.length - 1)));
      assertThat(about("verify", data).out()).contains(archive.value(), "instead of");
      bucket.delete(archive);
      assertThat(about("verify", data).out()).contains(archive.value() + " is not there");
      assertThat(about("verify", data).exit()).isEqualTo(1);
      Pipeline.Result lost = about("restore", data, "--to", back + "/lost");
      assertThat(lost.exit()).isEqualTo(1);
      assertThat(lost.err()).contains(archive.value());
    }
    assertTheNextBackupMakesItGood(data, (int) last + 1);
  }

  @Test
  void swappedArchivesAndADamagedManifestAreFoundInTheVersionThatTheyAreOf() throws Exception {
    Path data = pipeline.data("swapped");
    Files.write(data.resolve("a"), randomBytes(31, 300_000));
    pipeline.register("alpha", data, 1);
    pipeline.awaitVersions("alpha", data, 1);
    Files.write(data.resolve("b"), randomBytes(32, 300_000));
    pipeline.awaitVersions("alpha", data, 2);
    assertThat(about("publish unregister", data, "--wait").exit()).isZero(); // or it is made good
    pipeline.awaitQuiet();
    VersionHeader newest = pipeline.history("alpha", data).versions().get(0);
    String number = newest.serial().text();
    assertThat(newest.archives()).hasSizeGreaterThanOrEqualTo(2);
    assertThat(about("verify", data, "--read").exit()).isZero();
    ObjectKey first = new ObjectKey(newest.archives().get(0).key());
    ObjectKey second = new ObjectKey(newest.archives().get(1).key());
    ObjectKey manifest = BucketLayout.manifest(newest.registration(), newest.serial());
    try (ArchiveStore bucket = pipeline.bucket()) {
      byte[] one = StoredBytes.of(bucket, first);
      byte[] two = StoredBytes.of(bucket, second);
      bucket.put(first, Content.of(two));
      bucket.put(second, Content.of(one));
      Pipeline.Result swapped = about("verify", data, "--read");
      assertThat(swapped.exit()).isEqualTo(1);
      assertThat(swapped.out())
          .contains(data.toString().substring(1) + "/a", "version " + number, "DAMAGED");
      bucket.put(first, Content.of(one));
      bucket.put(second, Content.of(two));
      assertThat(about("verify", data, "--read").exit()).isZero();
      byte[] good = StoredBytes.of(bucket, manifest);
      for (byte[] bad : damaged(good)) {
        bucket.put(manifest, Content.of(bad));
        Pipeline.Result found = about("verify", data);
        assertThat(found.exit()).as(found.out()).isEqualTo(1);
        assertThat(found.out() + found.err()).contains(number);
      }
      assertThat(about("verify", data, "--version", "1").exit()).isZero(); // the other is whole
      bucket.put(manifest, Content.of(good));
      assertThat(about("verify", data, "--read").exit()).isZero();
    }
  }

  /** Cut off, nothing, something else, and with one bit another: in its header, and at its end. */
  private static List<byte[]> damaged(byte[] good) {
    byte[] header = good.clone();
    header[20] ^= 1; // where gzip's own header is over, of which not all counts
    byte[] end = good.clone();
    end[end.length - 6] ^= 1; // of the checksum
    byte[] other = "no manifest".getBytes(StandardCharsets.US_ASCII);
    return List.of(Arrays.copyOf(good, good.length / 2), new byte[0], other, header, end);
  }

  private static byte[] randomBytes(int seed, int size) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static void assertTheNextBackupMakesItGood(Path data, int version) throws Exception {
    pipeline.register("alpha", data, 3600);
    pipeline.awaitVersions("alpha", data, version);
    pipeline.awaitQuiet();
    assertThat(outcome(data)).startsWith("COMMITTED all was brought anew").contains("is not there");
    assertThat(about("verify", data, "--read").exit()).isZero();
    assertThat(pipeline.history("alpha", data).versions().get(0).archives()).hasSize(1);
    pipeline.assertRestorable("alpha", data);
  }

  private static Pipeline.Result about(String command, Path path, String... more) throws Exception {
    List<String> words = new ArrayList<>(List.of((command + " --node alpha --path").split(" ")));
    words.add(path.toString());
    words.addAll(List.of(more));
    return pipeline.admin(words.toArray(String[]::new));
  }

  /** Whether a later slot than that of the newest version found nothing changed. */
  private static boolean unchangedSince(Path path, int versions) throws Exception {
    List<VersionHeader> history = pipeline.history("alpha", path).versions();
    return history.size() == versions
        && pipeline.list().stream()
            .filter(line -> line.key().path().text().equals(path.toString()))
            .anyMatch(
                line ->
                    line.status() != null
                        && line.status().lastSlot().isAfter(history.get(0).slot()));
  }

  @Test
  void everyOddNameComesBackWithAllThatBelongsToIt() throws Exception {
    Path data = pipeline.data("odd 1-2");
    Pipeline.run(
        "python3",
        "-c",
        """
        import os, sys, socket
        os.chdir(sys.argv[1])
        for n in [b'1', b'a-1', b'two words', b'new\\nline', b'tab\\tbed', b'back\\\\slash', b'-rf', 'caf\\u00e9'.encode(),
                  'cafe\\u0301'.encode(), b'n' * 255, b'x\\xff\\xfe', b'%41', b'%:x']:
          open(n, 'wb').write(n)
        os.mkdir(b'd\\xff'); open(b'd\\xff/in', 'w').write('x')
        os.mkdir('long'); os.chdir('long')
        for i in range(10):
          os.mkdir('p' * 200); os.chdir('p' * 200)
        open('bottom', 'w').write('deep'); os.chdir(sys.argv[1])
        os.mkdir('empty'); os.chmod('empty', 0o1777)
        open('zero', 'w'); os.mkfifo('fifo')
        os.symlink('nowhere', 'dangling'); os.symlink('loop', 'loop'); os.symlink('/etc', 'absolute'); os.symlink(b'to\\xff', b'l\\xff')
        os.link('1', 'second name')
        open('old', 'w').write('1'); os.utime('old', ns=(0, -1500000001)); os.utime('zero', ns=(0, 5000000000123456789))
        open('setuid', 'w').write('#!'); os.chmod('setuid', 0o4755)
        """,
        data.toString());
    pipeline.register("alpha", data, 3600);
    pipeline.awaitVersions("alpha", data, 1);
    pipeline.assertRestorable("alpha", data);
    pipeline.assertRestorableByTheGuide("alpha", data);
    assertThat(pipeline.history("alpha", data).versions().get(0).totals().warnings()).isZero();
    Files.write(data.resolve("zero"), new byte[500_000]); // so that the next is no whole archive
    pipeline.register("alpha", data, 1);
    pipeline.awaitVersions("alpha", data, 2);
    Files.writeString(data.resolve("new"), "in a delta");
    pipeline.awaitVersions("alpha", data, 3);
    pipeline.register("alpha", data, 3600);
    assertThat(pipeline.history("alpha", data).versions().get(0).whole()).isFalse();
    pipeline.assertRestorable("alpha", data);
    pipeline.assertRestorableByTheGuide("alpha", data);
  }

  @Test
  void aPathThatIsMissingOrNotAllowedIsAFailedJobAndNeverAnEmptyVersion() throws Exception {
    Path missing = pipeline.data("x").resolve("gone");
    pipeline.register("alpha", missing, 3600);
    pipeline.register("alpha", Path.of("/etc"), 3600);
    for (Path path : List.of(missing, Path.of("/etc"))) {
      await().atMost(Pipeline.PATIENCE).until(() -> outcome(path).startsWith("FAILED"));
      assertThat(pipeline.history("alpha", path).versions()).isEmpty();
    }
    assertThat(outcome(missing)).contains("is not there");
    assertThat(outcome(Path.of("/etc"))).contains("not below what this agent allows");
  }

  private static String outcome(Path path) throws Exception {
    return pipeline.list().stream()
        .filter(line -> line.key().path().text().equals(path.toString()) && line.status() != null)
        .map(line -> line.status().lastOutcome() + " " + line.status().lastReason())
        .findAny()
        .orElse("none");
  }

  @Test
  void oneEntryOfAVersionIsHadByItsNameFromThePathOnOrAbsolute() throws Exception {
    Path data = pipeline.data("entries");
    Files.createDirectories(data.resolve("sub"));
    Files.writeString(data.resolve("sub/one"), "1");
    Files.writeString(data.resolve("two"), "2");
    pipeline.register("alpha", data, 3600);
    pipeline.awaitVersions("alpha", data, 1);
    for (String entry : List.of("sub/one", data.resolve("sub/one").toString())) {
      Path file = folder.resolve("one entry.tgz");
      Pipeline.Result result = query(data, file, "--entry", entry);
      assertThat(result.exit()).as(result.err()).isZero();
      assertThat(Pipeline.run("tar", "-tzf", file.toString()))
          .isEqualTo(data.toString().substring(1) + "/sub/one\n");
    }
    Path file = folder.resolve("two entries.tgz");
    Pipeline.Result two = query(data, file, "--entry", "**/o?e", "--entry", "t*");
    assertThat(two.exit()).as(two.err()).isZero();
    assertThat(Pipeline.run("tar", "-tzf", file.toString()).lines()).hasSize(2);
    Pipeline.Result none = query(data, folder.resolve("none.tgz"), "--entry", "nothing*");
    assertThat(none.exit()).isEqualTo(3);
    assertThat(none.err()).contains("nothing*", "admin show");
    assertThat(folder.resolve("none.tgz")).doesNotExist();
  }

  private static Pipeline.Result query(Path path, Path file, String... more) throws Exception {
    return pipeline.admin(Pipeline.queryWords("alpha", path, file, more));
  }

  @Test
  void whatIsNotThereIsToldWithTheNearestNamesAndNoFileAppears() throws Exception {
    Path data = pipeline.data("known");
    pipeline.register("alpha", data, 3600);
    pipeline.awaitVersions("alpha", data, 1);
    Path file = folder.resolve("none.tgz");
    Pipeline.Result path = query(Path.of(data + "n"), file);
    assertThat(path.exit()).isEqualTo(3);
    assertThat(path.err()).contains("Failed to query", data.toString());
    Pipeline.Result node = pipeline.admin(Pipeline.queryWords("alpa", Path.of("/x"), file));
    assertThat(node.exit()).isEqualTo(3);
    assertThat(node.err()).contains("Nearest nodes: alpha");
    Pipeline.Result version = query(data, file, "--version", "99");
    assertThat(version.exit()).isEqualTo(3);
    assertThat(query(data, file, "--at", "2001-01-01T00:00:00Z").exit()).isEqualTo(3);
    assertThat(file).doesNotExist();
    assertThat(
            pipeline
                .admin("publish", "unregister", "--node", "alpha", "--path", "/never", "--wait")
                .exit())
        .isEqualTo(3);
  }

  @Test
  void theDoctorSaysWhatIsWrongAndWhatToDo() throws Exception {
    Pipeline.Result before = pipeline.admin("doctor", "--all");
    assertThat(before.out()).contains("the store keeps its conditions", "there is one coordinator");
    Path data = pipeline.data("of nobody");
    pipeline.register("nobody", data, 3600);
    Pipeline.Result result = pipeline.admin("doctor");
    assertThat(result.exit()).as(result.out() + result.err()).isEqualTo(1);
    assertThat(result.out())
        .contains("BROKEN   the agent of nobody is not seen", "bin/agent --node nobody")
        .doesNotContain("fine ");
    assertThat(pipeline.admin("doctor", "--json").out()).startsWith("{\"type\":\"findings\"");
    Pipeline.Result gone =
        pipeline.admin(
            "publish", "unregister", "--node", "nobody", "--path", data.toString(), "--wait");
    assertThat(gone.exit()).isZero();
  }

  @Test
  void wrongUsageIsToldAsSuch() throws Exception {
    for (List<String> words :
        List.of(
            List.of("publish", "register", "--node", "Not A Node", "--path", "/x", "--freq", "1"),
            List.of("publish", "register", "--node", "alpha", "--path", "relative", "--freq", "1"),
            List.of("publish", "register", "--node", "alpha", "--path", "/x", "--freq", "0"),
            List.of("publish", "register", "--node", "alpha", "--path", "/x"),
            List.of(
                "publish",
                "register",
                "--node",
                "alpha",
                "--path",
                "/x",
                "--cron",
                "not cron",
                "--wait"),
            List.of("explode"))) {
      Pipeline.Result result = pipeline.admin(words.toArray(String[]::new));
      assertThat(result.exit()).as("%s: %s", words, result.err()).isEqualTo(2);
      assertThat(result.err()).isNotBlank();
    }
  }

  @Test
  void anUnregisteredPathIsBackedUpNoMoreAndStaysQueryable() throws Exception {
    Path data = pipeline.data("left");
    Files.writeString(data.resolve("f"), "1");
    pipeline.register("alpha", data, 1);
    pipeline.awaitVersions("alpha", data, 1);
    assertThat(
            pipeline
                .admin(
                    "publish", "unregister", "--node", "alpha", "--path", data.toString(), "--wait")
                .exit())
        .isZero();
    assertThat(pipeline.list()).noneMatch(line -> line.key().path().text().equals(data.toString()));
    int before = pipeline.history("alpha", data).versions().size();
    pipeline.assertRestorable("alpha", data);
    assertThat(pipeline.history("alpha", data).versions()).hasSize(before);
  }

  @Test
  void theJobOfANodeThatWasNeverSeenWaitsAndRunsWhenItsAgentComes() throws Exception {
    Path data = pipeline.data("late");
    Files.writeString(data.resolve("f"), "1");
    pipeline.register("latecomer", data, 3600);
    Answer.RegistrationLine line =
        pipeline.list().stream()
            .filter(l -> l.key().node().value().equals("latecomer"))
            .findAny()
            .orElseThrow();
    assertThat(line.agentSeen()).isNull();
    assertThat(pipeline.admin("list").out()).contains("no agent seen");
    pipeline.agent("latecomer");
    pipeline.awaitVersions("latecomer", data, 1);
    pipeline.assertRestorable("latecomer", data);
  }

  @Test
  void theLoggerShowsWhatEveryoneDoes() throws Exception {
    pipeline.logger();
    Path data = pipeline.data("logged");
    pipeline.register("alpha", data, 1);
    for (String role : List.of("coordinator", "fetch-worker", "agent")) {
      await()
          .atMost(Pipeline.PATIENCE)
          .until(
              () ->
                  pipeline.logged("admin", " alpha " + data + " ")
                      && pipeline.logged("admin", " " + role + " "));
    }
  }

  @Test
  void aMalformedCommandHurtsNobody() throws Exception {
    Path data = pipeline.data("after bad input");
    // Over the management UI's own interface, as somebody with a browser could.
    String url =
        pipeline.broker().fact("management_url") + "/api/exchanges/%2f/resguardo.commands/publish";
    String credentials =
        pipeline.broker().fact("management_user")
            + ":"
            + pipeline.broker().fact("management_password");
    for (String payload :
        List.of(
            "not json",
            "{}",
            "[[[[[[[[[[[[[[[[[[[[[[",
            "{\\\"type\\\":\\\"register\\\",\\\"node\\\":\\\"../x\\\"}")) {
      Pipeline.run(
          "python3",
          "-c",
          """
          import base64, sys, urllib.request
          r = urllib.request.Request(sys.argv[1], data=sys.argv[3].encode(), headers={'Authorization': 'Basic ' + base64.b64encode(sys.argv[2].encode()).decode()})
          assert b'"routed":true' in urllib.request.urlopen(r).read()
          """,
          url,
          credentials,
          "{\"properties\":{},\"routing_key\":\"x.y.z\",\"payload\":\""
              + payload
              + "\",\"payload_encoding\":\"string\"}");
    }
    pipeline.register("alpha", data, 3600);
    pipeline.awaitVersions("alpha", data, 1);
    assertThat(pipeline.logged("coordinator", "refused what is no command")).isTrue();
  }
}
