package resguardo.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * docs/events.schema.json is made of the events, and describes what is told. With
 * -Dresguardo.docs=write it is written anew.
 */
class EventsSchemaTest {
  private static final Path FILE = Path.of("..", "docs", "events.schema.json");

  private static Schema schema() throws IOException {
    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
        .getSchema(Files.readString(FILE), InputFormat.JSON);
  }

  @BeforeAll
  static void write() throws Exception {
    if ("write".equals(System.getProperty("resguardo.docs"))) {
      Files.writeString(FILE, EventsSchema.text());
    }
  }

  @Test
  void itIsThatOfTheEvents() throws Exception {
    assertThat(Files.readString(FILE))
        .as("written anew with -Dresguardo.docs=write -Dtest=EventsSchemaTest")
        .isEqualTo(EventsSchema.text());
  }

  static Stream<String> told() throws IOException {
    Stream<String> samples =
        JsonTest.messages()
            .filter(Event.class::isInstance)
            .map(event -> new String(Json.write(event), StandardCharsets.UTF_8));
    Stream<String> examples =
        ProtocolDocTest.examples().stream()
            .filter(example -> example.type().equals("Event"))
            .map(ProtocolDocTest.Example::json);
    return Stream.concat(samples, examples);
  }

  @ParameterizedTest
  @MethodSource("told")
  void whatIsToldIsAsItSays(String event) throws Exception {
    assertThat(schema().validate(event, InputFormat.JSON)).isEmpty();
  }

  @Test
  void everyKindIsHeldAgainstIt() throws Exception {
    List<String> events = told().toList();
    assertThat(Event.class.getPermittedSubclasses())
        .allSatisfy(
            kind -> {
              String name = kind.getSimpleName();
              String type = Character.toLowerCase(name.charAt(0)) + name.substring(1);
              assertThat(events)
                  .filteredOn(one -> one.contains("\"" + type + "\""))
                  .as(type)
                  .hasSizeGreaterThanOrEqualTo(2);
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"type\":\"processStopped\",\"time\":\"2026-01-02T03:04:05Z\"}",
        "{\"type\":\"processStopped\",\"time\":1,\"by\":{\"role\":\"agent\",\"instance\":\"a\"}}",
        "{\"type\":\"processStopped\",\"time\":\"2026-01-02T03:04:05Z\",\"by\":{\"role\":\"cat\",\"instance\":\"a\"}}",
        "{\"type\":\"processStopped\",\"time\":\"2026-01-02T03:04:05Z\",\"by\":{\"role\":\"agent\",\"instance\":\"a\"},\"x\":1}",
        "{\"type\":\"unheardOf\",\"time\":\"2026-01-02T03:04:05Z\",\"by\":{\"role\":\"agent\",\"instance\":\"a\"}}",
      })
  void whatIsNoEventIsRefused(String other) throws Exception {
    assertThat(schema().validate(other, InputFormat.JSON)).isNotEmpty();
  }
}
