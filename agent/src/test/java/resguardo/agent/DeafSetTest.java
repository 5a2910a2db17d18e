package resguardo.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import resguardo.agent.hook.Hooks;
import resguardo.archive.JdkDeflater;
import resguardo.core.BackupOptions;
import resguardo.core.port.Platform;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.protocol.StreamMessage.Failed.Kind;
import resguardo.testkit.files.DeafMount;

/** A file whose content never comes, in one of the sets of an agent. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class DeafSetTest {
  @TempDir Path temporary;

  private final AtomicLong passed = new AtomicLong();

  private static void assertBroken(Asker asker, String why) throws Exception {
    StreamMessage.Failed failed = (StreamMessage.Failed) asker.last();
    assertThat(failed.kind()).isEqualTo(Kind.BROKEN);
    assertThat(failed.why()).isEqualTo(why);
  }

  @Test
  void itIsToldWhatHangsAndItsSetTakesNoMoreThreadsAndOthersGoOnAndTheAgentEnds() throws Exception {
    Path folder = temporary.toRealPath();
    Path well = Files.createDirectory(folder.resolve("well"));
    Files.writeString(well.resolve("a"), "x");
    Path set = Files.createDirectory(folder.resolve("set"));
    Path deaf = Files.createDirectory(set.resolve("deaf"));
    DeafMount mount = DeafMount.at(deaf, DeafMount.To.READ).orElse(null);
    Assumptions.assumeTrue(mount != null, "this machine lets nobody mount");
    Platform platform = Platform.of(Rounds.LATER, () -> System.nanoTime() + passed.get());
    try (mount) {
      try (Asker asker =
          new Asker(folder, folder.resolve("caches"), Hooks.NONE, new JdkDeflater(1), platform)) {
        asker.ask(set, BackupOptions.NONE);
        mount.awaitCall();
        passed.addAndGet(Places.ANSWER.toNanos());
        assertBroken(asker, deaf + "/f does not answer");
        for (int attempts = 0; attempts < Places.AT_ONCE; attempts++) {
          asker.ask(set, BackupOptions.NONE);
          assertBroken(
              asker, "an earlier attempt still reads " + deaf + "/f, which does not answer");
        }
        asker.ask(well, BackupOptions.NONE);
        assertThat(asker.last()).isInstanceOf(StreamMessage.Finished.class);
        mount.close();
        await(asker);
        asker.ask(set, BackupOptions.NONE);
        assertThat(asker.last()).isInstanceOf(StreamMessage.Finished.class);
      }
    }
  }

  /** The call has returned, with an error, and nobody wants what comes of it any more. */
  private static void await(Asker asker) {
    org.awaitility.Awaitility.await()
        .atMost(50, TimeUnit.SECONDS)
        .until(() -> asker.activity().stream().anyMatch(line -> line.contains("stopped sending")));
  }

  @Test
  void whatHasTheSameHookDoesNotWaitForWhatHangs() throws Exception {
    Path folder = temporary.toRealPath();
    Path hooks = folder.resolve("hooks.json");
    Files.writeString(
        hooks, "{\"hooks\": [{\"path\": \"" + folder + "\", \"before\": [\"/bin/true\"]}]}");
    Files.setPosixFilePermissions(hooks, PosixFilePermissions.fromString("rw-------"));
    Path well = Files.createDirectory(folder.resolve("well"));
    Path set = Files.createDirectory(folder.resolve("set"));
    Path deaf = Files.createDirectory(set.resolve("deaf"));
    DeafMount mount = DeafMount.at(deaf, DeafMount.To.READ).orElse(null);
    Assumptions.assumeTrue(mount != null, "this machine lets nobody mount");
    try (mount;
        Asker asker =
            new Asker(
                folder,
                folder.resolve("caches"),
                Hooks.load(hooks),
                new JdkDeflater(1),
                Platform.of(Rounds.LATER, () -> System.nanoTime() + passed.get()))) {
      asker.ask(set, BackupOptions.NONE);
      mount.awaitCall();
      passed.addAndGet(Places.ANSWER.toNanos());
      assertBroken(asker, deaf + "/f does not answer");
      asker.ask(well, BackupOptions.NONE);
      StreamMessage.Failed failed = (StreamMessage.Failed) asker.last();
      assertThat(failed.kind()).isEqualTo(Kind.HOOK_FAILED);
      assertThat(failed.why())
          .isEqualTo(
              "its hook is in use by the backup of " + set + ", which reads what does not answer");
      mount.close();
      await(asker);
      asker.ask(well, BackupOptions.NONE);
      assertThat(asker.last()).isInstanceOf(StreamMessage.Finished.class);
    }
  }

  @Test
  void anAgentEndsAlthoughAThreadOfItHangs() throws Exception {
    Path set = temporary.toRealPath();
    Path deaf = Files.createDirectory(set.resolve("deaf"));
    DeafMount mount = DeafMount.at(deaf, DeafMount.To.READ).orElse(null);
    Assumptions.assumeTrue(mount != null, "this machine lets nobody mount");
    Path caches = Files.createTempDirectory("caches");
    try (mount) {
      Asker asker =
          new Asker(
              set,
              caches,
              Hooks.NONE,
              new JdkDeflater(1),
              Platform.of(Rounds.LATER, () -> System.nanoTime() + passed.get()));
      asker.ask(set, BackupOptions.NONE);
      mount.awaitCall();
      passed.addAndGet(Places.ANSWER.toNanos());
      asker.close();
      assertThat(asker.activity()).noneMatch(line -> line.contains("stopped sending"));
    }
  }
}
