package resguardo.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import resguardo.transfer.copy.ExportSummary;

/** A copy is complete as of the beginning of its last round without problems. */
class CopyTallyTest {
  private static final String OF = "{target=\"file:///copy\"} ";

  private final PrometheusMeterRegistry metrics =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  private final CopyTally tally = new CopyTally(metrics, "file:///copy", Duration.ofMinutes(15));

  private static Set<String> found(String pattern, String text) {
    Set<String> names = new TreeSet<>();
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    while (matcher.find()) {
      names.add(matcher.group(1));
    }
    return names;
  }

  private static Instant at(long seconds) {
    return Instant.ofEpochSecond(seconds);
  }

  private static ExportSummary copied(long problems) {
    return new ExportSummary(2, 3, 100, 0, 0, 1, problems);
  }

  @Test
  void whatIsServedIsListed() throws Exception {
    String listed = Files.readString(Path.of("..", "docs", "metrics.md"));
    assertThat(found("(?m)^# TYPE (resguardo_[a-z_]+) ", metrics.scrape()))
        .isEqualTo(found("(?m)^\\| `(resguardo_export_[a-z_]+)`", listed));
  }

  @Test
  void roundsAddUpAndTheLastWithoutProblemsIsRemembered() {
    tally.ended(copied(0), at(1_700_000_000));
    tally.ended(copied(4), at(1_800_000_000));
    assertThat(metrics.scrape())
        .contains(
            "resguardo_export_versions_total" + OF + "4.0",
            "resguardo_export_archives_total" + OF + "6.0",
            "resguardo_export_bytes_total" + OF + "200.0",
            "resguardo_export_pruned_versions_total" + OF + "2.0",
            "resguardo_export_problems" + OF + "4.0",
            "resguardo_export_interval_seconds" + OF + "900.0",
            "resguardo_export_last_complete_timestamp_seconds" + OF + "1.7E9");
    assertThat(tally.trouble()).isEmpty();
  }

  @Test
  void oneThatWasBrokenOffIsATroubleUntilTheNextEnds() {
    tally.brokenOff("the store does not answer");
    assertThat(tally.trouble()).contains("the store does not answer");
    assertThat(metrics.scrape())
        .contains(
            "resguardo_export_problems" + OF + "1.0",
            "resguardo_export_last_complete_timestamp_seconds" + OF + "0.0");
    tally.ended(copied(0), at(1_700_000_000));
    assertThat(tally.trouble()).isEmpty();
  }
}
