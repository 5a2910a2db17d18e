package resguardo.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import resguardo.core.RawPath;
import resguardo.core.Sha256;
import resguardo.core.catalog.Proof;
import resguardo.core.version.Chunk;
import resguardo.core.version.Entry;
import resguardo.core.version.Piece;
import resguardo.core.version.Place;
import resguardo.core.version.Placed;

class DrillWindowTest {
  private static final int MEMBER = 1 << 20;

  /** One byte in this member. */
  private static Placed file(int number, int member) {
    Piece block = new Piece(1, (long) member * MEMBER, MEMBER / 2, MEMBER, 512 * number);
    return new Placed(
        TestVersion.entry("srv/data/" + (1000 + number), Entry.Type.FILE, 1, null),
        new Place(block, null, List.of()));
  }

  /** Of these bytes, all in one member. */
  private static Placed chunks(int number, int count) {
    Chunk chunk = new Chunk(1, 0, 21, 1, Sha256.of(new byte[] {1}));
    return new Placed(
        TestVersion.entry("srv/data/" + (1000 + number), Entry.Type.FILE, count, null),
        new Place(null, null, Collections.nCopies(count, chunk)));
  }

  private static int had(DrillWindow window, int files, int members) {
    int had = 0;
    for (int i = 0; i < files; i++) {
      had += window.has(file(i, i % members), 0) ? 1 : 0;
    }
    return had;
  }

  @Test
  void membersThatAreReadOverAndOverCountAsOften() {
    DrillWindow window = new DrillWindow(null, 100 * MEMBER);
    assertThat(had(window, 1000, 5)).isEqualTo(100);
    assertThat(window.extent()).isEqualTo(Proof.Extent.SAMPLE);
    assertThat(window.upTo()).isEqualTo(RawPath.parse("srv/data/1099"));
  }

  @Test
  void membersThatAreKeptCountOnce() {
    DrillWindow window = new DrillWindow(null, 5 * MEMBER);
    assertThat(had(window, 1000, 4)).isEqualTo(1000);
    assertThat(window.extent()).isEqualTo(Proof.Extent.WHOLE);
  }

  @Test
  void eachChunkIsReadAndCountsAsMuchAsOneReadCosts() {
    DrillWindow window = new DrillWindow(null, 100 * MEMBER);
    int had = 0;
    for (int i = 0; i < 100; i++) {
      had += window.has(chunks(i, 400), 0) ? 1 : 0;
    }
    assertThat(had).isEqualTo(4);
    assertThat(window.extent()).isEqualTo(Proof.Extent.SAMPLE);
  }

  @Test
  void whatHasNoContentCountsByItsLine() {
    DrillWindow window = new DrillWindow(null, 100 * MEMBER);
    int had = 0;
    for (int i = 0; i < 1000; i++) {
      String name = "srv/data/" + (1000 + i);
      Entry pipe = TestVersion.entry(name, Entry.Type.FIFO, 0, null);
      had += window.has(new Placed(pipe, Place.NONE), 2 * MEMBER) ? 1 : 0;
    }
    assertThat(had).isEqualTo(50);
  }

  @Test
  void oneEntryIsInItHoweverLittleIsToBeRead() {
    DrillWindow window = new DrillWindow(RawPath.parse("srv/data/1002"), 1);
    assertThat(had(window, 10, 2)).isEqualTo(1);
    assertThat(window.upTo()).isEqualTo(RawPath.parse("srv/data/1003"));
  }
}
