package resguardo.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RawPathTest {
  @Property
  void anyBytesComeBackFromTheirTextForm(@ForAll("names") byte[] bytes) {
    assertThat(RawPath.parse(RawPath.ofBytes(bytes).text()).bytes()).isEqualTo(bytes);
  }

  @Provide
  Arbitrary<byte[]> names() {
    return Arbitraries.bytes().filter(b -> b != 0).array(byte[].class).ofMaxSize(60);
  }

  @Test
  void bytesThatAreNotUtf8ArePercentEncodedBehindAMark() {
    RawPath path = RawPath.ofBytes(new byte[] {'/', 'a', ' ', (byte) 0xff});
    assertThat(path.text()).isEqualTo("%:/a%20%FF");
  }

  @Test
  void textThatBeginsWithTheMarkIsEncodedSoThatItIsNotMistaken() {
    RawPath path = RawPath.ofBytes(new byte[] {'%', ':', 'a'});
    assertThat(path.text()).isEqualTo("%:%25%3Aa");
    assertThat(RawPath.parse(path.text())).isEqualTo(path);
  }

  @ParameterizedTest
  @ValueSource(strings = {"%:%", "%:%4", "%:%zz", "%:é", "a\0b", "\ud800"})
  void brokenTextFormsAreRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> RawPath.parse(text));
  }

  @Test
  void aFolderComesRightBeforeWhatIsInItWhateverItsNeighboursAreCalled() {
    List<String> sorted =
        Stream.of("a.b", "a/c", "a", "a-b", "b", "a/b/c", "a/b")
            .map(RawPath::parse)
            .sorted()
            .map(RawPath::text)
            .toList();
    assertThat(sorted).containsExactly("a", "a/b", "a/b/c", "a/c", "a-b", "a.b", "b");
  }

  @Test
  void whatIsAtOrBelowAPathIsToldByItsParts() {
    RawPath path = RawPath.parse("srv/data");
    for (String below : List.of("srv/data", "srv/data/a", "srv/data/..a/.b", "srv/data/...")) {
      assertThat(RawPath.parse(below).isAtOrBelow(path)).as(below).isTrue();
      assertThat(RawPath.parse(below).isAtOrBelow(RawPath.parse(""))).as(below).isTrue();
    }
    for (String other :
        List.of(
            "",
            "srv",
            "srv/data2",
            "srv/data/",
            "srv/data//a",
            "srv/data/.",
            "srv/data/..",
            "srv/data/../b",
            "/srv/data")) {
      assertThat(RawPath.parse(other).isAtOrBelow(path)).as(other).isFalse();
    }
    assertThat(RawPath.parse("").isAtOrBelow(RawPath.parse(""))).isTrue();
    assertThat(RawPath.parse("/etc").isAtOrBelow(RawPath.parse(""))).isFalse();
    assertThat(RawPath.parse("../etc").isAtOrBelow(RawPath.parse(""))).isFalse();
  }
}
