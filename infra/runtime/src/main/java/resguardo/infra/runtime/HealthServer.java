package resguardo.infra.runtime;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Answers {@code GET /healthz} (200 {@code ok}: the process is alive), {@code GET /readyz} (200
 * {@code ready}, or 503 and a line for each reason why it cannot do its job now) and {@code GET
 * /metrics} (Prometheus text). It is the HTTP server of the JDK: an agent needs no more, and its
 * memory counts.
 */
public final class HealthServer implements AutoCloseable {
  /** Somebody who asks slowly must not keep others from asking; nobody needs more at once. */
  private static final int THREADS = 4;

  /**
   * How long a request or an answer may take, in seconds: whoever begins one and says no more would
   * keep a thread for ever. The JDK's server reads it once, when the first is made.
   */
  private static final String SECONDS = "5";

  /** Each takes memory and a file descriptor; beyond that new ones are closed at once. */
  private static final String CONNECTIONS = "50";

  /** Of one request, line and all: what asks here sends some hundred bytes. */
  private static final String HEADER_BYTES = "8192";

  private static final String HEADERS = "50";

  /** How often silent connections are looked for, in milliseconds. */
  private static final String TICK = "1000";

  static {
    System.setProperty("sun.net.httpserver.maxReqTime", SECONDS);
    System.setProperty("sun.net.httpserver.maxRspTime", SECONDS);
    System.setProperty("sun.net.httpserver.idleInterval", SECONDS);
    System.setProperty("sun.net.httpserver.clockTick", TICK);
    System.setProperty("jdk.httpserver.maxConnections", CONNECTIONS);
    System.setProperty("sun.net.httpserver.maxReqHeaderSize", HEADER_BYTES);
    System.setProperty("sun.net.httpserver.maxReqHeaders", HEADERS);
  }

  private static final String PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";
  private static final String PLAIN_TEXT = "text/plain; charset=utf-8";

  private final HttpServer server;
  private final ExecutorService threads =
      Executors.newFixedThreadPool(THREADS, HealthServer::daemon);

  /**
   * Starts to answer.
   *
   * @param address to listen at
   * @param port to listen at; 0 for a free one
   * @param readiness whether the process can do its job
   * @throws IOException when the port is taken
   */
  public HealthServer(
      InetAddress address, int port, Readiness readiness, PrometheusMeterRegistry metrics)
      throws IOException {
    server = HttpServer.create(new InetSocketAddress(address, port), 0);
    server.createContext("/healthz", exchange -> answer(exchange, 200, PLAIN_TEXT, "ok\n"));
    server.createContext("/readyz", exchange -> answerReady(exchange, readiness.troubles()));
    server.createContext(
        "/metrics", exchange -> answer(exchange, 200, PROMETHEUS_TEXT, metrics.scrape()));
    server.createContext("/", exchange -> answer(exchange, 404, PLAIN_TEXT, "not found\n"));
    server.setExecutor(threads);
    server.start();
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "health");
    thread.setDaemon(true);
    return thread;
  }

  /** The port it listens at. */
  public int port() {
    return server.getAddress().getPort();
  }

  private static void answerReady(HttpExchange exchange, List<String> troubles) throws IOException {
    String text = troubles.isEmpty() ? "ready" : String.join("\n", troubles);
    answer(exchange, troubles.isEmpty() ? 200 : 503, PLAIN_TEXT, text + "\n");
  }

  private static void answer(HttpExchange exchange, int code, String type, String text)
      throws IOException {
    try (exchange) {
      if (!exchange.getRequestMethod().equals("GET")
          && !exchange.getRequestMethod().equals("HEAD")) {
        exchange.sendResponseHeaders(405, -1);
        return;
      }
      byte[] body = text.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", type);
      boolean head = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(code, head ? -1 : body.length);
      if (!head) {
        exchange.getResponseBody().write(body);
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
