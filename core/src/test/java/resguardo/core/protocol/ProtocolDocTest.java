package resguardo.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import resguardo.core.FetchJob;

/** docs/protocol.md shows every message, and what it shows is true. */
class ProtocolDocTest {
  private static final Pattern EXAMPLE =
      Pattern.compile("```json (\\w+)\n(.*?)\n```", Pattern.DOTALL);

  private static final Map<String, Class<?>> UNIONS =
      Stream.of(
              Command.class,
              Answer.class,
              FetchJob.class,
              QueryJob.class,
              AgentOrder.class,
              StreamMessage.class,
              Event.class,
              Control.class,
              ActivityLine.class)
          .collect(java.util.stream.Collectors.toMap(Class::getSimpleName, c -> c));

  record Example(String type, String json) {}

  static List<Example> examples() throws IOException {
    Matcher matcher = EXAMPLE.matcher(Files.readString(Path.of("..", "docs", "protocol.md")));
    List<Example> found = new ArrayList<>();
    while (matcher.find()) {
      found.add(new Example(matcher.group(1), matcher.group(2)));
    }
    return found;
  }

  @ParameterizedTest
  @MethodSource("examples")
  void everyExampleIsReadAndWrittenAsItStands(Example example) throws Exception {
    Object read = parsed(example);
    assertThat(new String(Json.write(read), StandardCharsets.UTF_8))
        .isEqualTo(compact(example.json()));
  }

  @Test
  void everyKindOfMessageHasAnExample() throws Exception {
    List<Class<?>> shown = new ArrayList<>();
    for (Example example : examples()) {
      shown.add(parsed(example).getClass());
    }
    for (Class<?> union : UNIONS.values()) {
      assertThat(shown)
          .contains(union.isSealed() ? union.getPermittedSubclasses() : new Class<?>[] {union});
    }
  }

  private static Object parsed(Example example) throws MalformedMessageException {
    assertThat(UNIONS).containsKey(example.type());
    return Json.read(
        example.json().getBytes(StandardCharsets.UTF_8),
        UNIONS.get(example.type()),
        Json.ANSWER_BYTES);
  }

  /** The examples stand with a space after each comma and colon that is not within a text. */
  private static String compact(String json) {
    return json.replaceAll("([,:]) (?=[\"{\\[0-9tf-])", "$1");
  }
}
