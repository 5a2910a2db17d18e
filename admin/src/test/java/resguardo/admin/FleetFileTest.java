package resguardo.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import resguardo.core.DrillPolicy;
import resguardo.core.NodeName;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.Schedule;
import resguardo.core.SourcePath;

class FleetFileTest {
  private static final Instant NOW = Instant.parse("2026-11-26T06:00:00Z");

  @TempDir Path folder;

  private Map<RegistrationKey, FleetFile.Wanted> read(String text) throws IOException {
    Path file = folder.resolve("fleet.yaml");
    Files.writeString(file, text);
    return FleetFile.read(file);
  }

  private static RegistrationKey key(String node, String path) {
    return new RegistrationKey(new NodeName(node), SourcePath.parse(path));
  }

  private static Registration registered(FleetFile.Wanted wanted) {
    return new Registration(
        wanted.key(),
        wanted.entry().schedule(),
        wanted.entry().options(),
        1,
        NOW,
        Registration.State.ACTIVE,
        wanted.entry().scheduling(),
        null,
        wanted.entry().retention());
  }

  @Test
  void defaultsAreTakenWhereAnEntryDoesNotSayOtherwise() throws Exception {
    Map<RegistrationKey, FleetFile.Wanted> all =
        read(
            """
            version: 1
            defaults: {every: 1h, jitter: 10m, strict: true, tz: Europe/Madrid}
            registrations:
              - {nodes: [alpha, beta], path: /etc}
              - node: alpha
                paths: ["/srv/data 2", /var]
                cron: "30 2 * * *"
                strict: false
                labels: {rack: r7}
                keep: {last: 3, daily: 7, within: 14d, tz: Europe/Madrid}
                drill: {every: never, read: all}
                not-during: ["mon-fri 08:00-18:00"]
            """
                .replace("not-during", "notDuring"));
    assertThat(all.keySet())
        .containsExactly(
            key("alpha", "/etc"),
            key("alpha", "/srv/data 2"),
            key("alpha", "/var"),
            key("beta", "/etc"));
    FleetEntry etc = entry(all, key("beta", "/etc"));
    assertThat(etc.schedule()).isEqualTo(new Schedule.Every(3600));
    assertThat(etc.options().strict()).isTrue();
    FleetEntry data = entry(all, key("alpha", "/srv/data 2"));
    assertThat(data.schedule())
        .isEqualTo(new Schedule.Cron("30 2 * * *", ZoneId.of("Europe/Madrid")));
    assertThat(data.options().strict()).isFalse();
    assertThat(etc.drills()).isNull();
    assertThat(data.drills()).isEqualTo(new DrillPolicy(0, DrillPolicy.ALL));
    assertThat(etc.retention()).isNull();
    assertThat(data.retention()).hasToString("last 3, daily 7, within 14d Europe/Madrid");
    assertThat(data.scheduling().jitterSeconds()).isEqualTo(600);
    assertThat(data.scheduling().belongsTo()).isEqualTo(Map.of("rack", "r7"));
    assertThat(data.scheduling().notDuring().toString())
        .isEqualTo("[mon,tue,wed,thu,fri 08:00-18:00 Europe/Madrid]");
  }

  private static FleetEntry entry(Map<RegistrationKey, FleetFile.Wanted> all, RegistrationKey key) {
    return java.util.Objects.requireNonNull(all.get(key)).entry();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | version: 1",
        "version: 2 | version: 1",
        "version: 1\\nregistrations: [{node: a, path: /x}] | registration 1: it needs either every or cron",
        "version: 1\\nregistrations: [{node: a, path: /x, every: 1h, cron: '* * * * *'}] | either every or cron",
        "version: 1\\nregistrations: [{node: a, path: /x, every: 1h}, {node: a, path: /x, every: 2h}] | a:/x stands there twice",
        "version: 1\\nregistrations: [{node: a, path: x, every: 1h}] | registration 1",
        "version: 1\\nregistrations: [{node: a, path: /x, every: 1h, excludes: [a]}] | excludes",
        "version: 1\\nregistrations: [{node: a, path: /x, every: soon}] | no time",
        "version: 1\\nregistrations: [{path: /x, every: 1h}] | either node or nodes",
        "version: 1\\nversion: 1 | Duplicate",
        "version: 1\\nregistrations: [{node: a, path: /x, every: 1h, alarm: {shrunk: 3}}] | shrink, changed and entropy",
        "version: 1\\nregistrations: [{node: a, path: /x, every: 1h, priority: urgent}] | high, normal or low",
        "version: 1\\nregistrations: [{node: a, path: /x, every: 1h, keep: {tz: UTC}}] | one rule at least",
        "version: 1\\nregistrations: [{node: a, path: /x, every: 1h, drill: {every: seldom}}] | or never",
        "version: 1\\nregistrations: [{node: a, path: /x, every: 1h, drill: {read: 0}}] | 1 byte or more",
        "version: 1\\nregistrations: [{node: a, path: /x, every: 1h, not-during: x}] | no 'not-during' here; there are alarm",
        "version: 1\\nregistration: [] | no 'registration' here; there are defaults, registrations, version",
        "'version: [' | line 1",
      })
  void whatIsWrongIsSaidInWordsAndWhere(String text, String said) {
    assertThatThrownBy(() -> read(text.replace("\\n", "\n")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(said.strip());
  }

  @Test
  void onlyWhatIsNotAsWrittenIsChangedAndNothingIsRemovedUnasked() throws Exception {
    Map<RegistrationKey, FleetFile.Wanted> all =
        read(
            """
            version: 1
            defaults: {every: 1h}
            registrations:
              - {node: alpha, paths: [/a, /b, /c], keep: {last: 3}}
            """);
    List<FleetFile.Wanted> wanted = List.copyOf(all.values());
    Registration same = registered(wanted.get(0));
    Registration other =
        new Registration(
            wanted.get(1).key(), new Schedule.Every(60), 1, NOW, Registration.State.ACTIVE);
    Registration more =
        new Registration(
            key("beta", "/old"), new Schedule.Every(60), 1, NOW, Registration.State.ACTIVE);
    List<Registration> there = List.of(same, other, more);
    assertThat(FleetPlan.of(all, there, false))
        .extracting(step -> step.what() + " " + step.key() + ": " + step.details())
        .containsExactly(
            "change alpha:/b: every 60 s -> every 3600 s, retention", "add alpha:/c: every 3600 s");
    assertThat(FleetPlan.of(all, there, true))
        .extracting(step -> step.what() + " " + step.key())
        .containsExactly("change alpha:/b", "add alpha:/c", "remove beta:/old");
    assertThat(FleetPlan.of(all, wanted.stream().map(FleetFileTest::registered).toList(), true))
        .isEmpty();
  }

  /** Editors believe the schema: it names all that can be said, and nothing else. */
  @Test
  void theSchemaNamesWhatAnEntryMaySay() throws Exception {
    JsonNode schema =
        new ObjectMapper().readTree(Path.of("..", "docs", "fleet.schema.json").toFile());
    TreeSet<String> parts = new TreeSet<>();
    Arrays.stream(FleetEntry.class.getRecordComponents())
        .map(RecordComponent::getName)
        .forEach(parts::add);
    TreeSet<String> described = new TreeSet<>();
    schema.at("/$defs/registration/properties").fieldNames().forEachRemaining(described::add);
    assertThat(described).isEqualTo(parts);
    schema
        .at("/$defs/registration/properties")
        .forEach(property -> assertThat(property.path("description").asText()).isNotBlank());
  }
}
