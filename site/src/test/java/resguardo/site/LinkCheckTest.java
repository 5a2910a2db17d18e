package resguardo.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinkCheckTest {
  @Test
  void everythingInTheMarkdownOfThisRepositoryLeadsSomewhere() throws Exception {
    assertThat(LinkCheck.files(Path.of(".."))).hasSizeGreaterThan(50);
    assertThat(LinkCheck.problems(Path.of(".."))).isEmpty();
  }

  @Test
  void whatLeadsNowhereIsFound(@TempDir Path project) throws Exception {
    Files.createDirectories(project.resolve("docs"));
    Files.writeString(project.resolve("docs/b.md"), "# One\n\n## Two words\n\n## Two words\n");
    Files.writeString(
        project.resolve("a.md"),
        """
        # Here

        [good](docs/b.md#two-words-1) [good](#here) [good](docs/) [elsewhere](https://example.org/x)
        [no file](docs/c.md) [no heading](docs/b.md#three) [no heading here](#there)
        [outside](../../../../../etc) ![no picture](x.png) `docs/b.md` `docs/gone.md`

            [in code](nothing.md)
        """);
    assertThat(LinkCheck.problems(project))
        .containsExactlyInAnyOrder(
            "a.md leads to docs/c.md, which is not there.",
            "a.md leads to docs/b.md#three: there is no such heading.",
            "a.md leads to #there: there is no such heading.",
            "a.md leads to ../../../../../etc, which is not there.",
            "a.md leads to x.png, which is not there.",
            "a.md names docs/gone.md, which is not there.");
  }

  @Test
  void anchorsAreThoseOfGitHub() {
    assertThat(
            Markdown.of("# `admin` & co: what's *new*, in 2.0?\n\n## Año — día_1\n")
                .anchors()
                .values())
        .containsExactly("admin--co-whats-new-in-20", "año--día_1");
  }
}
