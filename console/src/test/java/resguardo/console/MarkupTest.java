package resguardo.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import resguardo.core.NodeName;
import resguardo.core.RegistrationKey;
import resguardo.core.SourcePath;

class MarkupTest {
  @Property
  void nothingInAnArgumentIsMarkup(@ForAll String text) {
    String html = Markup.of("<b title=\"{}\">{}</b>", text, text).toString();
    String inner = html.substring("<b title=\"".length(), html.length() - "</b>".length());
    assertThat(inner.replaceFirst("\">", "")).doesNotContain("<", ">", "\"", "'");
    assertThat(inner.replaceAll("&(amp|lt|gt|quot|#39);", "")).doesNotContain("&");
  }

  @Test
  void aNameOfAFileStaysText() {
    assertThat(Markup.of("<td>{}</td>", "<script>alert('x')</script>").toString())
        .isEqualTo("<td>&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;</td>");
    assertThat(Markup.of("<a href=\"{}\">x</a>", "\" onmouseover=\"alert(1)").toString())
        .isEqualTo("<a href=\"&quot; onmouseover=&quot;alert(1)\">x</a>");
    assertThat(Markup.of("{}", "a\u202egnp.exe\n\u0007").toString())
        .as("what turns text round, or is not to be seen, is shown")
        .isEqualTo("a\\u202egnp.exe\\u000a\\u0007");
    assertThat(Markup.lines("a<\nb</textarea>").toString())
        .isEqualTo("\na&lt;\nb&lt;/textarea&gt;\n");
  }

  @Test
  void markupIsPutInAsItIsAndPlacesAreCounted() {
    assertThat(
            Markup.of("<ul>{}</ul>", List.of(Markup.of("<li>"), Markup.of("{}", "<"))).toString())
        .isEqualTo("<ul><li>&lt;</ul>");
    assertThatThrownBy(() -> Markup.of("{}")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Markup.of("", 1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void valuesInAddressesChangeNothingElseInThem() {
    RegistrationKey key =
        new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/a&version=7#x\"><b>?"));
    assertThat(Link.to("/set", key).with("version", 1).toString())
        .isEqualTo("/set?node=alpha&path=%2Fa%26version%3D7%23x%22%3E%3Cb%3E%3F&version=1");
  }
}
