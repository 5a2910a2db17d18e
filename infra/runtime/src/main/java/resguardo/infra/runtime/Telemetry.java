package resguardo.infra.runtime;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.Peer;
import resguardo.core.port.Tracing;

/**
 * Where a process sends the traces of its work, as its settings say; nowhere, unless one of them
 * does. Where it is nowhere, nothing of OpenTelemetry is loaded.
 *
 * @param endpoint takes OTLP over HTTP, in protobuf
 * @param headers that each request has; values can be secret
 * @param ratio of the traces that are told, 0 to 1; who begins one decides for all of it
 */
record Telemetry(URI endpoint, Map<String, String> headers, double ratio) {
  /** A collector's address, without the path. */
  static final String ENDPOINT = "RESGUARDO_OTLP_ENDPOINT";

  /** The same as other programs read it. */
  static final String STANDARD_ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT";

  static final String HEADERS = "OTEL_EXPORTER_OTLP_HEADERS";
  static final String RATIO = "OTEL_TRACES_SAMPLER_ARG";

  /** That it is to be off, whatever else is set. */
  static final String DISABLED = "OTEL_SDK_DISABLED";

  private static final String PATH = "/v1/traces";
  private static final Logger LOG = LoggerFactory.getLogger(Telemetry.class);

  Telemetry {
    headers = Map.copyOf(headers);
    if (ratio < 0 || ratio > 1) {
      throw new IllegalArgumentException(RATIO + " is from 0 to 1");
    }
  }

  /**
   * Begins to tell, if the settings say where.
   *
   * @throws IllegalArgumentException when they say something that cannot be
   */
  static Tracing of(Environment environment, Peer self) {
    return read(environment)
        .<Tracing>map(where -> new OtlpTracing(where, environment.tls(), self))
        .orElse(Tracing.NONE);
  }

  /** What the settings say; empty: nowhere. */
  static Optional<Telemetry> read(Environment environment) {
    Optional<String> endpoint =
        environment.value(null, ENDPOINT).or(() -> environment.value(null, STANDARD_ENDPOINT));
    boolean disabled =
        environment.value(null, DISABLED).filter("true"::equalsIgnoreCase).isPresent();
    return disabled
        ? Optional.empty()
        : endpoint.map(
            address ->
                new Telemetry(
                    traces(address),
                    environment.value(null, HEADERS).map(Telemetry::headers).orElseGet(Map::of),
                    environment.value(null, RATIO).map(Telemetry::number).orElse(1.0)));
  }

  private static URI traces(String address) {
    try {
      URI base = URI.create(address);
      boolean http = "http".equals(base.getScheme()) || "https".equals(base.getScheme());
      if (http && base.getHost() != null) {
        return URI.create(address.replaceFirst("/$", "") + PATH);
      }
    } catch (IllegalArgumentException e) {
      LOG.debug("no address: {}", address, e);
    }
    throw new IllegalArgumentException(
        "traces go to an address such as http://host:4318 (" + ENDPOINT + "): " + address);
  }

  private static double number(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(RATIO + " is from 0 to 1", e);
    }
  }

  /** {@code name=value,name=value}, with percent signs where they have to be. */
  private static Map<String, String> headers(String text) {
    Map<String, String> headers = new LinkedHashMap<>();
    for (String one : text.split(",")) {
      int equals = one.indexOf('=');
      if (equals <= 0) {
        throw new IllegalArgumentException(HEADERS + " is not of the form name=value,name=value");
      }
      String value = one.substring(equals + 1).strip().replace("+", "%2B");
      headers.put(
          one.substring(0, equals).strip(), URLDecoder.decode(value, StandardCharsets.UTF_8));
    }
    return headers;
  }

  @Override
  public String toString() {
    return "Telemetry[" + endpoint + "]";
  }
}
