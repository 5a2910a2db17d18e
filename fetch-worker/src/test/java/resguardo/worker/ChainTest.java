package resguardo.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import resguardo.core.Sha256;
import resguardo.core.version.ArchiveForm;
import resguardo.core.version.ArchiveRef;

class ChainTest {
  private static ArchiveRef archive(int number, long bytes) {
    return new ArchiveRef(
        number, "a", bytes, Sha256.of(new byte[0]), new ArchiveForm("gzip", "jdk-zlib", 1));
  }

  @Test
  void theSmallestAreRetiredWhenThereAreManyAndAllStayWhileThereAreFew() {
    List<ArchiveRef> archives = new ArrayList<>();
    for (int number = 1; number < Chain.LONGEST; number++) {
      archives.add(archive(number, number % 5 == 1 ? 1_000 * number : 10));
      assertThat(Chain.retired(archives)).isEmpty();
    }
    archives.add(archive(Chain.LONGEST, 10));
    assertThat(Chain.retired(archives)).hasSize(12).doesNotContain(6, 11).contains(2, 3, 15);
  }

  @Test
  void theChainStaysShortOverManyVersions() {
    List<ArchiveRef> archives = new ArrayList<>();
    archives.add(archive(1, 1_000_000));
    long written = 0;
    for (int number = 2; number < 1_000; number++) {
      List<Integer> retired = Chain.retired(archives);
      long moved =
          archives.stream()
              .filter(a -> retired.contains(a.number()))
              .mapToLong(ArchiveRef::bytes)
              .sum();
      archives.removeIf(a -> retired.contains(a.number()));
      archives.add(archive(number, 10 + moved));
      written += 10 + moved;
      assertThat(archives.size()).isLessThanOrEqualTo(Chain.LONGEST);
      assertThat(archives.get(0).number()).isEqualTo(1);
    }
    assertThat(written).isLessThan(1_000_000); // 100 times less than a whole one every 16 versions
  }
}
