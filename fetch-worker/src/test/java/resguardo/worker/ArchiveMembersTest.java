package resguardo.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import resguardo.core.Sha256;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.version.ArchiveForm;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.Piece;
import resguardo.testkit.store.MemoryArchiveStore;
import resguardo.testkit.store.RecordingStore;

/** How much of an archive is asked for, and that it is what was asked for. */
class ArchiveMembersTest {
  private static final ObjectKey KEY = new ObjectKey("archives/a");
  private static final int MEMBER = 100_000;
  private static final int MEMBERS = 400;

  private final byte[] content = new byte[MEMBER * MEMBERS];
  private final RecordingStore store = new RecordingStore(new MemoryArchiveStore());
  private ArchiveMembers members;

  @BeforeEach
  void begin() throws IOException {
    new Random(7).nextBytes(content);
    store.put(KEY, Content.of(content));
    ArchiveForm form = new ArchiveForm(resguardo.core.BackupOptions.Codec.GZIP, "jdk-zlib", 6);
    members =
        new ArchiveMembers(
            store,
            List.of(new ArchiveRef(1, KEY.value(), content.length, Sha256.of(content), form)));
  }

  private static Piece member(int number) {
    return new Piece(1, (long) MEMBER * number, MEMBER, MEMBER, 0);
  }

  private void read(int number) throws IOException {
    assertThat(members.read(member(number)))
        .isEqualTo(Arrays.copyOfRange(content, MEMBER * number, MEMBER * (number + 1)));
  }

  private List<Long> asked() {
    return store.reads("archives/").stream().map(RecordingStore.Range::length).toList();
  }

  @Test
  void ofOneMemberNoMoreIsAskedForThanItHas() throws Exception {
    read(17);
    assertThat(asked()).containsExactly((long) MEMBER);
  }

  @Test
  void allOfAnArchiveIsReadByFewRequestsAndNothingInVain() throws Exception {
    for (int i = 0; i < MEMBERS; i++) {
      read(i);
    }
    members.close();
    assertThat(asked()).hasSizeLessThan(12);
    assertThat(store.reads("archives/")).allMatch(range -> range.length() == range.taken());
  }

  @Test
  void membersFarApartAreAskedForOneByOne() throws Exception {
    for (int i : new int[] {0, 50, 100, 20}) {
      read(i);
    }
    assertThat(asked()).containsOnly((long) MEMBER).hasSize(4);
  }

  @Test
  void whatWasAnnouncedIsAskedForTogetherWhereItLiesNear() throws Exception {
    for (int i : new int[] {8, 3, 5, 200, 202}) {
      members.announce(member(i));
    }
    for (int i : new int[] {3, 5, 8, 200, 202}) {
      read(i);
    }
    assertThat(asked()).containsExactly(6L * MEMBER, 3L * MEMBER);
  }

  @Test
  void announcedRangesThatAnotherOneJoinsAreOne() throws Exception {
    for (int i : new int[] {0, 24, 12}) {
      members.announce(member(i));
    }
    read(0);
    assertThat(asked()).containsExactly((long) MEMBER);
    members.announce(member(6));
    members.announce(member(18));
    for (int i : new int[] {30, 0, 6, 12, 18, 24}) {
      read(i);
    }
    assertThat(asked()).containsExactly((long) MEMBER, (long) MEMBER, 25L * MEMBER);
  }

  @Test
  void aMemberThatIsWantedAgainAndAgainIsAskedForOnce() throws Exception {
    for (int i = 0; i < 100; i++) {
      read(17);
    }
    assertThat(asked()).containsExactly((long) MEMBER);
    assertThat(members.read(new Piece(1, 17L * MEMBER, 10, MEMBER, 0))).hasSize(10);
    read(17);
  }

  @Test
  void aMemberBeyondTheEndIsRefused() {
    assertThatThrownBy(() -> members.read(member(MEMBERS))).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> members.read(new Piece(2, 0, 1, 1, 0)))
        .isInstanceOf(IOException.class);
  }
}
