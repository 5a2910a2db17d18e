package resguardo.core.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.BackupOptions;
import resguardo.core.JobId;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.RegistrationKey;
import resguardo.core.Role;
import resguardo.core.Serial;
import resguardo.core.Sha256;
import resguardo.core.SourcePath;
import resguardo.core.port.Content;
import resguardo.core.port.Sender;
import resguardo.core.version.Alarm;
import resguardo.core.version.ArchiveForm;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.ManifestWriter;
import resguardo.core.version.Totals;
import resguardo.core.version.VersionHeader;
import resguardo.testkit.store.MemoryArchiveStore;

/** Alarms as they stand in the bucket, and what they hold. */
class AlarmsTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final RegistrationKey SRV = key("/srv");
  private static final RegistrationKey BELOW = key("/srv/data 1-2");
  private static final Sender ANN = new Sender("ann", null, "ann@desk");
  private static final Sender BOB = new Sender("bob", null, "bob@desk");

  private final MemoryArchiveStore store = new MemoryArchiveStore();
  private final VersionCatalog versions = new VersionCatalog(store);
  private final Alarms alarms = new Alarms(store);
  private final List<DamagedException> damaged = new ArrayList<>();

  @TempDir Path spool;

  private static RegistrationKey key(String path) {
    return new RegistrationKey(new NodeName("alpha"), SourcePath.parse(path));
  }

  private static Alarm alarmAgainst(long serial) {
    return new Alarm(new Serial(serial), List.of(Alarm.Sign.CHANGED), 60, 60, 900, 900, 60, 0, 0);
  }

  private static ArchiveRef archive(RegistrationKey key, int number) {
    ArchiveForm form = new ArchiveForm(BackupOptions.Codec.GZIP, "jdk-zlib", 1);
    String name = "archives" + key.path() + "/" + number;
    return new ArchiveRef(number, name, 1, Sha256.of(new byte[0]), form);
  }

  /** A version that leans on all archives from one on to its own. */
  private void commit(RegistrationKey key, long serial, int from, @Nullable Alarm alarm)
      throws Exception {
    List<ArchiveRef> archives = new ArrayList<>();
    for (int number = from; number <= serial; number++) {
      archives.add(archive(key, number));
    }
    Totals totals = new Totals(0, 0, 0, 0, Sha256.of(new byte[0]));
    VersionHeader header =
        new VersionHeader(
            VersionHeader.FORMAT,
            key,
            new Serial(serial),
            1,
            JobId.of(key, 1, NOW),
            NOW,
            NOW,
            archives,
            false,
            totals.fingerprint(),
            totals);
    try (ManifestWriter writer = new ManifestWriter(spool)) {
      store.putIfAbsent(
          BucketLayout.manifest(key, new Serial(serial)), writer.finish(header.suspicious(alarm)));
    }
  }

  private void raise(RegistrationKey key, long serial) throws Exception {
    alarms.note(key, new Serial(serial));
    commit(key, serial, 1, alarmAgainst(serial - 1));
  }

  private Acceptance accept(RegistrationKey key, long serial, Sender sender) throws Exception {
    return alarms.accept(
        new Acceptance(
            Acceptance.VERSION,
            key,
            new Serial(serial),
            NOW,
            sender,
            new Peer(Role.COORDINATOR, "one")));
  }

  private Map<RegistrationKey, List<Serial>> open() throws Exception {
    return alarms.open(damaged::add);
  }

  private ExpiryHold hold(RegistrationKey key) throws Exception {
    return ExpiryHold.of(versions, alarms, key);
  }

  private static List<Serial> serials(long... numbers) {
    return java.util.Arrays.stream(numbers).mapToObj(Serial::new).toList();
  }

  @Test
  void whatIsSuspiciousIsOpenUntilItIsAcceptedAndFoundAfterwards() throws Exception {
    commit(SRV, 1, 1, null);
    raise(SRV, 2);
    raise(SRV, 3);
    raise(BELOW, 3);
    assertThat(open()).isEqualTo(Map.of(SRV, serials(2, 3), BELOW, serials(3)));
    accept(SRV, 2, ANN);
    assertThat(open()).isEqualTo(Map.of(SRV, serials(3), BELOW, serials(3)));
    assertThat(alarms.of(SRV))
        .extracting(one -> Optional.ofNullable(one.acceptance()).map(Acceptance::sender))
        .containsExactly(Optional.of(ANN), Optional.empty());
    assertThat(alarms.page(null, 10, true, damaged::add).raised()).hasSize(3);
    assertThat(damaged).isEmpty();
  }

  @Test
  void theFirstWordStands() throws Exception {
    raise(SRV, 2);
    Acceptance first = accept(SRV, 2, ANN);
    assertThat(accept(SRV, 2, BOB)).isEqualTo(first);
    assertThat(alarms.acceptance(SRV, new Serial(2))).contains(first);
  }

  @Test
  void aNoteOfWhatWasNeverCommittedOrIsNotSuspiciousIsNoAlarm() throws Exception {
    alarms.note(SRV, new Serial(2));
    assertThat(open()).isEmpty();
    assertThat(alarms.raised(SRV, new Serial(2))).isEmpty();
    commit(SRV, 2, 1, null); // by another attempt, which saw other files
    assertThat(open()).isEmpty();
    assertThat(alarms.of(SRV)).isEmpty();
  }

  @Test
  void manyAreShownPageByPageAndNoneTwice() throws Exception {
    for (int i = 1; i <= 7; i++) {
      raise(key("/srv/" + i), 2);
    }
    accept(key("/srv/3"), 2, ANN);
    List<RegistrationKey> seen = new ArrayList<>();
    String next = null;
    int pages = 0;
    do {
      Alarms.Page page = alarms.page(next, 3, false, damaged::add);
      page.raised().forEach(one -> seen.add(one.header().registration()));
      next = page.next();
      pages++;
    } while (next != null);
    assertThat(pages).isEqualTo(3);
    assertThat(seen).hasSize(6).doesNotHaveDuplicates().doesNotContain(key("/srv/3"));
  }

  @Test
  void whatIsDamagedIsToldAndHidesNoOther() throws Exception {
    raise(SRV, 2);
    store.put(BucketLayout.alarm(key("/a"), new Serial(1)), Content.of(new byte[] {'{'}));
    raise(key("/b"), 2);
    store.put(BucketLayout.manifest(key("/b"), new Serial(2)), Content.of(new byte[] {1}));
    assertThat(open()).isEqualTo(Map.of(SRV, serials(2)));
    assertThat(damaged)
        .extracting(DamagedException::key)
        .containsExactly("alarms/alpha/a/@/000001.json", "manifests/alpha/b/@/000002.json.gz");
  }

  @Test
  void withoutAnAlarmNothingIsHeld() throws Exception {
    commit(SRV, 1, 1, null);
    commit(SRV, 2, 1, null);
    assertThat(hold(SRV).serials()).isEmpty();
    assertThat(hold(SRV).archives()).isEmpty();
    assertThat(hold(SRV).holds(Serial.first())).isFalse();
    assertThat(hold(BELOW).newestAlarm()).isEmpty();
  }

  @Test
  void anOpenAlarmHoldsItsVersionAllOlderOnesAndWhatTheyLeanOn() throws Exception {
    commit(SRV, 1, 1, null);
    commit(SRV, 2, 1, null);
    commit(SRV, 3, 2, alarmAgainst(2));
    commit(SRV, 4, 4, null); // looks well against the alarmed one
    commit(SRV, 5, 4, null);
    ExpiryHold hold = hold(SRV);
    assertThat(hold.newestAlarm()).contains(new Serial(3));
    assertThat(hold.serials()).containsExactlyElementsOf(serials(1, 2, 3));
    assertThat(hold.holds(new Serial(3))).isTrue();
    assertThat(hold.holds(new Serial(4))).isFalse();
    assertThat(hold.archives())
        .containsExactly("archives/srv/1", "archives/srv/2", "archives/srv/3");
    accept(SRV, 3, ANN);
    assertThat(hold(SRV).serials()).isEmpty();
  }

  @Test
  void ofSeveralAlarmsTheNewestThatIsOpenCounts() throws Exception {
    commit(SRV, 1, 1, null);
    commit(SRV, 2, 1, alarmAgainst(1));
    commit(SRV, 3, 1, null);
    commit(SRV, 4, 1, alarmAgainst(3));
    accept(SRV, 2, ANN);
    assertThat(hold(SRV).serials()).containsExactlyElementsOf(serials(1, 2, 3, 4));
    accept(SRV, 4, ANN);
    assertThat(hold(SRV).serials()).isEmpty();
  }

  @Test
  void anAlarmOfAnotherPathHoldsNothingHere() throws Exception {
    commit(SRV, 1, 1, null);
    raise(BELOW, 2);
    assertThat(hold(SRV).serials()).isEmpty();
  }

  @Test
  void whereAManifestIsDamagedNobodyIsToldWhatMayBeRemoved() throws Exception {
    commit(SRV, 1, 1, null);
    commit(SRV, 2, 1, null);
    store.put(BucketLayout.manifest(SRV, new Serial(2)), Content.of(new byte[] {1}));
    assertThatThrownBy(() -> hold(SRV)).isInstanceOf(DamagedException.class);
  }
}
