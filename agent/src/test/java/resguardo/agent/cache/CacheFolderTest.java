package resguardo.agent.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.NodeName;
import resguardo.core.RegistrationKey;
import resguardo.core.Sha256;
import resguardo.core.SourcePath;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.Piece;
import resguardo.core.version.Place;
import resguardo.core.version.Placed;
import resguardo.testkit.versions.MadeEntries;

/** Each registration has caches of its own, however much its path is like another's. */
class CacheFolderTest {
  private static final RegistrationKey ONE = key("/" + "a".repeat(300) + "/one");
  private static final RegistrationKey OTHER = key("/" + "a".repeat(300) + "/other");

  @TempDir Path folder;

  private CacheFolder caches;

  @BeforeEach
  void open() throws IOException {
    caches = new CacheFolder(folder, Clock.systemUTC());
  }

  private static RegistrationKey key(String path) {
    return new RegistrationKey(new NodeName("alpha"), SourcePath.parse(path));
  }

  private Sha256 keep(RegistrationKey key, String name) throws IOException {
    Sha256 digest = Sha256.of(name.getBytes(StandardCharsets.UTF_8));
    Placed placed =
        new Placed(
            MadeEntries.file(name, 1).read(digest, null),
            new Place(new Piece(1, 0, 10, 10, 0), null, List.of()));
    try (LineCacheWriter writer = caches.create(key)) {
      writer.add(placed, 100, EntryCodec.write(placed));
      LineCacheWriter.Finished finished = writer.finish();
      caches.keep(key, finished);
      return finished.index();
    }
  }

  @Test
  void ofPathsThatBeginAlikeForHundredsOfCharactersEachKeepsItsOwn() throws Exception {
    assertThat(ONE.toString()).isEqualTo(OTHER.toString()); // as people see them
    Sha256 one = keep(ONE, "one");
    Sha256 other = keep(OTHER, "other");
    for (int round = 0; round < 2; round++) {
      assertThat(caches.find(ONE, one)).isPresent();
      assertThat(caches.find(OTHER, other)).isPresent();
    }
  }

  @Test
  void thatOneIsAMountSaysNothingOfAnotherThatBeginsAlike() throws Exception {
    caches.rememberMount(ONE, 1);
    assertThat(caches.wasMount(ONE, 1)).isTrue();
    assertThat(caches.wasMount(OTHER, 1)).isFalse();
  }

  @Test
  void whatIsShownAlikeBecauseOfItsControlCharactersIsNotTheSameEither() throws Exception {
    caches.rememberMount(key("/a\u0001"), 1);
    assertThat(caches.wasMount(key("/a\\u0001"), 1)).isFalse();
  }
}
