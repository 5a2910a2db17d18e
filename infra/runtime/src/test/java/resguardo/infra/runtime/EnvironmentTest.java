package resguardo.infra.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnvironmentTest {
  private static final Environment OUTER =
      new Environment(Map.of(Environment.NODE, "outer", Environment.STORE, "file:///outer"));

  @TempDir Path folder;

  private Path file(String text) throws Exception {
    return Files.writeString(folder.resolve("agent.env"), text);
  }

  @Test
  void whatAFileSaysWinsOverTheEnvironmentAndAFlagOverBoth() throws Exception {
    Environment all = OUTER.with(file("# a comment\n\nRESGUARDO_NODE = inner \n"));
    assertThat(all.value(null, Environment.NODE)).contains("inner");
    assertThat(all.value("flag", Environment.NODE)).contains("flag");
    assertThat(all.value(null, Environment.STORE)).contains("file:///outer");
  }

  @Test
  void aValueIsTakenAsItIs() throws Exception {
    Environment all = OUTER.with(file("RESGUARDO_AMQP_URI=amqp://a:b=c#\"d\"@h/%2f\n"));
    assertThat(all.brokers(null)).containsExactly("amqp://a:b=c#\"d\"@h/%2f");
  }

  @Test
  void aFileThatIsNoneIsToldByTheLineAndWithoutWhatIsInIt() throws Exception {
    Path wrong = file("RESGUARDO_NODE=inner\nsecret-word\n");
    assertThatThrownBy(() -> OUTER.with(wrong))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("line 2 of " + wrong)
        .hasMessageNotContaining("secret-word");
    assertThatThrownBy(() -> OUTER.with(folder.resolve("none")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("none cannot be read");
  }
}
