package resguardo.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.NodeName;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.Schedule;
import resguardo.core.Serial;
import resguardo.core.SliceLimit;
import resguardo.core.SourcePath;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.Registry;
import resguardo.core.catalog.Status;
import resguardo.core.catalog.StatusBook;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.Content;
import resguardo.testkit.store.MemoryArchiveStore;

/** How the last attempt ended is lost, or cannot be read: it follows from what else there is. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class LostStatusTest {
  private static final NodeName ALPHA = new NodeName("alpha");

  @TempDir Path folder;

  private final MemoryArchiveStore store = new MemoryArchiveStore();
  private final VersionCatalog versions = new VersionCatalog(store);

  @AutoClose private Roles roles;

  private RegistrationKey key;
  private Path set;

  @BeforeEach
  void start() throws Exception {
    roles = new Roles(folder, store);
    set = Files.createDirectory(folder.toRealPath().resolve("set"));
    Files.writeString(set.resolve("a"), "a");
    key = new RegistrationKey(ALPHA, SourcePath.parse(set.toString()));
    new Registry(store)
        .save(
            new Registration(
                key, new Schedule.Every(1), 1, Instant.now(), Registration.State.ACTIVE),
            null);
    roles.agent(ALPHA, set);
    roles.worker(SliceLimit.USUAL);
    roles.coordinator();
    awaitStatus(Status.Outcome.UNCHANGED);
  }

  private Status awaitStatus(Status.Outcome outcome) {
    return await()
        .atMost(Duration.ofSeconds(60))
        .until(this::status, status -> status.filter(is -> is.lastOutcome() == outcome).isPresent())
        .orElseThrow();
  }

  private Optional<Status> status() throws IOException {
    return new StatusBook(store).find(key);
  }

  @Test
  void whereItIsLostTheNewestVersionIsKnownAgainWhenNothingHasChanged() throws Exception {
    store.delete(BucketLayout.status(key));
    Status after = awaitStatus(Status.Outcome.UNCHANGED);
    assertThat(after.lastVersion()).isEqualTo(Serial.first());
    assertThat(after.lastSuccess()).isNotNull();
    assertThat(versions.serials(key)).containsExactly(Serial.first());
  }

  @Test
  void oneThatCannotBeReadIsMadeAnew() throws Exception {
    store.put(BucketLayout.status(key), Content.of(new byte[] {'?'}));
    Files.writeString(set.resolve("b"), "b");
    // A coordinator that just met it as it was takes the job for lost after a minute.
    await()
        .atMost(Duration.ofSeconds(180))
        .until(() -> versions.serials(key).size() == 2 && isReadable());
    assertThat(awaitStatus(Status.Outcome.UNCHANGED).lastVersion())
        .isEqualTo(Serial.first().next());
  }

  private boolean isReadable() {
    try {
      return status().isPresent();
    } catch (IOException damaged) {
      return false;
    }
  }
}
