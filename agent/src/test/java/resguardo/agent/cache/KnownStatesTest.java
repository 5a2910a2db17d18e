package resguardo.agent.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.NodeName;
import resguardo.core.RegistrationKey;
import resguardo.core.Sha256;
import resguardo.core.SourcePath;
import resguardo.core.version.Entry;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.Piece;
import resguardo.core.version.Place;
import resguardo.core.version.Placed;
import resguardo.testkit.versions.MadeEntries;

class KnownStatesTest {
  private static final RegistrationKey KEY =
      new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/t"));

  @TempDir Path folder;

  private CacheFolder caches;

  @BeforeEach
  void open() throws IOException {
    caches = new CacheFolder(folder, Clock.systemUTC());
  }

  private static Placed placed(String name, int size, int archive) {
    Entry entry =
        MadeEntries.file(name, size).read(Sha256.of(name.getBytes(StandardCharsets.UTF_8)), null);
    return new Placed(entry, new Place(new Piece(archive, 0, 10, 10, 0), null, List.of()));
  }

  private LineCacheWriter.Finished cache(Placed... lines) throws IOException {
    try (LineCacheWriter writer = caches.create(KEY)) {
      long state = 100;
      for (Placed placed : lines) {
        writer.add(placed, state++, EntryCodec.write(placed));
      }
      LineCacheWriter.Finished finished = writer.finish();
      caches.keep(KEY, finished);
      return finished;
    }
  }

  private static long state(KnownStates known, Placed placed) {
    return known.state(placed.entry().name(), EntryCodec.write(placed));
  }

  @Test
  void aStateStandsForItsEntryWhereverItsBytesLieAndForNoOther() throws Exception {
    cache(placed("a", 1, 1), placed("b", 1, 1), placed("d", 1, 1), placed("e", 1, 1));
    try (KnownStates known = KnownStates.of(caches.before(KEY))) {
      assertThat(state(known, placed("a", 1, 9))).isEqualTo(100);
      assertThat(state(known, placed("b", 2, 1))).isZero();
      assertThat(state(known, placed("c", 1, 1))).isZero();
      assertThat(state(known, placed("e", 1, 2))).isEqualTo(103);
      assertThat(state(known, placed("f", 1, 2))).isZero();
    }
  }

  @Test
  void whatIsDamagedOrNotThereTellsNothing() throws Exception {
    assertThat(state(KnownStates.of(Optional.empty()), placed("a", 1, 1))).isZero();
    assertThat(state(KnownStates.of(Optional.of(folder.resolve("none"))), placed("a", 1, 1)))
        .isZero();
    cache(placed("a", 1, 1), placed("b", 1, 1), placed("c", 1, 1));
    Path file = caches.before(KEY).orElseThrow();
    byte[] good = Files.readAllBytes(file);
    for (int length = 0; length < good.length; length++) {
      Files.write(file, Arrays.copyOf(good, length));
      try (KnownStates known = KnownStates.of(Optional.of(file))) {
        assertThat(state(known, placed("a", 1, 1))).isIn(0L, 100L);
        assertThat(state(known, placed("c", 1, 1))).isIn(0L, 102L);
      }
    }
  }

  @Test
  void theNewestOtherCacheStaysUntilTheLinesHaveCome() throws Exception {
    Sha256 first = cache(placed("a", 1, 1)).index();
    Path older = caches.find(KEY, first).orElseThrow();
    Files.setLastModifiedTime(older, FileTime.fromMillis(1_000_000));
    Sha256 second = cache(placed("a", 1, 2)).index();
    Sha256 wanted = Sha256.of(new byte[0]);
    assertThat(caches.find(KEY, wanted)).isEmpty();
    assertThat(older).doesNotExist();
    assertThat(caches.before(KEY)).hasValueSatisfying(path -> assertThat(path).exists());
    Sha256 third = cache(placed("a", 1, 3)).index();
    assertThat(caches.find(KEY, third)).isPresent();
    assertThat(caches.find(KEY, second)).isEmpty();
    assertThat(caches.before(KEY)).isPresent(); // the third: nothing newer has come
  }
}
