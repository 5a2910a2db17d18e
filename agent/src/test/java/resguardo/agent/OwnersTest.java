package resguardo.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import resguardo.core.version.Entry;

class OwnersTest {
  private static final Path FILE = Path.of("/srv/f");

  private final List<Boolean> asked = new ArrayList<>();
  private String name = "alice";
  private final Owners owners =
      new Owners(
          (path, user) -> {
            asked.add(user);
            return user ? name : name + "s";
          });

  @Test
  void theSystemIsAskedOnceForEach() {
    for (int i = 0; i < 3; i++) {
      assertThat(owners.user(FILE, 1000)).isEqualTo("alice");
      assertThat(owners.group(FILE, 1000)).isEqualTo("alices");
    }
    assertThat(asked).containsExactly(true, false);
  }

  @Test
  void aNumberOrAFileThatIsGoneSaysNoName() {
    name = "1000";
    assertThat(owners.user(FILE, 1000)).isNull();
    Owners ofNothing =
        new Owners(
            (path, user) -> {
              throw new IOException("gone");
            });
    assertThat(ofNothing.group(FILE, 1000)).isNull();
  }

  /** A worker refuses the whole set for it. */
  @ParameterizedTest
  @ValueSource(strings = {"a\nb", "\u007f", "\u0085"})
  void aNameThatAWorkerRefusesIsLeftOut(String odd) {
    name = odd;
    assertThat(owners.user(FILE, 1)).isNull();
    assertThat(owners.group(FILE, 1)).isNull();
  }

  @Test
  void aNameThatIsLongerThanAWorkerTakesIsLeftOut() {
    name = "o".repeat(Entry.LONGEST_OWNER);
    assertThat(owners.user(FILE, 1)).isEqualTo(name);
    assertThat(owners.group(FILE, 1)).isNull();
  }

  /** Files may have as many owners as there are numbers. */
  @Test
  void ofMoreOwnersThanAreRememberedThoseNeededLastAre() {
    for (long id = 0; id < 3L * Owners.MOST; id++) {
      assertThat(owners.user(FILE, id)).isEqualTo("alice");
      assertThat(owners.user(FILE, 0)).isEqualTo("alice");
    }
    assertThat(owners.remembered()).isEqualTo(Owners.MOST);
    assertThat(asked).hasSize(3 * Owners.MOST);
    owners.user(FILE, 1);
    assertThat(asked).as("it was forgotten").hasSize(3 * Owners.MOST + 1);
  }
}
