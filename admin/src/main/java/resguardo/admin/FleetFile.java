package resguardo.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import resguardo.core.NodeName;
import resguardo.core.RegistrationKey;
import resguardo.core.SourcePath;

/**
 * A whole fleet as an operator writes it down, in YAML (of which JSON is a part): {@code
 * docs/fleet.schema.json} says what may stand in it.
 */
final class FleetFile {
  private static final int VERSION = 1;
  private static final ObjectMapper YAML =
      new ObjectMapper(
              YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .setDefaultPropertyInclusion(JsonInclude.Include.NON_NULL)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private FleetFile() {}

  /**
   * What stands at the top.
   *
   * @param version of the form: 1
   * @param defaults what a registration has that does not say otherwise; absent: nothing
   */
  record Top(int version, @Nullable JsonNode defaults, @Nullable List<JsonNode> registrations) {}

  /** What an operator wants of each registration. */
  record Wanted(RegistrationKey key, FleetEntry entry) {}

  /**
   * Reads a file.
   *
   * @return by key, in the order of the keys
   * @throws IllegalArgumentException with the reason in words, when it is none
   * @throws IOException when it cannot be read
   */
  static Map<RegistrationKey, Wanted> read(Path file) throws IOException {
    Top top;
    try {
      top = YAML.readValue(Files.readString(file), Top.class);
    } catch (UnrecognizedPropertyException e) {
      throw new IllegalArgumentException(where(e) + unknown(e), e);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(where(e) + e.getOriginalMessage(), e);
    }
    if (top == null || top.version() != VERSION) {
      throw new IllegalArgumentException("it does not begin with version: " + VERSION);
    }
    Map<RegistrationKey, Wanted> all = new TreeMap<>();
    List<JsonNode> entries = top.registrations() == null ? List.of() : top.registrations();
    for (int i = 0; i < entries.size(); i++) {
      try {
        add(entry(entries.get(i), top.defaults()), all);
      } catch (UnrecognizedPropertyException e) {
        throw new IllegalArgumentException("registration " + (i + 1) + ": " + unknown(e), e);
      } catch (JsonProcessingException e) {
        throw new IllegalArgumentException(
            "registration " + (i + 1) + ": " + e.getOriginalMessage(), e);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("registration " + (i + 1) + ": " + e.getMessage(), e);
      }
    }
    return all;
  }

  /** With the names that there are: most mistakes are of letters. */
  private static String unknown(UnrecognizedPropertyException e) {
    List<String> there =
        e.getKnownPropertyIds() == null
            ? List.of()
            : e.getKnownPropertyIds().stream().map(String::valueOf).sorted().toList();
    return "there is no '" + e.getPropertyName() + "' here; there are " + String.join(", ", there);
  }

  private static String where(JsonProcessingException e) {
    return e.getLocation() == null
        ? ""
        : "line "
            + e.getLocation().getLineNr()
            + ", column "
            + e.getLocation().getColumnNr()
            + ": ";
  }

  private static FleetEntry entry(JsonNode own, @Nullable JsonNode defaults)
      throws JsonProcessingException {
    if (!(own instanceof ObjectNode said)) {
      throw new IllegalArgumentException("it is no mapping");
    }
    ObjectNode merged = YAML.createObjectNode();
    if (defaults instanceof ObjectNode usual) {
      merged.setAll(usual);
      // One that says its schedule says all of it.
      if (said.has("every") || said.has("cron")) {
        merged.remove(List.of("every", "cron"));
      }
    } else if (defaults != null && !defaults.isNull()) {
      throw new IllegalArgumentException("defaults are no mapping");
    }
    merged.setAll(said);
    return YAML.treeToValue(merged, FleetEntry.class);
  }

  private static void add(FleetEntry entry, Map<RegistrationKey, Wanted> all) {
    for (String node : one(entry.node(), entry.nodes(), "node")) {
      for (String path : one(entry.path(), entry.paths(), "path")) {
        RegistrationKey key = new RegistrationKey(new NodeName(node), SourcePath.parse(path));
        if (all.put(key, new Wanted(key, entry)) != null) {
          throw new IllegalArgumentException(key + " stands there twice");
        }
        entry.check();
      }
    }
  }

  private static List<String> one(
      @Nullable String single, @Nullable List<String> several, String what) {
    if ((single == null) == (several == null)) {
      throw new IllegalArgumentException("it needs either " + what + " or " + what + "s");
    }
    return single == null ? java.util.Objects.requireNonNull(several) : List.of(single);
  }
}
