package resguardo.console;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import resguardo.core.NodeName;
import resguardo.core.RawPath;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.SourcePath;

class PathsTest {
  @Property
  void aPathComesBackAsItWasAndHasNothingThatAFormWouldChange(@ForAll @Size(max = 40) byte[] any) {
    byte[] bytes = any.clone();
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = bytes[i] == 0 ? 1 : bytes[i];
    }
    RawPath path = RawPath.ofBytes(bytes);
    String value = Paths.value(path);
    assertThat(RawPath.parse(value)).isEqualTo(path);
    assertThat(value.codePoints().anyMatch(Character::isISOControl)).isFalse();
  }

  @Test
  void theLastPartAndTheRest() {
    assertThat(Paths.last(RawPath.parse("srv/data/a")).text()).isEqualTo("a");
    assertThat(Paths.last(RawPath.parse("")).text()).isEmpty();
    assertThat(Paths.absolute(RawPath.parse("srv/a")).text()).isEqualTo("/srv/a");
    assertThat(Paths.absolute(RawPath.parse("")).text()).isEqualTo("/");
  }

  @Test
  void whatIsSavedHasANameThatNoSystemTakesForSomethingElse() {
    RegistrationKey key =
        new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/srv/my data"));
    assertThat(FileNames.archive(key, new Serial(42))).isEqualTo("alpha-srv-my data-000042.tgz");
    assertThat(
            FileNames.archive(
                new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/")), new Serial(1)))
        .isEqualTo("alpha-000001.tgz");
    assertThat(FileNames.of(RawPath.parse("a/.bashrc"))).isEqualTo("bashrc");
    assertThat(FileNames.of(RawPath.parse("a/x\u202egpj.exe\r\nSet-Cookie: a")))
        .isEqualTo("x_gpj.exe__Set-Cookie_ a");
    assertThat(FileNames.of(RawPath.parse("a/.."))).isEqualTo("file");
    assertThat(FileNames.of(RawPath.parse("a/c:\\con*"))).isEqualTo("c__con_");
    assertThat(
            FileNames.of(
                RawPath.parse("a/" + "ä".repeat(120) + ".pdf")
                    .resolve(RawPath.parse("ö".repeat(120) + ".txt"))))
        .hasSizeLessThanOrEqualTo(150)
        .endsWith(".txt");
  }

  @Test
  void aNameIsToldFromTheRegisteredPathOn() {
    RegistrationKey key =
        new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/srv/my data"));
    assertThat(Paths.below(key, RawPath.parse("srv/my data/a/b c"))).isEqualTo("a/b c");
    assertThat(Paths.below(key, RawPath.parse("srv/my data"))).isEqualTo("/srv/my data");
    RegistrationKey all = new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/"));
    assertThat(Paths.below(all, RawPath.parse("etc/hosts"))).isEqualTo("etc/hosts");
  }

  /** Each part would be an object of its own. */
  @Test
  void aNameOfAMillionPartsIsToldAtOnce() {
    RegistrationKey key = new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/srv"));
    RawPath deep = RawPath.parse("srv" + "/d".repeat(1_000_000) + "/last");
    assertThat(Paths.last(deep).text()).isEqualTo("last");
    assertThat(Paths.below(key, deep)).hasSize(2 * 1_000_000 + 4).startsWith("d/d/");
    assertThat(Paths.shown(Paths.below(key, deep))).hasSize(4097).endsWith("…");
    assertThat(Paths.last(RawPath.parse("srv//a//")).text()).isEqualTo("a");
    assertThat(Paths.below(key, RawPath.parse("/srv//a"))).isEqualTo("a");
  }

  @Test
  void theHeaderOfAFileHoldsItsNameAndNothingElse() {
    assertThat(FileNames.attachment("a\"; filename=b\r\n%.txt"))
        .isEqualTo(
            "attachment; filename=\"a_; filename=b___.txt\";"
                + " filename*=UTF-8''a%22%3B%20filename%3Db%0D%0A%25.txt");
    assertThat(FileNames.attachment("ü.txt"))
        .isEqualTo("attachment; filename=\"_.txt\"; filename*=UTF-8''%C3%BC.txt");
  }
}
