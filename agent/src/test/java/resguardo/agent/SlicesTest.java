package resguardo.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.RawPath;
import resguardo.core.SliceLimit;

/** Sets that go in slices: each is the base of the next, and the last has all. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class SlicesTest {
  @AutoClose("shutdown")
  private static final ExecutorService THREADS = Executors.newFixedThreadPool(2);

  private static final int MIB = 1024 * 1024;

  /** What is being compressed when a slice is full comes after all, and the headers of chunks. */
  private static final int MORE = 7 * MIB;

  @TempDir Path folder;

  private Path set;
  private Rounds rounds;
  private long sent;

  @BeforeEach
  void makeSet() throws IOException {
    set = Files.createDirectory(folder.resolve("set"));
    rounds = new Rounds(set, RawPath.parse("set"), folder.resolve("work"), THREADS);
    rounds.slice(new SliceLimit(2 * MIB, 600), 0);
  }

  private void write(String name, int seed, int size) throws IOException {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    Files.write(set.resolve(name), bytes);
  }

  private Rounds.Round next() throws Exception {
    Rounds.Round round = rounds.next(false);
    sent += round.archive().length;
    return round;
  }

  /** Rounds until one comes to the end; how many ended before it. */
  private int toTheEnd() throws Exception {
    int slices = 0;
    RawPath last = RawPath.parse("");
    for (Rounds.Round round = next(); round.upTo() != null; round = next()) {
      assertThat(round.upTo()).isGreaterThanOrEqualTo(last);
      assertThat(round.archive().length).isLessThan(2 * MIB + MORE);
      last = round.upTo();
      slices++;
    }
    return slices;
  }

  private void restoresEqual() throws Exception {
    Path tgz = Files.write(folder.resolve("composed.tgz"), rounds.composed());
    Path out = Files.createTempDirectory(folder, "out");
    run("tar", "-xzpf", tgz.toString(), "-C", out.toString());
    run("diff", "-r", "--no-dereference", set.toString(), out.resolve("set").toString());
  }

  private static void run(String... words) throws Exception {
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    try (InputStream said = process.getInputStream()) {
      String all = new String(said.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(all).isZero();
    }
  }

  @Test
  void manyFilesGoInSlicesAndNothingGoesTwice() throws Exception {
    for (int i = 0; i < 60; i++) {
      write("f" + (100 + i), i, 500_000);
    }
    assertThat(toTheEnd()).isGreaterThan(3);
    assertThat(sent).isBetween(30_000_000L, 31_000_000L);
    restoresEqual();
    assertThat(next().changed()).isFalse();
  }

  @Test
  void aFileThatIsLargerThanASliceIsCutAndReadOnFromTheCut() throws Exception {
    write("a", 1, 100);
    write("large", 2, 40 * MIB);
    write("z", 3, 100);
    assertThat(next().upTo()).isEqualTo(RawPath.parse("set/large"));
    assertThat(next().opened()).as("no more than a slice is read").isLessThan(15 * MIB);
    assertThat(toTheEnd()).isGreaterThan(1);
    assertThat(sent).isBetween(40L * MIB, 42L * MIB);
    restoresEqual();
    assertThat(next().changed()).isFalse();
  }

  @Test
  void anAgentThatWasRestartedReadsABegunFileAgainAndSendsOnlyTheRest() throws Exception {
    write("large", 2, 30 * MIB);
    next();
    rounds.restart();
    assertThat(next().upTo()).isEqualTo(RawPath.parse("set/large"));
    rounds.restart();
    toTheEnd();
    assertThat(sent).isBetween(30L * MIB, 32L * MIB);
    restoresEqual();
  }

  @Test
  void aBegunFileThatChangedMeanwhileIsReadFromItsBeginning() throws Exception {
    write("large", 2, 30 * MIB);
    next();
    try (RandomAccessFile file = new RandomAccessFile(set.resolve("large").toFile(), "rw")) {
      file.seek(10);
      file.write("changed".getBytes(StandardCharsets.UTF_8));
    }
    toTheEnd();
    assertThat(sent).isLessThan(36L * MIB);
    restoresEqual();
  }

  @Test
  void aFileThatAlwaysChangesKeepsNothingFromComingToTheEnd() throws Exception {
    for (int i = 0; i < 40; i++) {
      write("f" + (100 + i), i, 500_000);
    }
    int slices = 0;
    RawPath last = RawPath.parse("");
    write("a", 1000, 9 * MIB);
    for (RawPath upTo = next().upTo(); upTo != null; upTo = next().upTo()) {
      assertThat(upTo).isGreaterThanOrEqualTo(last);
      assertThat(++slices).isLessThan(20);
      last = upTo;
      write("a", 1000 + slices, 9 * MIB);
    }
    assertThat(slices).isGreaterThan(2);
    restoresEqual();
  }

  @Test
  void changesOfAnEarlierVersionGoInSlicesAndWhatIsGoneIsGoneAtTheEnd() throws Exception {
    for (int i = 0; i < 40; i++) {
      write("f" + (100 + i), i, 400_000);
    }
    rounds.slice(SliceLimit.USUAL, 0);
    assertThat(next().upTo()).isNull();
    rounds.slice(new SliceLimit(2 * MIB, 600), 0);
    for (int i = 5; i < 35; i++) {
      write("f" + (100 + i), 500 + i, 400_000);
    }
    Files.delete(set.resolve("f101"));
    Files.delete(set.resolve("f139"));
    Rounds.Round first = next();
    assertThat(first.upTo()).isNotNull();
    assertThat(rounds.lines()).as("not come to yet").anyMatch(line -> line.contains("f139"));
    assertThat(rounds.lines()).noneMatch(line -> line.contains("f101"));
    assertThat(toTheEnd()).isPositive();
    assertThat(rounds.lines()).noneMatch(line -> line.contains("f139"));
    restoresEqual();
  }

  @Test
  void aSetThatChangesBackAfterASliceEndsAsItWas() throws Exception {
    for (int i = 0; i < 40; i++) {
      write("f" + (100 + i), i, 400_000);
    }
    rounds.slice(SliceLimit.USUAL, 0);
    Rounds.Round version = next();
    rounds.slice(new SliceLimit(2 * MIB, 600), 0);
    for (int i = 0; i < 40; i++) {
      write("g" + (100 + i), i, 400_001);
    }
    assertThat(next().upTo()).isNotNull();
    for (int i = 0; i < 40; i++) {
      Files.delete(set.resolve("g" + (100 + i)));
    }
    Files.setLastModifiedTime(set, java.nio.file.attribute.FileTime.fromMillis(0));
    Rounds.Round last = next();
    assertThat(last.upTo()).isNull();
    assertThat(last.totals().files()).isEqualTo(version.totals().files());
    restoresEqual();
  }

  @Test
  void timeEndsASliceTooButNeverBeforeSomethingNewIsInIt() throws Exception {
    for (int i = 0; i < 30; i++) {
      write("f" + (100 + i), i, 1000);
    }
    rounds.slice(new SliceLimit(1L << 30, 5), 1);
    assertThat(toTheEnd()).isGreaterThan(3);
    restoresEqual();
    rounds.slice(new SliceLimit(1L << 30, 1), 10);
    write("f110", 99, 1000);
    write("f120", 98, 1000);
    assertThat(next().upTo()).isEqualTo(RawPath.parse("set/f110"));
    assertThat(next().upTo()).isEqualTo(RawPath.parse("set/f120"));
    assertThat(next().changed()).isFalse();
    restoresEqual();
  }

  @Test
  void anAgentThatForgotAllLearnsItInSlicesWithoutSendingAnything() throws Exception {
    for (int i = 0; i < 30; i++) {
      write("f" + (100 + i), i, 1000);
    }
    next();
    sent = 0;
    rounds.forget();
    rounds.sendBase();
    rounds.slice(new SliceLimit(1L << 30, 5), 1);
    assertThat(toTheEnd()).isGreaterThan(3);
    assertThat(sent).isZero();
    assertThat(next().opened()).isZero();
  }
}
