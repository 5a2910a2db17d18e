package resguardo.system;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;

/** Takes traces as a collector of OpenTelemetry does, over HTTP; or takes them and says nothing. */
final class SpanCollector implements AutoCloseable {
  private final List<Span> spans = new CopyOnWriteArrayList<>();
  private final CountDownLatch end = new CountDownLatch(1);
  private final CountDownLatch asked = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;
  private final boolean silent;

  /**
   * A span as it came.
   *
   * @param service that sent it
   * @param parent empty: it has none
   */
  record Span(
      String service,
      String name,
      String trace,
      String id,
      String parent,
      Map<String, String> attributes,
      boolean failed) {}

  private SpanCollector(boolean silent) throws IOException {
    this.silent = silent;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/v1/traces", this::take);
    server.setExecutor(threads);
    server.start();
  }

  static SpanCollector start() throws IOException {
    return new SpanCollector(false);
  }

  /** One that answers nobody. */
  static SpanCollector silent() throws IOException {
    return new SpanCollector(true);
  }

  String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  List<Span> spans() {
    return List.copyOf(spans);
  }

  /** Whether anybody has sent anything. */
  boolean wasAsked() {
    return asked.getCount() == 0;
  }

  private void take(HttpExchange exchange) throws IOException {
    asked.countDown();
    try (exchange) {
      if (silent) {
        end.await();
        return;
      }
      boolean packed = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
      try (InputStream body =
          packed ? new GZIPInputStream(exchange.getRequestBody()) : exchange.getRequestBody()) {
        ExportTraceServiceRequest.parseFrom(body).getResourceSpansList().forEach(this::take);
      }
      byte[] answer = ExportTraceServiceResponse.getDefaultInstance().toByteArray();
      exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
      exchange.sendResponseHeaders(200, answer.length == 0 ? -1 : answer.length);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void take(ResourceSpans of) {
    String service =
        attributes(of.getResource().getAttributesList()).getOrDefault("service.name", "");
    for (ScopeSpans scope : of.getScopeSpansList()) {
      for (io.opentelemetry.proto.trace.v1.Span span : scope.getSpansList()) {
        spans.add(
            new Span(
                service,
                span.getName(),
                hex(span.getTraceId().toByteArray()),
                hex(span.getSpanId().toByteArray()),
                hex(span.getParentSpanId().toByteArray()),
                attributes(span.getAttributesList()),
                span.getStatus().getCodeValue() == 2));
      }
    }
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static Map<String, String> attributes(List<KeyValue> list) {
    return list.stream()
        .collect(Collectors.toMap(KeyValue::getKey, one -> one.getValue().getStringValue()));
  }

  @Override
  public void close() {
    end.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
