package resguardo.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/metrics.md lists what retention serves, as it says it of the other roles. */
class TallyTest {
  private final PrometheusMeterRegistry metrics =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  private static Set<String> found(String pattern, String text) {
    Set<String> names = new TreeSet<>();
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    while (matcher.find()) {
      names.add(matcher.group(1));
    }
    return names;
  }

  @Test
  void whatIsServedIsListed() throws Exception {
    Tally tally = new Tally(metrics);
    tally.expired();
    tally.freed(7);
    tally.roundEnded(Instant.ofEpochSecond(1_700_000_000));
    String served = metrics.scrape();
    assertThat(served)
        .contains(
            "resguardo_retention_expired_versions_total 1.0",
            "resguardo_retention_freed_bytes_total 7.0",
            "resguardo_retention_last_round_timestamp_seconds 1.7E9");
    String listed = Files.readString(Path.of("..", "docs", "metrics.md"));
    assertThat(found("(?m)^# TYPE (resguardo_[a-z_]+) ", served))
        .isEqualTo(found("(?m)^\\| `(resguardo_retention_[a-z_]+)`", listed));
  }
}
