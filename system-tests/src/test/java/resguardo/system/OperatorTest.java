package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Operators with users of their own at the broker, by the programs that they use. */
class OperatorTest {
  @TempDir Path folder;

  @AutoClose private Pipeline pipeline;

  @BeforeEach
  void start() throws Exception {
    pipeline = new Pipeline(folder);
    pipeline.startOfEach("alpha");
  }

  private Path settings(String... words) throws Exception {
    Path file = folder.resolve(words[1] + ".env");
    List<String> all = new ArrayList<>(List.of("operator"));
    all.addAll(List.of(words));
    all.addAll(List.of("--save-to-file", file.toString()));
    Pipeline.Result result = pipeline.admin(all.toArray(String[]::new));
    assertThat(result.exit()).as(result.err()).isZero();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    return file;
  }

  private Pipeline.Result as(Path settings, String... words) throws Exception {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--config", settings.toString()));
    return pipeline.admin(all.toArray(String[]::new));
  }

  private static void assertDone(Pipeline.Result result) {
    assertThat(result.exit()).as(result.err()).isZero();
  }

  @Test
  void oneWritesTheOtherReadsAndAllIsOnRecordInTheirNames() throws Exception {
    Path data = pipeline.data("data");
    Files.writeString(data.resolve("file"), "content");
    Path bob = settings("enroll", "bob", "--may", "write");
    Path alice = settings("enroll", "alice", "--may", "read");
    String[] which = {"--node", "alpha", "--path", data.toString()};
    assertDone(
        as(
            bob,
            "publish",
            "register",
            which[0],
            which[1],
            which[2],
            which[3],
            "--freq",
            "1",
            "--wait"));
    await()
        .atMost(Pipeline.PATIENCE)
        .until(() -> as(alice, "history", which[0], which[1], which[2], which[3]).exit() == 0);

    Path tgz = folder.resolve("alices.tgz");
    assertDone(
        as(
            alice,
            "publish",
            "query",
            which[0],
            which[1],
            which[2],
            which[3],
            "--save-to-file",
            tgz + ""));
    assertThat(Pipeline.run("tar", "-xOzf", tgz.toString())).contains("content");
    assertDone(as(alice, "list"));
    assertDone(as(alice, "doctor"));

    for (String[] words :
        List.of(
            new String[] {"publish", "unregister", which[0], which[1], which[2], which[3]},
            new String[] {"publish", "shutdown"},
            new String[] {"publish", "shutdown", "--wait"},
            new String[] {
              "restore", which[0], which[1], which[2], which[3], "--to-node", "alpha:/tmp/x"
            })) {
      Pipeline.Result refused = as(alice, words);
      assertThat(refused.exit()).as(refused.err()).isEqualTo(1);
      assertThat(refused.err())
          .contains("the broker does not allow it to the user operator.alice")
          .contains("It takes an operator who may do more");
    }

    assertThat(pipeline.admin("operator", "list").out())
        .containsPattern("alice +read +\\d+\n")
        .containsPattern("bob +write +\\d+\n");
    assertThat(pipeline.admin("operator", "list", "--json").out())
        .matches(
            "\\[\\{\"operator\":\"alice\",\"may\":\"read\",\"queues\":\\d+},"
                + "\\{\"operator\":\"bob\",\"may\":\"write\",\"queues\":\\d+}]\n");
    String audit = as(alice, "audit").out();
    assertThat(audit)
        .containsPattern("operatorChanged +operator bob enrolled, may write +done")
        .containsPattern("operator\\.bob .* register ")
        .containsPattern("operator\\.alice .* query ");
    assertThat(audit).doesNotContain("unregister").doesNotContain("shutdown");
    assertThat(as(bob, "operator", "list", "--management-uri", management("bob", bob)).exit())
        .as("whoever may write may not say who may")
        .isEqualTo(1);

    Path fresh = settings("rotate", "alice");
    assertDone(as(fresh, "list"));
    assertThat(pipeline.admin("operator", "revoke", "alice").exit()).isZero();
    assertThat(as(fresh, "list", "--timeout", "3").exit()).isEqualTo(5);
    assertThat(pipeline.admin("operator", "revoke", "alice").exit()).isEqualTo(3);
    assertDone(as(bob, "publish", "shutdown", "--wait"));
  }

  private String management(String name, Path settings) throws Exception {
    String login =
        Files.readString(settings).replaceFirst("(?s).*(operator\\." + name + ":[^@]+)@.*", "$1");
    return pipeline.broker().fact("management_url").replaceFirst("://", "://" + login + "@");
  }

  @Test
  void whatCannotBeDoneIsToldWithWhatToTry() throws Exception {
    settings("enroll", "alice", "--may", "read");
    assertThat(pipeline.admin("operator", "enroll", "alice", "--may", "write").err())
        .isEqualTo(
            "Failed to enroll alice: the operator is enrolled already.\n"
                + "A new password: rotate, in the place of enroll. None any more: revoke.\n");
    assertThat(pipeline.admin("operator", "enroll", "bob").exit()).isEqualTo(2);
    assertThat(pipeline.admin("operator", "enroll", "bob", "--may", "administer").exit())
        .isEqualTo(2);
    assertThat(pipeline.admin("operator", "enroll", "bob", "--may", "everything").exit())
        .isEqualTo(2);
    assertThat(pipeline.admin("operator", "rotate", "bob").exit()).isEqualTo(3);
    assertThat(pipeline.admin("list", "--config", "/nowhere").err()).contains("/nowhere");
    assertThat(pipeline.admin("operator", "list").out()).doesNotContain("bob");
  }
}
