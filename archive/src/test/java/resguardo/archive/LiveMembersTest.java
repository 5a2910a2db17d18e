package resguardo.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import resguardo.core.RawPath;
import resguardo.core.Sha256;
import resguardo.core.version.Chunk;
import resguardo.core.version.Entry;
import resguardo.core.version.Piece;
import resguardo.core.version.Place;
import resguardo.core.version.Placed;

class LiveMembersTest {
  private static final Sha256 DIGEST = Sha256.of(new byte[0]);

  private static Placed placed(Entry.Type type, long size, Place place) {
    return new Placed(
        new Entry(
            RawPath.parse("f"), type, 0, 0, 0, null, null, 0, 0, size, DIGEST, null, null, null),
        place);
  }

  private static Placed small(int archive, long offset, int length) {
    return placed(
        Entry.Type.FILE, 1, new Place(new Piece(archive, offset, length, 9, 0), null, List.of()));
  }

  @Test
  void aMemberCountsOnceHoweverOftenAndInWhateverOrderItComes() {
    List<Placed> all = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      all.add(small(1, i * 10L, 7));
      all.add(small(1, i * 10L, 7));
      all.add(small(2, i * 100L, 8 * 1024 * 1024));
    }
    Collections.shuffle(all, new Random(1));
    LiveMembers live = new LiveMembers();
    all.forEach(live::add);
    assertThat(live.bytes(1)).hasValue(7_000);
    assertThat(live.bytes(2)).hasValue(1000L * 8 * 1024 * 1024);
    assertThat(live.bytes(3)).hasValue(0);
    assertThat(live.of(1).count()).isEqualTo(1000);
    assertThat(live.of(1).index(9_990)).isEqualTo(999);
    assertThat(live.of(1).index(9_991)).isNegative();
    assertThat(live.of(1).index(0)).isZero();
    assertThat(live.overlap()).isTrue(); // those of the second do
  }

  @Test
  void onlyWhatContentLiesInCounts() {
    LiveMembers live = new LiveMembers();
    Piece header = new Piece(1, 0, 5, 9, 0);
    live.add(placed(Entry.Type.FOLDER, 0, new Place(header, null, List.of())));
    live.add(placed(Entry.Type.FILE, 0, new Place(header, null, List.of())));
    assertThat(live.bytes(1)).hasValue(0);
    Chunk chunk = new Chunk(1, 5, 3, 100, DIGEST);
    live.add(placed(Entry.Type.FILE, 200, new Place(header, null, List.of(chunk, chunk))));
    assertThat(live.bytes(1)).hasValue(3);
    Piece content = new Piece(1, 8, 2, 9, 0);
    live.add(placed(Entry.Type.FILE, 1, new Place(null, content, List.of())));
    assertThat(live.bytes(1)).hasValue(5);
    assertThat(live.overlap()).isFalse();
  }

  @Test
  void whenThereAreTooManyTheArchiveWithTheMostIsGivenUpAndMemoryStaysBounded() {
    LiveMembers live = new LiveMembers(1000);
    for (int i = 0; i < 100; i++) {
      live.add(small(1, i, 1));
    }
    for (int i = 0; i < 100_000; i++) {
      live.add(small(2, i, 1));
      live.add(small(3, i % 50, 1)); // out of order, and often the same
    }
    assertThat(live.bytes(1)).hasValue(100);
    assertThat(live.bytes(2)).isEmpty();
    assertThat(live.bytes(3)).hasValue(50);
  }

  @Test
  void anArchiveThatIsLargerThanCanBeToldIsTooLargeToBeMoved() {
    LiveMembers live = new LiveMembers();
    live.add(small(1, MemberSet.LARGEST_OFFSET, 1));
    live.add(small(2, MemberSet.LARGEST_OFFSET + 1, 1));
    live.add(small(2, 0, 1));
    assertThat(live.bytes(1)).hasValue(1);
    assertThat(live.bytes(2)).isEmpty();
  }
}
