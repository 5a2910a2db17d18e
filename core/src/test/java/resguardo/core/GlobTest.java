package resguardo.core;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.time.Duration;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {
  private static final RawPath NONE = RawPath.parse("");

  private static boolean matches(String pattern, String path) {
    return Glob.below(NONE, RawPath.parse(pattern)).matchesOrHolds(RawPath.parse(path));
  }

  @ParameterizedTest
  @CsvSource({
    "*.log, a.log",
    "*.log, .log",
    "*, .hidden",
    "a*z, az",
    "*a*b*, xaxbx",
    "?, é",
    "[a-c]x, bx",
    "[!a-c]x, dx",
    "[^a]x, bx",
    "[]]x, ]x",
    "[a-]x, -x",
    "[é-ü], ö",
    "[x, [x",
    "a\\*b, a*b",
    "logs/*, logs/a",
    "logs/*, logs/a/b/c",
    "logs, logs/a",
    "**/x, x",
    "**/x, a/b/x",
    "a/**/x, a/x",
    "a/**/b/**/x, a/q/b/b/x",
    "a/**, a",
    "a/**, a/b/c",
    "**, anything/at/all",
    "//a//b/, a/b"
  })
  void whatFits(String pattern, String path) {
    assertThat(matches(pattern, path)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "*.log, a.log2",
    "*.log, d/a.log",
    "?, ab",
    "?, ''",
    "[a-c]x, dx",
    "[!a-c]x, bx",
    "a\\*b, axb",
    "logs/*, logs",
    "logs/*/x, logs/x",
    "logs/*/x, logs/a/b/x",
    "a/**/x, a/y",
    "**/x, a/xx",
    "a*, b/a",
    "abc, ab"
  })
  void whatDoesNotFit(String pattern, String path) {
    assertThat(matches(pattern, path)).isFalse();
  }

  @Test
  void aByteThatIsNoCharacterIsOneByItself() {
    RawPath name = RawPath.ofBytes("caf\u00e9.txt".getBytes(ISO_8859_1));
    for (String pattern : new String[] {"caf?.txt", "caf*", "%:caf%E9.*", "caf[!a-z].txt"}) {
      assertThat(Glob.below(NONE, RawPath.parse(pattern)).matchesOrHolds(name))
          .as(pattern)
          .isTrue();
    }
    assertThat(matches("%:caf%E9.*", "café.txt")).isFalse();
  }

  @Test
  void theFolderThatAPatternIsBelowStandsForItself() {
    Glob glob = Glob.below(RawPath.parse("srv/a*"), RawPath.parse("x*"));
    assertThat(glob.matchesOrHolds(RawPath.parse("srv/a*/x1"))).isTrue();
    assertThat(glob.matchesOrHolds(RawPath.parse("srv/ab/x1"))).isFalse();
    assertThat(glob.literalBegin()).isEqualTo(RawPath.parse("srv/a*/x"));
  }

  @ParameterizedTest
  @CsvSource({"a/b*/c, a/b", "*, ''", "a/**/b, a", "a\\*b/c?, a*b/c", "a/[x, a/[x", "a/[x], a/"})
  void theBeginningThatStandsForItself(String pattern, String begin) {
    assertThat(Glob.below(NONE, RawPath.parse(pattern)).literalBegin())
        .isEqualTo(RawPath.parse(begin));
  }

  @Test
  void whatIsAPattern() {
    assertThat(Glob.isPattern(RawPath.parse("a/b c/-"))).isFalse();
    for (String pattern : new String[] {"a*", "a?", "[a"}) {
      assertThat(Glob.isPattern(RawPath.parse(pattern))).isTrue();
    }
  }

  @Test
  void aPatternMeantToHurtIsAnsweredSoon() {
    String name = "a".repeat(250);
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          assertThat(matches("*a".repeat(100) + "b", name)).isFalse();
          assertThat(matches("**/a/".repeat(50) + "b", (name + "/").repeat(60))).isFalse();
        });
  }

  /** The JDK's own patterns, where they mean the same: within one name. */
  @Property
  void aNameFitsWhereItFitsTheJdk(
      @ForAll("patterns") String pattern, @ForAll("names") String name) {
    boolean jdk = FileSystems.getDefault().getPathMatcher("glob:" + pattern).matches(Path.of(name));
    assertThat(matches(pattern, name)).as("%s on %s", pattern, name).isEqualTo(jdk);
  }

  @Provide
  Arbitrary<String> patterns() {
    return Arbitraries.of("a", "b", "*", "?", "[ab]", "[!a]", "[a-c]", "\\*")
        .list()
        .ofMinSize(1)
        .ofMaxSize(7)
        .map(parts -> String.join("", parts))
        .filter(pattern -> !pattern.contains("**"));
  }

  @Provide
  Arbitrary<String> names() {
    return Arbitraries.of("a", "b", "c", "*", ".")
        .list()
        .ofMinSize(1)
        .ofMaxSize(8)
        .map(parts -> String.join("", parts));
  }
}
