package resguardo.infra.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import resguardo.core.FetchJob;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.Role;
import resguardo.core.Schedule;
import resguardo.core.SourcePath;
import resguardo.core.port.ActivityChannel;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.BrokerException;
import resguardo.core.port.EventChannel;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.Platform;
import resguardo.core.port.StoreException;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.ActivityLine;
import resguardo.core.protocol.Event;
import resguardo.testkit.store.MemoryArchiveStore;

class RuntimeTest {
  private static final String WHOLE = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
  private static final Peer WORKER = new Peer(Role.WORKER, "w-1");

  /** Takes lines while the broker is there, and remembers them. */
  private static final class RecordingChannel implements ActivityChannel, EventChannel {
    final List<ActivityLine> lines = new CopyOnWriteArrayList<>();
    final List<Event> events = new CopyOnWriteArrayList<>();
    final AtomicInteger asked = new AtomicInteger();
    volatile boolean away;
    volatile boolean broken;

    @Override
    public void publish(ActivityLine line) throws BrokerException {
      refuseWhenAway();
      lines.add(line);
    }

    @Override
    public void publish(Event event) throws BrokerException {
      refuseWhenAway();
      events.add(event);
    }

    private void refuseWhenAway() throws BrokerException {
      asked.incrementAndGet();
      if (broken) {
        throw new IllegalStateException("planned");
      }
      if (away) {
        throw new BrokerException.Unavailable("away", null);
      }
    }

    @Override
    @SuppressWarnings({"unchecked", "rawtypes"})
    public Subscription subscribe(Consumer handler) {
      throw new UnsupportedOperationException("nobody reads here");
    }
  }

  @Test
  void aLineHasTimeRoleInstanceNodePathJobAndWhat() {
    RecordingChannel channel = new RecordingChannel();
    RegistrationKey key = new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/srv/a b"));
    FetchJob job =
        FetchJob.first(
            new Registration(key, new Schedule.Every(1), 1, NOW, Registration.State.ACTIVE), NOW);
    try (ActivityLog log = new ActivityLog(WORKER, Platform.of(CLOCK), channel)) {
      log.tell(job, "committed\nversion 1");
      log.tell("started");
    }
    assertThat(channel.lines.stream().map(ActivityText::of))
        .containsExactly(
            "2026-01-02T03:04:05Z fetch-worker w-1 alpha /srv/a b "
                + job.id()
                + " committed\\u000aversion 1",
            "2026-01-02T03:04:05Z fetch-worker w-1 - - - started");
  }

  @Test
  void linesToldWhileTheBrokerIsAwayAreKeptUpToABoundAndTheRestIsCounted() {
    RecordingChannel channel = new RecordingChannel();
    channel.away = true;
    try (ActivityLog log = new ActivityLog(WORKER, Platform.of(CLOCK), channel)) {
      for (int i = 0; i < ActivityLog.KEPT_AT_MOST + 50; i++) {
        log.tell("line " + i);
      }
      assertThat(channel.lines).isEmpty();
      channel.away = false;
      await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () -> channel.lines.stream().anyMatch(line -> line.what().contains("were not sent")));
    }
    assertThat(channel.lines.get(0).what()).isEqualTo("line 0");
    assertThat(channel.lines.size())
        .isBetween(ActivityLog.KEPT_AT_MOST, ActivityLog.KEPT_AT_MOST + 51);
  }

  @Test
  void aProcessSaysThatItLivesAgainAndAgainAndAtLastThatItEnds() {
    RecordingChannel channel = new RecordingChannel();
    Heartbeat heartbeat =
        new Heartbeat(WORKER, Platform.of(CLOCK), channel, List::of, Duration.ofMillis(10));
    await().until(() -> channel.events.size() >= 3);
    heartbeat.close();
    assertThat(channel.events.get(0))
        .isEqualTo(new Event.ProcessAlive(NOW, WORKER, NOW, ProgramVersion.text(), null));
    assertThat(ProgramVersion.text()).matches("[0-9]+\\.[0-9].*");
    assertThat(channel.events.get(channel.events.size() - 1))
        .isEqualTo(new Event.ProcessStopped(NOW, WORKER));
  }

  @Test
  void aBrokerThatIsAwayForAWhileDoesNotStopTheSignsOfLife() {
    RecordingChannel channel = new RecordingChannel();
    channel.away = true;
    try (Heartbeat heartbeat =
        new Heartbeat(WORKER, Platform.of(CLOCK), channel, List::of, Duration.ofMillis(10))) {
      assertThat(heartbeat).isNotNull();
      channel.away = false;
      await().until(() -> channel.events.size() >= 2);
    }
  }

  @Test
  void whateverGoesWrongTheSignsOfLifeGoOn() {
    RecordingChannel channel = new RecordingChannel();
    channel.broken = true;
    try (Heartbeat heartbeat =
        new Heartbeat(WORKER, Platform.of(CLOCK), channel, List::of, Duration.ofMillis(10))) {
      assertThat(heartbeat).isNotNull();
      await().until(() -> channel.asked.get() >= 2);
      channel.broken = false;
      await().until(() -> channel.events.size() >= 2);
    }
  }

  @Test
  void aProcessIsAliveAndReadyOrSaysWhyNotAndMetricsAreServed() throws Exception {
    AtomicReference<Optional<String>> broker = new AtomicReference<>(Optional.empty());
    Readiness readiness = new Readiness();
    readiness.needs(broker::get);
    readiness.needs(Optional::empty);
    PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    metrics.counter("resguardo.jobs").increment(3);
    try (HealthServer server =
        new HealthServer(InetAddress.getLoopbackAddress(), 0, readiness, metrics)) {
      assertThat(get(server, "/healthz").body()).isEqualTo("ok\n");
      assertThat(get(server, "/readyz").body()).isEqualTo("ready\n");
      broker.set(Optional.of("no broker"));
      readiness.needs(() -> Optional.of("no store"));
      assertThat(get(server, "/healthz").statusCode()).isEqualTo(200);
      assertThat(get(server, "/readyz").statusCode()).isEqualTo(503);
      assertThat(get(server, "/readyz").body()).isEqualTo("no broker\nno store\n");
      assertThat(get(server, "/metrics").body()).contains("resguardo_jobs_total 3.0");
      assertThat(get(server, "/etc/passwd").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void aStoreThatDoesNotAnswerIsTold() {
    MemoryArchiveStore memory = new MemoryArchiveStore();
    ObjectKey object = new ObjectKey("lease/coordinator.json");
    try (StoreProbe probe = new StoreProbe(memory, object)) {
      await().atMost(Duration.ofSeconds(30)).until(() -> probe.trouble().isEmpty());
    }
    ArchiveStore gone =
        (ArchiveStore)
            Proxy.newProxyInstance(
                ArchiveStore.class.getClassLoader(),
                new Class<?>[] {ArchiveStore.class},
                (self, method, arguments) -> {
                  throw new StoreException.Unavailable("planned", null);
                });
    try (StoreProbe probe = new StoreProbe(gone, object)) {
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> probe.trouble().filter(why -> why.contains("planned")).isPresent());
    }
  }

  private static HttpResponse<String> get(HealthServer server, String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + server.port() + path);
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void nothingInALineDoesMoreToATerminalThanShow() {
    String hostile = "\u001b]0;title\u0007\u001b[2J\u009b31m\nfake line\u202e\udb40\udc01";
    String shown =
        ActivityText.of(
            new ActivityLine(
                NOW, WORKER, new NodeName("n"), SourcePath.parse("/p\u001b"), null, hostile));
    assertThat(shown)
        .contains(
            "/p\\u001b",
            "\\u001b]0;title\\u0007",
            "\\u009b31m\\u000afake",
            "\\u202e\\udb40\\udc01");
    assertThat(shown.codePoints())
        .noneMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT);
  }

  @Test
  void whoeverAsksAndNeverFinishesKeepsNobodyElseFromAsking() throws Exception {
    try (HealthServer server =
            new HealthServer(
                InetAddress.getLoopbackAddress(),
                0,
                new Readiness(),
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
        Sockets stuck = new Sockets()) {
      for (int i = 0; i < 20; i++) {
        stuck.begin(server.port(), "GET /healthz HTT");
      }
      HttpResponse<String> answer =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(
                          URI.create("http://127.0.0.1:" + server.port() + "/healthz"))
                      .build(),
                  HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(200);
    }
  }

  @Test
  void moreConnectionsThanThereIsRoomForAreClosedAndOthersAreAnsweredWhenThoseAreSilent()
      throws Exception {
    try (HealthServer server = quiet();
        Sockets held = new Sockets()) {
      int answered = 0;
      for (int i = 0; i < 120; i++) {
        answered += held.asks(server.port(), WHOLE) ? 1 : 0;
      }
      assertThat(answered).isBetween(1, 100);
      for (int i = 0; i < 60; i++) {
        held.begin(server.port(), "GET /metrics HTTP/1.1\r\nX: ");
      }
      await()
          .atMost(Duration.ofSeconds(90))
          .ignoreExceptions()
          .until(() -> get(server, "/healthz").statusCode() == 200);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"line", "header", "headers"})
  void aRequestThatIsLargerThanAnybodyAsksIsNotAnswered(String part) throws Exception {
    String much = "a".repeat(64 * 1024);
    String request =
        switch (part) {
          case "line" -> "GET /healthz?" + much + " HTTP/1.1\r\n\r\n";
          case "header" -> "GET /healthz HTTP/1.1\r\nX: " + much + "\r\n\r\n";
          default -> "GET /healthz HTTP/1.1\r\n" + headers(60) + "\r\n";
        };
    try (HealthServer server = quiet();
        Sockets held = new Sockets()) {
      assertThat(held.asks(server.port(), request)).isFalse();
      assertThat(held.asks(server.port(), WHOLE)).isTrue();
    }
  }

  private static String headers(int many) {
    StringBuilder headers = new StringBuilder();
    for (int i = 0; i < many; i++) {
      headers.append("X-").append(i).append(": a\r\n");
    }
    return headers.toString();
  }

  private static HealthServer quiet() throws IOException {
    return new HealthServer(
        InetAddress.getLoopbackAddress(),
        0,
        new Readiness(),
        new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
  }

  private static final class Sockets implements AutoCloseable {
    private final List<Socket> all = new CopyOnWriteArrayList<>();

    void begin(int port, String request) throws IOException {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
      all.add(socket);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().flush();
    }

    /** Whether it is answered with what it asks for; the connection stays open. */
    boolean asks(int port, String request) throws IOException {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
      all.add(socket);
      socket.setSoTimeout(60_000);
      try {
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        byte[] line = socket.getInputStream().readNBytes(12);
        return new String(line, StandardCharsets.US_ASCII).equals("HTTP/1.1 200");
      } catch (SocketException closed) {
        return false;
      }
    }

    @Override
    public void close() throws IOException {
      for (Socket socket : all) {
        socket.close();
      }
    }
  }
}
