package resguardo.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ChainTest {
  private static final long MIB = 1024 * 1024;

  private static Chain.Link link(int number, long bytes, long live) {
    return new Chain.Link(number, bytes, live, true);
  }

  private static Chain.Link newest(int number, long bytes) {
    return new Chain.Link(number, bytes, bytes, false);
  }

  @Test
  void theSmallestAreMergedWhenThereAreTooManyAndAllStayWhileThereAreFew() {
    List<Chain.Link> links = new ArrayList<>();
    for (int number = 1; number <= Chain.LONGEST; number++) {
      links.add(link(number, 9_000, number % 5 == 1 ? 1_000 * number : 10));
      assertThat(Chain.retired(links)).isEmpty();
    }
    links.add(newest(17, 10));
    assertThat(Chain.retired(links)).containsExactly(2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 14, 15);
  }

  @Test
  void theChainStaysShortOverManyVersions() {
    List<Chain.Link> links = new ArrayList<>();
    links.add(link(1, 1_000_000, 1_000_000));
    long written = 0;
    for (int number = 2; number < 2_000; number += 2) {
      links.add(newest(number, 10));
      Set<Integer> retired = Chain.retired(links);
      long moved =
          links.stream()
              .filter(link -> retired.contains(link.number()))
              .mapToLong(Chain.Link::live)
              .sum();
      links.removeIf(link -> retired.contains(link.number()));
      if (moved > 0) {
        links.add(link(number + 1, moved, moved));
      }
      links.replaceAll(link -> link(link.number(), link.bytes(), link.live()));
      written += moved;
      assertThat(links.size()).isLessThanOrEqualTo(Chain.LONGEST);
      assertThat(links.get(0).number()).isEqualTo(1);
    }
    assertThat(written).isLessThan(1_000_000); // 60 times less than a whole one every 16 versions
  }

  @Test
  void whatIsMostlyWasteIsMergedAndWhatIsMostlyNeededStays() {
    List<Chain.Link> links =
        List.of(
            link(1, 1000 * MIB, 200 * MIB),
            link(2, 100 * MIB, 99 * MIB),
            link(3, 200 * MIB, 10 * MIB),
            newest(4, 50 * MIB));
    assertThat(Chain.retired(links)).containsExactly(1, 3);
  }

  @Test
  void halfOfWasteIsBorneAndSoIsLittle() {
    assertThat(Chain.retired(List.of(link(1, 1000 * MIB, 500 * MIB)))).isEmpty();
    assertThat(Chain.retired(List.of(link(1, 1000 * MIB, 499 * MIB)))).containsExactly(1);
    assertThat(Chain.retired(List.of(link(1, Chain.LITTLE, 0)))).isEmpty();
    assertThat(Chain.retired(List.of(link(1, Chain.LITTLE + 1, 0)))).containsExactly(1);
  }

  @Test
  void whatCannotBeMovedStaysHoweverLongTheChain() {
    List<Chain.Link> links = new ArrayList<>();
    for (int number = 1; number <= 20; number++) {
      links.add(new Chain.Link(number, 1000 * MIB, 0, number == 7));
    }
    assertThat(Chain.retired(links)).isEmpty();
    links.set(8, link(9, 1000 * MIB, 5));
    assertThat(Chain.retired(links)).isEmpty();
    for (int number = 10; number <= 16; number++) {
      links.set(number - 1, link(number, 1000 * MIB, number));
    }
    assertThat(Chain.retired(links)).containsExactly(7, 9, 10, 11, 12);
  }
}
