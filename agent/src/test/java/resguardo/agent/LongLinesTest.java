package resguardo.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Collections;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.agent.cache.CacheFolder;
import resguardo.core.RegistrationKey;
import resguardo.core.Sha256;
import resguardo.core.version.Chunk;
import resguardo.core.version.Entry;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.Place;
import resguardo.core.version.Placed;
import resguardo.testkit.versions.MadeEntries;

class LongLinesTest {
  private static final long MEMORY = 72L << 20;
  private static final long GIB = 1L << 30;

  private static Entry file(long size) {
    return MadeEntries.file("srv/image", size);
  }

  @Test
  void whatAnAgentAsItIsStartedReadsOrNot() {
    LongLines.Bound bound = new LongLines(MEMORY).upTo(null);
    assertThat(bound.fits(file(64 * GIB))).isTrue();
    assertThat(bound.fits(file(150 * GIB))).isTrue();
    assertThat(bound.fits(file(200 * GIB))).isFalse();
    assertThat(bound.fits(file(Long.MAX_VALUE))).isFalse();
    assertThat(new LongLines(8 * MEMORY).upTo(null).fits(file(500 * GIB))).isTrue();
    assertThat(new LongLines(8 * MEMORY).upTo(8 << 20).fits(file(200 * GIB))).isFalse();
    assertThat(new LongLines(MEMORY).upTo(Integer.MAX_VALUE).fits(file(200 * GIB))).isFalse();
  }

  @Test
  void filesThatTakeMuchMemoryAreReadOneAfterTheOther() throws Exception {
    LongLines lines = new LongLines(MEMORY);
    LongLines.Held first = lines.upTo(null).hold(file(100 * GIB), () -> {});
    CountDownLatch waits = new CountDownLatch(1);
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      Future<Boolean> second =
          thread.submit(
              () -> {
                try (LongLines.Held held =
                    lines.upTo(null).hold(file(100 * GIB), waits::countDown)) {
                  return held.isLong();
                }
              });
      assertThat(waits.await(1, TimeUnit.MINUTES)).isTrue();
      assertThat(second.isDone()).isFalse();
      try (LongLines.Held small = lines.upTo(null).hold(file(GIB), () -> {})) {
        assertThat(small.isLong()).isFalse();
      }
      first.close();
      assertThat(second.get(1, TimeUnit.MINUTES)).isTrue();
    } finally {
      thread.shutdownNow();
    }
    lines.upTo(null).hold(file(100 * GIB), () -> {}).close();
  }

  /** It may never be read to its end. */
  @Test
  void whatHangsGivesItsRoomBackOnce() throws Exception {
    LongLines lines = new LongLines(MEMORY);
    LongLines.Bound hung = lines.upTo(null);
    hung.letGo();
    LongLines.Held first = hung.hold(file(100 * GIB), () -> {});
    hung.letGo();
    LongLines.Held second = lines.upTo(null).hold(file(100 * GIB), () -> {});
    first.close();
    AtomicInteger waited = new AtomicInteger();
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(
            () ->
                lines
                    .upTo(null)
                    .hold(
                        file(100 * GIB),
                        () -> {
                          if (waited.incrementAndGet() == 2) {
                            throw new IOException("the second has it");
                          }
                        }));
    second.close();
    lines.upTo(null).hold(file(100 * GIB), () -> {}).close();
  }

  @Test
  void whoIsNotWantedAnyMoreDoesNotWait() throws Exception {
    LongLines lines = new LongLines(MEMORY);
    LongLines.Held first = lines.upTo(null).hold(file(100 * GIB), () -> {});
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(
            () ->
                lines
                    .upTo(null)
                    .hold(
                        file(100 * GIB),
                        () -> {
                          throw new IOException("cancelled");
                        }))
        .withMessage("cancelled");
    first.close();
    lines.upTo(null).hold(file(100 * GIB), () -> {}).close();
  }

  /** How many chunks a file has is known when it was read. */
  @Test
  void aLineThatTurnsOutToBeTooLongIsWrittenWithoutItsChunks(@TempDir Path caches)
      throws Exception {
    ByteArrayOutputStream edit = new ByteArrayOutputStream();
    LongLines.Bound bound = new LongLines(MEMORY).upTo(1000);
    Warnings warnings = new Warnings(true);
    RegistrationKey key = Rounds.KEY;
    try (NewLines lines =
        new NewLines(
            new CacheFolder(caches, Clock.systemUTC()),
            key,
            null,
            edit::writeBytes,
            warnings,
            bound)) {
      Sha256 digest = Sha256.of(new byte[0]);
      Chunk chunk = new Chunk(1, 0, 1, 1, digest);
      Entry file = file(20).read(digest, null);
      lines
          .adding(1)
          .placed(new Placed(file, new Place(null, null, Collections.nCopies(20, chunk))));
      assertThat(lines.finish().totals().warnings()).isEqualTo(1);
    }
    String line = edit.toString(StandardCharsets.UTF_8);
    Placed written =
        EntryCodec.read(line.substring(0, line.length() - 1).getBytes(StandardCharsets.UTF_8));
    assertThat(written.entry().warning()).isEqualTo(Entry.Warning.UNREADABLE);
    assertThat(written.entry().digest()).isNull();
    assertThat(written.place().isNone()).isTrue();
    assertThat(warnings.fatal()).isTrue();
    assertThat(bound.told()).hasValueSatisfying(told -> assertThat(told).contains("/srv/image"));
  }
}
