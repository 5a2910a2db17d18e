package resguardo.console;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import resguardo.core.version.Entry;
import resguardo.testkit.versions.MadeEntries;

class PageRoomTest {
  private final PageRoom room = new PageRoom();

  @Test
  void usualEntriesHaveRoom() {
    Entry usual = MadeEntries.owned("srv/a", Entry.Type.FILE, 1, "root", "root");
    for (int i = 0; i < FilesPage.ROWS; i++) {
      assertThat(room.takes(usual)).isTrue();
    }
  }

  /** Versions that were made before there was a bound have them. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void ofLongNamesOfOwnersFewHaveRoomAndTheFirstHas(boolean user) {
    String name = "o".repeat(1_900_000);
    Entry owned =
        MadeEntries.owned("srv/a", Entry.Type.FIFO, 0, user ? name : null, user ? null : name);
    assertThat(room.takes(owned, owned)).isTrue();
    assertThat(room.takes(owned)).isFalse();
    assertThat(room.takes(MadeEntries.file("srv/b", 1))).isFalse();
    assertThat(room.taken()).isGreaterThan(2L * name.length());
  }
}
