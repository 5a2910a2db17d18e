package resguardo.core.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import resguardo.core.JobId;
import resguardo.core.NodeName;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.SourcePath;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.Platform;
import resguardo.core.protocol.Json;
import resguardo.testkit.store.EndlessStore;
import resguardo.testkit.store.MemoryArchiveStore;
import resguardo.testkit.store.RecordingStore;

/** Whoever has a worker's key may write small objects of any size: none takes anybody's memory. */
class LongObjectsTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final RegistrationKey LONG = key("/long");
  private static final RegistrationKey OTHER = key("/other");

  private final MemoryArchiveStore store = new MemoryArchiveStore();

  private static RegistrationKey key(String path) {
    return new RegistrationKey(new NodeName("alpha"), SourcePath.parse(path));
  }

  private static Status status(RegistrationKey key) {
    JobId job = JobId.of(key, 1, NOW);
    return new Status(job, NOW, Status.Outcome.UNCHANGED, null, NOW, NOW, null);
  }

  @BeforeEach
  void saveOfBoth() throws Exception {
    for (RegistrationKey key : List.of(LONG, OTHER)) {
      new StatusBook(store).save(key, status(key));
    }
  }

  private EndlessStore endless(ObjectKey object) {
    return new EndlessStore(store, object);
  }

  private static void assertTooLong(DamagedException damaged, ObjectKey object) {
    assertThat(damaged.key()).isEqualTo(object.value());
    assertThat(damaged).hasMessageContaining("too long");
  }

  /** What a look at all statuses reads; the one is told of, once. */
  private static List<Status> look(ArchiveStore store) throws Exception {
    List<Status> found = new ArrayList<>();
    List<DamagedException> damaged = new ArrayList<>();
    Mirror<Status> mirror = new StatusBook(store).mirror(Platform.ofJvm());
    mirror.refresh(read -> found.add(read.value()), damaged::add);
    mirror.refresh(read -> found.add(read.value()), damaged::add);
    assertThat(damaged).hasSize(1);
    assertTooLong(damaged.get(0), BucketLayout.status(LONG));
    return found;
  }

  @Test
  void aStatusWithoutEndIsLeftOutAndNoMoreOfItIsReadThanOneMayBe() throws Exception {
    EndlessStore endless = endless(BucketLayout.status(LONG));
    assertThat(look(endless)).containsExactly(status(OTHER));
    assertThat(endless.taken()).isEqualTo(Json.MESSAGE_BYTES + 1);
    assertThat(new StatusBook(endless).known(LONG)).isEmpty();
    assertThat(endless.taken()).isEqualTo(2 * (Json.MESSAGE_BYTES + 1));
  }

  @Test
  void whatIsTooLongByTheListIsNotAskedForAndIsWrittenAnewByTheNextAttempt() throws Exception {
    ObjectKey object = BucketLayout.status(LONG);
    store.put(object, Content.of(new byte[Json.MESSAGE_BYTES + 1]));
    RecordingStore recording = new RecordingStore(store);
    assertThat(look(recording)).containsExactly(status(OTHER));
    List<DamagedException> damaged = new ArrayList<>();
    Mirror<Status> mirror = new StatusBook(recording).mirror(Platform.ofJvm());
    mirror.look(object, read -> damaged.clear(), damaged::add);
    assertTooLong(damaged.get(0), object);
    assertThat(recording.reads(object.value())).isEmpty();
    new StatusBook(store).save(LONG, status(LONG));
    List<Status> found = new ArrayList<>();
    mirror.refresh(read -> found.add(read.value()), damaged::add);
    assertThat(found).containsExactlyInAnyOrder(status(LONG), status(OTHER));
    assertThat(damaged).hasSize(1);
  }

  @Test
  void aNoteOfAnAlarmWithoutEndKeepsNoOtherFromBeingFound() throws Exception {
    new Alarms(store).note(LONG, Serial.first());
    ObjectKey note = BucketLayout.alarm(LONG, Serial.first());
    EndlessStore endless = endless(note);
    List<DamagedException> damaged = new ArrayList<>();
    assertThat(new Alarms(endless).open(damaged::add)).isEmpty();
    assertTooLong(damaged.get(0), note);
    assertThat(endless.taken()).isEqualTo(Json.MESSAGE_BYTES + 1);
  }

  @Test
  void whatIsKnownOfDamageMayBeLongerAndHasAnEndToo() throws Exception {
    new DamageBook(store)
        .found(
            LONG, List.of(Damage.Part.whole(BucketLayout.manifest(LONG, new Serial(1)).value())));
    EndlessStore endless = endless(BucketLayout.damage(LONG));
    assertThatThrownBy(() -> new DamageBook(endless).find(LONG))
        .isInstanceOfSatisfying(
            DamagedException.class, told -> assertTooLong(told, BucketLayout.damage(LONG)));
    assertThat(endless.taken()).isEqualTo(DamageBook.LONGEST + 1);
  }

  @Test
  void aGuideThatGoesOnAndOnIsWrittenAnew() throws Exception {
    RestoreGuide.leave(store);
    String etag = store.head(RestoreGuide.KEY).orElseThrow().etag();
    RestoreGuide.leave(store);
    assertThat(store.head(RestoreGuide.KEY).orElseThrow().etag()).isEqualTo(etag);
    EndlessStore endless = endless(RestoreGuide.KEY);
    store.put(RestoreGuide.KEY, Content.of(new byte[1]));
    RestoreGuide.leave(endless);
    assertThat(store.head(RestoreGuide.KEY).orElseThrow().size())
        .isEqualTo(RestoreGuide.text().length);
    assertThat(endless.taken()).isEqualTo(RestoreGuide.text().length + 1);
  }
}
