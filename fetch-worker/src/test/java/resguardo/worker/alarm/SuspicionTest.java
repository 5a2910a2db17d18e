package resguardo.worker.alarm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import resguardo.core.AlarmLimits;
import resguardo.core.version.Alarm;
import resguardo.core.version.Alarm.Sign;

/** What is suspicious, and what is a day's work. */
class SuspicionTest {
  private static final String NOTE = "srv/docs/README-TO-DECRYPT.txt";
  private static final int MANY = 60;
  private static final int KIB = 1024;
  private static final int MIB = 1024 * KIB;

  private Path spool;

  @BeforeEach
  @BeforeProperty
  void makeFolder() throws IOException {
    spool = Files.createTempDirectory("suspicion");
  }

  @AfterEach
  @AfterProperty
  void removeFolder() throws IOException {
    Files.delete(spool); // whoever reads a manifest has left nothing
  }

  private static byte[] text(int seed, int bytes) {
    Random random = new Random(seed);
    StringBuilder out = new StringBuilder();
    while (out.length() < bytes) {
      out.append("on day ").append(random.nextInt(9999)).append(" it was written that ");
    }
    return Arrays.copyOf(out.toString().getBytes(StandardCharsets.US_ASCII), bytes);
  }

  private static byte[] noise(int seed, int bytes) {
    byte[] noise = new byte[bytes];
    new Random(seed).nextBytes(noise);
    return noise;
  }

  private static String name(int i) {
    return String.format("srv/docs/%03d.txt", i);
  }

  private static TreeMap<String, byte[]> texts(int many, int bytes) {
    TreeMap<String, byte[]> files = new TreeMap<>();
    for (int i = 0; i < many; i++) {
      files.put(name(i), text(i, bytes));
    }
    return files;
  }

  private static TreeMap<String, byte[]> photos(int many) {
    TreeMap<String, byte[]> files = new TreeMap<>();
    for (int i = 0; i < many; i++) {
      files.put(String.format("srv/%03d.jpg", i), noise(i, 20 * KIB));
    }
    return files;
  }

  private static Stream<String> firstOf(TreeMap<String, byte[]> files, int many) {
    return List.copyOf(files.keySet()).stream().limit(many);
  }

  private Optional<Alarm> look(AlarmLimits limits, PackedSet before, PackedSet now) {
    try {
      return new Suspicion(limits, before.header(), now.totals())
          .look(Suspicion.News.UNKNOWN, () -> before.manifest(spool), now::each);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** Of a set of which only what is new comes. */
  private Optional<Alarm> lookAtEdit(PackedSet before, PackedSet now) {
    try {
      return new Suspicion(AlarmLimits.USUAL, before.header(), now.totals())
          .look(
              new Suspicion.News(before.totals().entries(), 1 << 30, false),
              () -> before.manifest(spool),
              now::each);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private Optional<Alarm> look(TreeMap<String, byte[]> before, TreeMap<String, byte[]> now) {
    PackedSet first = PackedSet.of(before);
    return look(AlarmLimits.USUAL, first, first.then(now));
  }

  private void assertSigns(
      TreeMap<String, byte[]> before, TreeMap<String, byte[]> now, Sign... signs) {
    assertThat(look(before, now).map(Alarm::signs).orElse(List.of())).containsExactly(signs);
  }

  /** How malware names what it has encrypted. */
  enum Naming {
    AS_BEFORE,
    APPENDED,
    REPLACED,
    AT_RANDOM;

    String of(String name, int i) {
      return switch (this) {
        case AS_BEFORE -> name;
        case APPENDED -> name + ".locked";
        case REPLACED -> name.replace(".txt", ".locked");
        case AT_RANDOM -> "srv/docs/" + Integer.toHexString(i * 7_919 + 100_003);
      };
    }
  }

  /** The first of the files as malware leaves them, and a note to whom to pay. */
  private static TreeMap<String, byte[]> encrypted(
      TreeMap<String, byte[]> files, int many, Naming naming) {
    TreeMap<String, byte[]> after = new TreeMap<>(files);
    int i = 0;
    for (String name : firstOf(files, many).toList()) {
      byte[] content = after.remove(name);
      after.put(naming.of(name, i), noise(1000 + i, content.length + 256));
      i++;
    }
    after.put(NOTE, text(5, 2 * KIB));
    return after;
  }

  @ParameterizedTest
  @EnumSource
  void textsThatAreEncryptedAreChangedAndCannotBeCompressed(Naming naming) {
    TreeMap<String, byte[]> files = texts(MANY, 8 * KIB);
    Alarm alarm = look(files, encrypted(files, MANY, naming)).orElseThrow();
    assertThat(alarm.signs()).containsExactly(Sign.CHANGED, Sign.ENTROPY);
    assertThat(alarm.filesBefore()).isEqualTo(MANY);
    assertThat(alarm.filesChanged()).isEqualTo(MANY);
    assertThat(alarm.filesIncompressible()).isEqualTo(MANY);
    assertThat(alarm.text())
        .contains("60 of 60 files have other content (100 %)", "as if they were encrypted");
  }

  @ParameterizedTest
  @ValueSource(ints = {1100, 3 * KIB, 100 * KIB, 400 * KIB})
  void filesOfAnySizeAreSeenThrough(int bytes) {
    TreeMap<String, byte[]> files = texts(24, bytes);
    assertSigns(files, encrypted(files, 24, Naming.APPENDED), Sign.CHANGED, Sign.ENTROPY);
  }

  @Test
  void aPartIsEnoughWhereItCannotBeCompressedAnyMore() {
    TreeMap<String, byte[]> files = texts(100, 4 * KIB);
    assertSigns(files, encrypted(files, 20, Naming.AS_BEFORE), Sign.ENTROPY);
    assertSigns(files, encrypted(files, 19, Naming.AS_BEFORE));
  }

  @ParameterizedTest
  @EnumSource(names = {"AS_BEFORE", "APPENDED"})
  void oneLargeFileThatIsEncryptedIsWeighed(Naming naming) {
    TreeMap<String, byte[]> files = texts(3, 4 * KIB);
    files.put("srv/docs/a.mdf", text(1, 17 * MIB));
    TreeMap<String, byte[]> after = new TreeMap<>(files);
    after.remove("srv/docs/a.mdf");
    after.put(naming.of("srv/docs/a.mdf", 0), noise(1, 17 * MIB));
    Alarm alarm = look(files, after).orElseThrow();
    assertThat(alarm.signs()).containsExactly(Sign.ENTROPY);
    assertThat(alarm.bytesIncompressible()).isEqualTo(17L * MIB);
  }

  @Test
  void photosThatAreEncryptedAreChangedThoughTheyCouldNeverBeCompressed() {
    TreeMap<String, byte[]> files = photos(MANY);
    assertSigns(files, encrypted(files, MANY, Naming.AS_BEFORE), Sign.CHANGED);
    assertSigns(files, encrypted(files, MANY, Naming.APPENDED), Sign.CHANGED);
  }

  @Test
  void filesThatAreGoneAreMissed() {
    TreeMap<String, byte[]> files = texts(MANY, KIB);
    TreeMap<String, byte[]> half = new TreeMap<>(files);
    firstOf(files, MANY / 2).forEach(half::remove);
    assertSigns(files, half, Sign.SHRUNK);
    half.put(name(0), files.get(name(0)));
    assertSigns(files, half);
    assertSigns(files, new TreeMap<>(), Sign.SHRUNK);
  }

  @Test
  void aDumpThatIsEmptyIsMissed() {
    TreeMap<String, byte[]> files = new TreeMap<>();
    files.put("srv/dump.sql", text(1, 17 * MIB));
    TreeMap<String, byte[]> after = new TreeMap<>();
    after.put("srv/dump.sql", new byte[0]);
    assertSigns(files, after, Sign.SHRUNK);
  }

  @Test
  void aFewFilesRaiseNoneWhateverBecomesOfThem() {
    TreeMap<String, byte[]> files = texts(19, 8 * KIB);
    assertSigns(files, encrypted(files, 19, Naming.AS_BEFORE));
    assertSigns(files, encrypted(files, 19, Naming.APPENDED));
    assertSigns(files, new TreeMap<>());
    assertSigns(new TreeMap<>(), files);
  }

  @Test
  void logsThatGrowAndAreRotatedRaiseNone() {
    TreeMap<String, byte[]> logs = new TreeMap<>();
    for (int i = 0; i < 30; i++) {
      byte[] all = text(i, 600 * KIB);
      logs.put("srv/" + i + ".log", Arrays.copyOf(all, (i + 1) * 15 * KIB));
      logs.put("srv/" + i + ".log.1", text(100 + i, 20 * KIB));
      logs.put("srv/" + i + ".log.2", text(200 + i, 20 * KIB));
    }
    TreeMap<String, byte[]> grown = new TreeMap<>(logs);
    for (int i = 0; i < 30; i++) {
      grown.put("srv/" + i + ".log", Arrays.copyOf(text(i, 600 * KIB), (i + 1) * 18 * KIB));
    }
    assertSigns(logs, grown);
    TreeMap<String, byte[]> rotated = new TreeMap<>(logs);
    for (int i = 0; i < 30; i++) {
      rotated.put("srv/" + i + ".log", text(300 + i, KIB));
      rotated.put("srv/" + i + ".log.1", logs.get("srv/" + i + ".log"));
      rotated.put("srv/" + i + ".log.2", logs.get("srv/" + i + ".log.1"));
    }
    assertSigns(logs, rotated);
  }

  @Test
  void aFolderThatIsMovedAndPhotosThatComeRaiseNone() {
    TreeMap<String, byte[]> files = photos(MANY);
    TreeMap<String, byte[]> moved = new TreeMap<>();
    files.forEach((name, content) -> moved.put(name.replace("srv/", "srv/2026/"), content));
    moved.putAll(texts(3, KIB));
    assertSigns(files, moved);
    TreeMap<String, byte[]> more = new TreeMap<>(files);
    for (int i = 0; i < 200; i++) {
      more.put("srv/new/" + i + ".jpg", noise(9000 + i, 10 * KIB));
    }
    assertSigns(files, more);
  }

  @Test
  void otherModesAndTimesOfAllFilesRaiseNone() {
    PackedSet before = PackedSet.of(texts(MANY, 4 * KIB));
    assertThat(look(AlarmLimits.USUAL, before, before.chmod())).isEmpty();
  }

  @Test
  void whatIsAddedToALargeFileIsNoReplacementOfIt() {
    TreeMap<String, byte[]> files = texts(3, KIB);
    byte[] image = Arrays.copyOf(text(1, 20 * MIB), 24 * MIB);
    files.put("srv/image", Arrays.copyOf(image, 20 * MIB));
    TreeMap<String, byte[]> after = new TreeMap<>(files);
    System.arraycopy(noise(1, 2 * MIB), 0, image, 20 * MIB, 2 * MIB);
    after.put("srv/image", image);
    assertSigns(files, after);
  }

  @ParameterizedTest
  @ValueSource(ints = {1100, 8 * KIB, 400 * KIB})
  void otherContentUnderTheDigestsOfBeforeIsSeen(int bytes) {
    TreeMap<String, byte[]> files = texts(24, bytes);
    TreeMap<String, byte[]> garbage = new TreeMap<>();
    files.forEach((name, content) -> garbage.put(name, noise(name.hashCode(), content.length)));
    PackedSet before = PackedSet.of(files);
    Alarm alarm = lookAtEdit(before, before.lying(garbage)).orElseThrow();
    assertThat(alarm.signs()).containsExactly(Sign.CHANGED, Sign.ENTROPY);
    assertThat(alarm.filesChanged()).isEqualTo(24);
    assertThat(alarm.filesIncompressible()).isEqualTo(24);
    PackedSet touched = before.lying(garbage).chmod();
    assertThat(lookAtEdit(before, touched).orElseThrow().signs())
        .as("with other times too")
        .contains(Sign.CHANGED);
    assertThat(look(AlarmLimits.USUAL, before, before.lying(files)))
        .as("where a set is brought whole all of it lies elsewhere")
        .isEmpty();
  }

  @Test
  void filesThatAreSaidToLieWhereOthersDoAreSeen() {
    PackedSet before = PackedSet.of(texts(MANY, 4 * KIB));
    assertThat(lookAtEdit(before, before.shifted()).orElseThrow().signs())
        .containsExactly(Sign.CHANGED);
  }

  @Test
  void aLargeFileThatCameAgainIsWeighed() {
    TreeMap<String, byte[]> files = texts(3, KIB);
    files.put("srv/image", text(1, 20 * MIB));
    PackedSet before = PackedSet.of(files);
    PackedSet lying = before.lying(new TreeMap<>(Map.of("srv/image", noise(1, 20 * MIB))));
    Alarm alarm = lookAtEdit(before, lying).orElseThrow();
    assertThat(alarm.signs()).containsExactly(Sign.ENTROPY);
    assertThat(alarm.filesChanged()).isEqualTo(1);
  }

  @Property(tries = 15)
  void anEditOfAnHonestAgentHasNothingAgain(
      @ForAll @IntRange(min = 20, max = 60) int many,
      @ForAll @IntRange(min = 0, max = 100) int percentRewritten,
      @ForAll @IntRange(min = 600, max = 60 * KIB) int bytes) {
    TreeMap<String, byte[]> files = texts(many, bytes);
    TreeMap<String, byte[]> after = new TreeMap<>(files);
    firstOf(files, many * percentRewritten / 100)
        .forEach(name -> after.put(name, text(1_000_000 + name.hashCode(), bytes)));
    PackedSet before = PackedSet.of(files);
    for (PackedSet now : List.of(before.then(after), before.then(after).chmod())) {
      assertThat(lookAtEdit(before, now)).isEqualTo(look(AlarmLimits.USUAL, before, now));
    }
  }

  @Test
  void whatCannotBeComparedIsSuspiciousByItselfUnlessThereIsNextToNothing() {
    for (int files : List.of(1, 19, 20, 60)) {
      PackedSet before = PackedSet.of(texts(files, KIB));
      PackedSet now = before.then(texts(files, KIB));
      Optional<Alarm> alarm =
          new Suspicion(AlarmLimits.USUAL, before.header(), now.totals()).uncompared();
      assertThat(alarm.map(Alarm::signs).orElse(List.of()))
          .isEqualTo(files < Alarm.FEW ? List.of() : List.of(Sign.UNCOMPARED));
      assertThat(new Suspicion(AlarmLimits.NEVER, before.header(), now.totals()).uncompared())
          .isEmpty();
    }
  }

  @Test
  void theLimitsAreThoseOfTheRegistration() {
    TreeMap<String, byte[]> files = texts(100, 4 * KIB);
    PackedSet before = PackedSet.of(files);
    PackedSet changed = before.then(encrypted(files, 60, Naming.AS_BEFORE));
    assertThat(look(AlarmLimits.NEVER, before, changed)).isEmpty();
    assertThat(look(new AlarmLimits(0, 60, 0), before, changed).orElseThrow().signs())
        .containsExactly(Sign.CHANGED);
    assertThat(look(new AlarmLimits(0, 61, 0), before, changed)).isEmpty();
    assertThat(look(new AlarmLimits(0, 0, 60), before, changed).orElseThrow().signs())
        .containsExactly(Sign.ENTROPY);
    assertThat(look(new AlarmLimits(0, 0, 61), before, changed)).isEmpty();
    TreeMap<String, byte[]> fewer = new TreeMap<>(files);
    firstOf(files, 30).forEach(fewer::remove);
    PackedSet shrunk = before.then(fewer);
    assertThat(look(new AlarmLimits(30, 0, 0), before, shrunk).orElseThrow().signs())
        .containsExactly(Sign.SHRUNK);
    assertThat(look(new AlarmLimits(31, 0, 0), before, shrunk)).isEmpty();
  }

  @Test
  void linesAreReadOnlyWhereSoMuchCameThatItCouldMatter() throws Exception {
    TreeMap<String, byte[]> files = texts(100, 4 * KIB);
    PackedSet before = PackedSet.of(files);
    PackedSet now = before.then(encrypted(files, 100, Naming.AS_BEFORE));
    for (Suspicion.News news :
        List.of(
            new Suspicion.News(19, 7L * MIB, true),
            new Suspicion.News(20, 0, true),
            new Suspicion.News(0, 8L * MIB, true))) {
      AtomicBoolean opened = new AtomicBoolean();
      Optional<Alarm> alarm =
          new Suspicion(AlarmLimits.USUAL, before.header(), now.totals())
              .look(
                  news,
                  () -> {
                    opened.set(true);
                    return before.manifest(spool);
                  },
                  now::each);
      boolean could = news.lines() == 20 || news.archiveBytes() == 8L * MIB;
      assertThat(opened.get()).as("%s", news).isEqualTo(could);
      assertThat(alarm.isPresent()).isEqualTo(could);
    }
  }

  @Property(tries = 40)
  void aDaysWorkRaisesNone(
      @ForAll @IntRange(min = 1, max = 80) int many,
      @ForAll @IntRange(min = 0, max = 49) int percentRewritten,
      @ForAll @IntRange(min = 0, max = 80) int grown,
      @ForAll @IntRange(min = 0, max = 80) int added,
      @ForAll long seed) {
    Random random = new Random(seed);
    TreeMap<String, byte[]> files = texts(many, 3 * KIB);
    photos(many / 4).forEach(files::put);
    TreeMap<String, byte[]> after = new TreeMap<>(files);
    firstOf(files, grown)
        .forEach(
            name -> {
              byte[] old = after.get(name);
              byte[] longer = Arrays.copyOf(old, old.length + 1 + random.nextInt(2 * KIB));
              byte[] more = name.endsWith("txt") ? text(random.nextInt(), 2 * KIB) : noise(1, 9);
              int length = Math.min(more.length, longer.length - old.length);
              System.arraycopy(more, 0, longer, old.length, length);
              after.put(name, name.endsWith("txt") ? longer : old);
            });
    firstOf(files, files.size() * percentRewritten / 100)
        .filter(name -> name.endsWith("txt"))
        .forEach(name -> after.put(name, text(random.nextInt(), 3 * KIB)));
    for (int i = 0; i < added; i++) {
      after.put("srv/new/" + i, i % 2 == 0 ? text(random.nextInt(), KIB) : noise(i, 9 * KIB));
    }
    assertThat(look(files, after)).isEmpty();
  }

  @Property(tries = 40)
  void whateverIsEncryptedIsSeen(
      @ForAll @IntRange(min = 20, max = 80) int many,
      @ForAll @IntRange(min = 50, max = 100) int percent,
      @ForAll @IntRange(min = 1200, max = 9000) int bytes,
      @ForAll Naming naming) {
    TreeMap<String, byte[]> files = texts(many, bytes);
    int hit = Math.max(20, (many * percent + 99) / 100);
    TreeMap<String, byte[]> after = encrypted(files, hit, naming);
    // It shares the last member with some of them, whose mean then tells too little of each to
    // count them exactly.
    after.remove(NOTE);
    Alarm alarm = look(files, after).orElseThrow();
    assertThat(alarm.signs()).containsExactly(Sign.CHANGED, Sign.ENTROPY);
    assertThat(alarm.filesChanged()).isEqualTo(hit);
  }
}
