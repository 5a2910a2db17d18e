package resguardo.agent.ignore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.eclipse.jgit.ignore.FastIgnoreRule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import resguardo.core.RawPath;

class LinearRuleTest {
  private static final List<String> PARTS =
      List.of(
          "*",
          "*",
          "*",
          "*",
          "**/",
          "/**",
          "/",
          "/",
          "a",
          "a",
          "b",
          "?",
          "[ab]",
          "[!a]",
          "[^b]",
          "[a-c]",
          "[[:alpha:]]",
          "\\*",
          "\\?",
          "\\[",
          ".",
          " ",
          "\t",
          "\u0085",
          "\u00a0",
          "\f",
          "!",
          "^",
          "-",
          "+",
          "(",
          "\u00e9");

  private static final String CHARACTERS = "aaabbbccc///.*?[! ^-+(\u00e9\n\t\u0085";

  private static String pattern(Random random) {
    StringBuilder pattern = new StringBuilder();
    for (int i = 1 + random.nextInt(8); i > 0; i--) {
      pattern.append(PARTS.get(random.nextInt(PARTS.size())));
    }
    return pattern.toString();
  }

  private static String path(Random random) {
    StringBuilder path = new StringBuilder("a");
    for (int i = random.nextInt(8); i > 0; i--) {
      path.append(CHARACTERS.charAt(random.nextInt(CHARACTERS.length())));
    }
    return path.append('b').toString().replaceAll("/+", "/").substring(random.nextInt(2));
  }

  /** A rule has the same answers whoever matches it. */
  @Test
  void itMatchesWhatTheLibraryMatches() {
    Random random = new Random(42);
    int linear = 0;
    int matched = 0;
    for (int i = 0; i < 60_000; i++) {
      String pattern = pattern(random);
      if (!(LinearRule.of(pattern) instanceof LinearRule rule)) {
        continue;
      }
      linear++;
      FastIgnoreRule library = new FastIgnoreRule(pattern);
      for (int j = 0; j < 20; j++) {
        String path = path(random).replaceFirst("^/", "");
        boolean folder = random.nextBoolean();
        boolean expected = library.isMatch(path, folder, true);
        matched += expected ? 1 : 0;
        assertThat(rule.isMatch(path, folder, true))
            .as("%s for %s, %s", pattern, path, folder ? "a folder" : "a file")
            .isEqualTo(expected);
      }
      assertThat(rule.getResult()).isEqualTo(library.getResult());
    }
    assertThat(linear).isGreaterThan(5_000);
    assertThat(matched).isGreaterThan(5_000);
  }

  /** Matched by trying all ways, they take minutes. */
  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS)
  void tenThousandRulesOfSeveralAsterisksTakeNoLongForTheLongestName() {
    FastIgnoreRule one = LinearRule.of("*a*a*b");
    FastIgnoreRule inFolders = LinearRule.of("**/*a*a*b/x");
    IgnoreRules rules =
        IgnoreRules.NONE
            .with(Collections.nCopies(5_000, one), 0, 0, RawPath.parse("set"))
            .with(Collections.nCopies(5_000, inFolders), 0, 0, RawPath.parse("set"));
    RawPath name = RawPath.parse("set/" + "a".repeat(255));
    assertThat(rules.leaveOut(name, false)).isFalse();
    assertThat(rules.leaveOut(RawPath.parse("set/" + "a".repeat(254) + "b"), false)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "*Test*.class,d/MyTestOf.class,true",
    "*Test*.class,d/MyTestOf.java,false",
    "/*a*,xay,true",
    "/*a*,d/xay,false",
    "d/*a*/e,d/xay/e,true",
    "d/*a*/e,d/xby/e,false",
    "**/*a*/e,x/y/xay/e,true",
    "*[Dd]ebug*,aDebugb,true",
    "*[[:digit:]]*,ab7c,true",
    "*[!0-9]*,777,false",
    "*\\**,a*b,true",
    "*\\**,ab,false"
  })
  void patternsInUseAreMatched(String pattern, String path, boolean matches) {
    FastIgnoreRule rule = LinearRule.of(pattern);
    assertThat(rule).isInstanceOf(LinearRule.class);
    assertThat(rule.isMatch(path, false, true)).isEqualTo(matches);
  }

  /** Bytes that end a line for an expression, or are blank for it, and not for the library. */
  @Test
  void nothingBehindTwoAsterisksHasTheLibraryTryAllWays() {
    for (char c = 1; c < 256; c++) {
      for (String pattern : List.of("**" + c, "x/**" + c, "**/" + c, "**" + c + "/", "!**" + c)) {
        FastIgnoreRule rule = LinearRule.of(pattern);
        if (rule == null || rule instanceof LinearRule || rule.isEmpty()) {
          continue;
        }
        assertThat(rule.toString()).as("%s", (int) c).doesNotContainPattern("(?s)\\*\\*[^/]");
      }
    }
    assertThat(LinearRule.of("**\u0085")).isInstanceOf(LinearRule.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"*a*[]x]*", "*\\a*b", "*]*x*"})
  void whatNobodyWritesIsNotUsed(String pattern) {
    assertThat(LinearRule.of(pattern)).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"*.tmp", "a*b", "**/x/**", "/a/*/b*/", "a**/", "cache/"})
  void whatTakesNoTimeIsLeftToTheLibrary(String pattern) {
    boolean several = pattern.equals("a**/");
    assertThat(LinearRule.of(pattern) instanceof LinearRule).isEqualTo(several);
  }
}
