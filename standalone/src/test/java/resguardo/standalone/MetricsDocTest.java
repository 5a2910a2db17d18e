package resguardo.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.DrillPolicy;
import resguardo.core.NodeName;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.Schedule;
import resguardo.core.SliceLimit;
import resguardo.core.SourcePath;
import resguardo.core.catalog.Registry;
import resguardo.infra.runtime.RunningProcess;
import resguardo.testkit.store.MemoryArchiveStore;

/** docs/metrics.md lists what is served, and alerts and dashboard use what is listed. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class MetricsDocTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final NodeName ALPHA = new NodeName("alpha");
  private static final Pattern NAME = Pattern.compile("\\bresguardo_[a-z_]+[a-z]\\b");
  private static final Pattern SERVED = Pattern.compile("(?m)^# TYPE (resguardo_[a-z_]+) ");

  /** What is not there before it happens. */
  private static final Set<String> ON_OCCASION =
      Set.of("resguardo_queries_total", "resguardo_alarms_total");

  @TempDir Path folder;

  private static Set<String> found(Pattern pattern, String text) {
    Set<String> names = new TreeSet<>();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      names.add(matcher.group(matcher.groupCount()));
    }
    return names;
  }

  private static Set<String> documented() throws Exception {
    String text = Files.readString(Path.of("..", "docs", "metrics.md"));
    return found(Pattern.compile("(?m)^\\| `(resguardo_[a-z_]+)`"), text);
  }

  @Test
  void whatIsServedIsListedAndSaysHowTheFleetStands() throws Exception {
    Path set = Files.createDirectory(folder.toRealPath().resolve("set"));
    Files.writeString(set.resolve("a"), "one");
    RegistrationKey key = new RegistrationKey(ALPHA, SourcePath.parse(set.toString()));
    MemoryArchiveStore store = new MemoryArchiveStore();
    Instant since = Instant.now().minusSeconds(60); // its first drill is due
    new Registry(store)
        .save(
            new Registration(
                key,
                new Schedule.Every(3600),
                null,
                1,
                since,
                Registration.State.ACTIVE,
                null,
                null,
                null,
                new DrillPolicy(60, null)),
            null);
    try (Roles roles = new Roles(folder, store)) {
      roles.agent(ALPHA, set);
      RunningProcess worker = roles.worker(new SliceLimit(1L << 30, 600));
      RunningProcess coordinator = roles.coordinator();
      String of = "{instance=\"one\",node=\"alpha\",path=\"" + set + "\",role=\"coordinator\"} ";
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(coordinator.metrics().scrape())
                      .contains(
                          "resguardo_registration_last_success_timestamp_seconds" + of,
                          "resguardo_registration_interval_seconds" + of + "3600.0",
                          "resguardo_registration_failing" + of + "0.0",
                          "resguardo_registration_lag_seconds" + of + "0.0",
                          "resguardo_registration_last_proven_timestamp_seconds" + of,
                          "resguardo_registration_drill_interval_seconds" + of + "60.0",
                          "resguardo_registration_drill_lag_seconds" + of + "0.0",
                          "resguardo_registration_drill_failing" + of + "0.0",
                          "resguardo_node_up{instance=\"one\",node=\"alpha\",role=\"coordinator\"} 1.0",
                          "resguardo_leading{instance=\"one\",role=\"coordinator\"} 1.0",
                          "resguardo_workers{instance=\"one\",role=\"coordinator\"} 1.0"));
      assertThat(worker.metrics().scrape())
          .contains("resguardo_jobs_total{instance=\"worker-1\",outcome=\"committed\"")
          .contains("resguardo_drills_total{instance=\"worker-1\",outcome=\"good\"");
      Set<String> served = found(SERVED, coordinator.metrics().scrape());
      served.addAll(found(SERVED, worker.metrics().scrape()));
      served.remove("resguardo_job_duration_seconds_max"); // told along with the duration
      Set<String> listed = documented();
      listed.removeIf(name -> name.startsWith("resguardo_retention_")); // TallyTest has these
      listed.removeIf(name -> name.startsWith("resguardo_export_")); // CopyTallyTest has these
      listed.removeAll(ON_OCCASION);
      assertThat(served).isEqualTo(listed);
    }
  }

  @Test
  void alertsAndDashboardUseNoOtherFigures() throws Exception {
    Path monitoring = Path.of("..", "infra", "monitoring");
    Set<String> listed = documented();
    for (String name : Set.copyOf(listed)) {
      listed.add(name + "_sum");
      listed.add(name + "_count");
    }
    assertThat(listed).containsAll(found(NAME, Files.readString(monitoring.resolve("alerts.yml"))));
    JsonNode dashboard = new ObjectMapper().readTree(monitoring.resolve("dashboard.json").toFile());
    for (JsonNode panel : dashboard.path("panels")) {
      for (JsonNode target : panel.path("targets")) {
        Set<String> used = found(NAME, target.path("expr").asText());
        assertThat(listed).as(panel.path("title").asText()).containsAll(used);
      }
    }
  }
}
