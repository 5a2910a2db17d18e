package resguardo.infra.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import resguardo.core.Peer;
import resguardo.core.Role;
import resguardo.core.port.Tracing;

class TelemetryTest {
  @Test
  void nothingIsToldUnlessSomebodyHasAsked() {
    Environment nothing = new Environment(Map.of());
    assertThat(Telemetry.read(nothing)).isEmpty();
    assertThat(Telemetry.of(nothing, new Peer(Role.WORKER, "one"))).isSameAs(Tracing.NONE);
    assertThat(
            Telemetry.read(
                new Environment(
                    Map.of(
                        "RESGUARDO_OTLP_ENDPOINT", "http://127.0.0.1:4318",
                        "OTEL_SDK_DISABLED", "true"))))
        .isEmpty();
  }

  @Test
  void ownSettingsWinOverThoseOfAllPrograms() {
    Telemetry read =
        Telemetry.read(
                new Environment(
                    Map.of(
                        "RESGUARDO_OTLP_ENDPOINT", "https://one:4318/",
                        "OTEL_EXPORTER_OTLP_ENDPOINT", "http://other:4318",
                        "OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20a+b, tenant=t",
                        "OTEL_TRACES_SAMPLER_ARG", "0.25")))
            .orElseThrow();
    assertThat(read.endpoint()).isEqualTo(URI.create("https://one:4318/v1/traces"));
    assertThat(read.headers()).isEqualTo(Map.of("authorization", "Bearer a+b", "tenant", "t"));
    assertThat(read.ratio()).isEqualTo(0.25);
    assertThat(read.toString()).doesNotContain("Bearer");
  }

  @ParameterizedTest
  @ValueSource(strings = {"collector:4318", "grpc://collector:4317", "http://", "http://a b"})
  void anAddressThatCannotBeIsRefused(String address) {
    assertThatThrownBy(
            () -> Telemetry.read(new Environment(Map.of("RESGUARDO_OTLP_ENDPOINT", address))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("RESGUARDO_OTLP_ENDPOINT");
  }
}
