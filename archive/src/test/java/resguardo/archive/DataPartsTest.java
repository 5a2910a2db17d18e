package resguardo.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.version.Extent;

/** On the file system that temporary files lie on: it has to keep holes, in pieces of 4 KiB. */
class DataPartsTest {
  private static final int PAGE = 4096;

  @TempDir Path folder;

  /** With a page of data at each of these pages, and so many pages long. */
  private Path file(int pages, int... data) throws Exception {
    Path file = Files.createFile(folder.resolve("f"));
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      for (int page : data) {
        out.seek((long) page * PAGE);
        out.write(new byte[PAGE]);
      }
      out.setLength((long) pages * PAGE);
    }
    return file;
  }

  private static Extent pages(long from, long many) {
    return new Extent(from * PAGE, many * PAGE);
  }

  @Test
  void dataIsFoundBetweenHolesAndNeighboursAreOnePart() throws Exception {
    Path file = file(100, 3, 4, 5, 50, 99);
    assertThat(DataParts.of(file, 100 * PAGE))
        .containsExactly(pages(3, 3), pages(50, 1), pages(99, 1));
  }

  @Test
  void aFileWithoutHolesOrTooSmallForThemHasNoParts() throws Exception {
    Path file = file(8, 0, 1, 2, 3, 4, 5, 6, 7);
    assertThat(DataParts.of(file, 8 * PAGE)).isNull();
    assertThat(DataParts.of(folder.resolve("gone"), 8 * PAGE)).isNull();
    Files.delete(file);
    Path small = file(7);
    assertThat(DataParts.of(small, 7 * PAGE)).isNull();
  }

  @Test
  void aFileThatIsAllHoleHasNoneOfThem() throws Exception {
    assertThat(DataParts.of(file(1000), 1000 * PAGE)).isEmpty();
  }

  @Test
  void whatLiesBeyondTheSizeThatWasSeenIsNotLookedAt() throws Exception {
    Path file = file(100, 3, 20, 50);
    assertThat(DataParts.of(file, 20 * PAGE + 7))
        .containsExactly(pages(3, 1), new Extent(20 * PAGE, 7));
    assertThat(DataParts.of(file, 15 * PAGE)).containsExactly(pages(3, 1));
  }

  @Test
  void aFileThatBecameShorterHasWhatIsStillThere() throws Exception {
    assertThat(DataParts.of(file(10, 3), 100 * PAGE)).containsExactly(pages(3, 1));
  }

  /** In memory, where files may be as large as a number can say. */
  @Test
  void dataAtTheEndOfTheLargestFileThereIsIsFound() throws Exception {
    Path file = Files.createTempFile(Path.of("/dev/shm"), "resguardo", "large");
    long size = Long.MAX_VALUE;
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      out.setLength(size);
      for (long at : new long[] {PAGE, size - 20_000, size - 2}) {
        out.seek(at);
        out.write(1);
        List<Extent> parts = DataParts.of(file, size);
        assertThat(parts).anyMatch(part -> part.offset() <= at && at < part.end());
        assertThat(parts.stream().mapToLong(Extent::length).sum()).isLessThan(1 << 20);
      }
    } finally {
      Files.delete(file);
    }
  }

  /** As XFS and btrfs tell where data ends; memory tells whole pages. */
  @Test
  void anEndIsNotRoundedBeyondTheLargestNumber() {
    long most = Long.MAX_VALUE;
    assertThat(DataParts.wholeBlocks(most, most)).isEqualTo(most);
    assertThat(DataParts.wholeBlocks(most - 3, most)).isEqualTo(most);
    assertThat(DataParts.wholeBlocks(most - 511, most)).isEqualTo(most - 511);
    assertThat(DataParts.wholeBlocks(513, 2000)).isEqualTo(1024);
    assertThat(DataParts.wholeBlocks(1536, 2000)).isEqualTo(1536);
    assertThat(DataParts.wholeBlocks(1800, 2000)).isEqualTo(2000);
  }

  private static DataParts.Bounds bounds(int most, int room, int wastedPages) {
    return new DataParts.Bounds(most, room, (long) wastedPages * PAGE);
  }

  /** A hundred pages, with holes of 99 pages between them. */
  @Test
  void holesBecomeNoDataWithoutEndAndWhatThereIsNoRoomForIsRefused() throws Exception {
    int[] data = new int[100];
    Arrays.setAll(data, i -> i * 100);
    Path file = file(10_000, data);
    long size = 10_000L * PAGE;
    assertThat(DataParts.of(file, size, bounds(50, 100, 9000))).hasSize(100);
    assertThat(DataParts.of(file, size, bounds(50, 99, 10_000))).hasSize(1);
    for (int room : new int[] {99, 40}) {
      assertThatThrownBy(() -> DataParts.of(file, size, bounds(30, room, 9000)))
          .isInstanceOf(DataParts.ScatteredException.class);
    }
  }

  @Test
  void ofVeryManyPartsTheNearOnesAreOne() throws Exception {
    int[] data = new int[2000];
    for (int i = 0; i < data.length; i++) {
      data[i] = i * 3 + (i / 100) * 200; // twenty groups with holes of two pages
    }
    Path file = file(12_000, data);
    List<Extent> parts = DataParts.of(file, 12_000L * PAGE, bounds(50, 50, 12_000));
    assertThat(parts).hasSize(20);
    for (int page : data) {
      assertThat(parts)
          .anyMatch(p -> p.offset() <= (long) page * PAGE && p.end() >= (page + 1L) * PAGE);
    }
    assertThat(DataParts.of(file, 12_000L * PAGE)).hasSize(2000);
  }
}
