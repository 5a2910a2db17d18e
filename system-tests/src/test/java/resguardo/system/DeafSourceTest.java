package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.catalog.Status;
import resguardo.core.protocol.Answer;
import resguardo.testkit.files.DeafMount;

/**
 * A set with a file whose content never comes, as of a server that is gone, or of a user who serves
 * it: in the end all its attempts would be in calls that do not return, and in the hands of
 * workers.
 */
class DeafSourceTest {
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  @AutoClose private Pipeline pipeline;

  private static void change(Path set, int to) throws IOException {
    Files.writeString(set.resolve("a"), "content " + to);
  }

  private void awaitFailure(Path set, String... words) {
    await()
        .atMost(Pipeline.PATIENCE)
        .until(
            () ->
                pipeline.list().stream()
                    .filter(line -> line.key().path().text().equals(set.toString()))
                    .map(Answer.RegistrationLine::status)
                    .filter(Objects::nonNull)
                    .filter(status -> status.lastOutcome() == Status.Outcome.FAILED)
                    .map(status -> String.valueOf(status.lastReason()))
                    .anyMatch(reason -> Arrays.stream(words).allMatch(reason::contains)));
  }

  @Test
  void otherSetsOfItsNodeAndOtherNodesAreBackedUpAndItIsToldWhatHangs() throws Exception {
    pipeline = new Pipeline(folder);
    Path set = pipeline.data("deaf set");
    Path deaf = Files.createDirectory(set.resolve("deaf"));
    Path well = pipeline.data("well");
    Path others = pipeline.data("others");
    DeafMount mount = DeafMount.at(deaf, DeafMount.To.READ).orElse(null);
    Assumptions.assumeTrue(mount != null, "this machine lets nobody mount");
    Process agent;
    try (mount) {
      pipeline.coordinator();
      pipeline.worker("--slots", "2");
      agent = pipeline.agent("alpha");
      pipeline.agent("beta");
      pipeline.register("alpha", set, 1);
      awaitFailure(
          set, "given up after", "an earlier attempt still reads " + deaf + "/f", "not answer");
      assertThat(pipeline.logged("agent", "hangs: " + deaf + "/f does not answer")).isTrue();
      pipeline.register("alpha", well, 1);
      pipeline.register("beta", others, 1);
      for (int round = 1; round <= 4; round++) {
        change(well, round);
        change(others, round);
        pipeline.awaitVersions("alpha", well, round);
        pipeline.awaitVersions("beta", others, round);
      }
      agent.destroy();
      pipeline.agent("alpha"); // the system may keep the process of the other: it does no more
      for (int round = 5; round <= 6; round++) {
        change(well, round);
        pipeline.awaitVersions("alpha", well, round);
      }
    }
    assertThat(agent.waitFor(Pipeline.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(pipeline.logged("agent", "could not end in order")).isFalse();
    pipeline.awaitVersions("alpha", set, 1); // without the mount
    pipeline.assertRestorable("alpha", well);
  }
}
