package resguardo.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import resguardo.core.Peer;
import resguardo.core.Permission;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.Serial;
import resguardo.core.port.CommandChannel;
import resguardo.core.port.Delivery;
import resguardo.core.port.Platform;
import resguardo.core.port.Reply;
import resguardo.core.port.ReplyChannel;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command;

/** What browsers, and those who pretend to be one, get of the console over HTTP. */
class ConsoleServerTest {
  private static final String TOKEN = "a-token-of-more-than-20-characters";

  private final Coordinator coordinator = new Coordinator();

  @AutoClose private ConsoleServer server;

  /** One that says yes to everything, and writes down what it was asked, and in whose name. */
  private static final class Coordinator implements ReplyChannel {
    private volatile Answer answer = new Answer.Done("it is so");
    private final List<String> asked = Collections.synchronizedList(new ArrayList<>());

    CommandChannel of(String whom) {
      return new CommandChannel() {
        @Override
        public void send(Command command) {
          boolean all = command instanceof Command.Drill drill && drill.all();
          answer =
              command instanceof Command.Drill
                  ? new Answer.DrillOrdered(
                      ReplyId.random(), new Serial(7), "ordered a drill of version 000007")
                  : new Answer.Done("it is so");
          asked.add(whom + " " + command.word() + (all ? " of all" : ""));
        }

        @Override
        public Subscription consume(
            long rank, Consumer<Delivery<Command>> handler, Consumer<Malformed> malformed) {
          throw new UnsupportedOperationException("a console takes no commands");
        }
      };
    }

    @Override
    public Mailbox open(ReplyId id, int capacity) {
      return new Mailbox() {
        @Override
        public Optional<Received> receive(Duration atMost) {
          Peer from = new Peer(Role.COORDINATOR, "c-1");
          return Optional.of(new Received(from, new Reply.Said(answer)));
        }

        @Override
        public boolean overflowed() {
          return false;
        }

        @Override
        public void close() {
          // nothing is held
        }
      };
    }

    @Override
    public void send(ReplyId to, Reply message) {
      throw new UnsupportedOperationException("nothing is streamed");
    }
  }

  private void start(Access.Proxy proxy, Permission may) throws Exception {
    server =
        new ConsoleServer(
            new ConsoleServer.Settings(
                InetAddress.getLoopbackAddress(),
                0,
                Set.of("backup.example"),
                false,
                proxy == null ? TOKEN : null,
                proxy,
                may),
            new Operator(coordinator::of, coordinator, Duration.ofSeconds(5)),
            Platform.ofJvm());
  }

  private void start() throws Exception {
    start(null, Permission.WRITE);
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return HttpClient.newHttpClient()
        .send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
  }

  private HttpRequest.Builder at(String page) {
    return HttpRequest.newBuilder(URI.create(server.address()).resolve(page));
  }

  private static HttpRequest.BodyPublisher form(String body) {
    return HttpRequest.BodyPublishers.ofString(body);
  }

  private HttpRequest.Builder post(String page, String cookie, String body) {
    HttpRequest.Builder request =
        at(page).header("Content-Type", "application/x-www-form-urlencoded").POST(form(body));
    return cookie == null ? request : request.header("Cookie", cookie);
  }

  private String signIn() throws Exception {
    HttpResponse<String> entered = send(at("/enter?token=" + TOKEN));
    assertThat(entered.statusCode()).isEqualTo(303);
    String set = entered.headers().firstValue("Set-Cookie").orElseThrow();
    assertThat(set).contains("HttpOnly").contains("SameSite=Strict").contains("Path=/");
    return set.substring(0, set.indexOf(';'));
  }

  private String csrf(String cookie) throws Exception {
    HttpResponse<String> page = send(at("/run?node=alpha&path=/srv").header("Cookie", cookie));
    Matcher word = Pattern.compile("name=\"csrf\" value=\"([^\"]+)\"").matcher(page.body());
    assertThat(word.find()).as(page.body()).isTrue();
    return word.group(1);
  }

  @Test
  void nobodyGetsInWithoutTheToken() throws Exception {
    start();
    for (String page : List.of("/", "/set?node=alpha&path=/srv", "/file", "/run", "/nowhere")) {
      HttpResponse<String> answer = send(at(page));
      assertThat(answer.statusCode()).as(page).isEqualTo(401);
      assertThat(answer.body()).contains("Sign in").doesNotContain("Sign out");
    }
    assertThat(send(at("/enter?token=wrong")).statusCode()).isEqualTo(403);
    assertThat(send(at("/enter?token=wrong")).headers().firstValue("Set-Cookie")).isEmpty();
    assertThat(send(at("/").header("Cookie", "resguardo-" + server.port() + "=x")).statusCode())
        .isEqualTo(401);
    assertThat(send(post("/run", null, "node=alpha&path=/srv")).statusCode()).isEqualTo(401);
    assertThat(coordinator.asked).isEmpty();

    String cookie = signIn();
    assertThat(send(at("/register").header("Cookie", cookie)).statusCode()).isEqualTo(200);
    assertThat(send(post("/enter", null, "token=" + TOKEN)).statusCode()).isEqualTo(303);
  }

  @Test
  void whoeverSignsOutIsOut() throws Exception {
    start();
    String cookie = signIn();
    String word = csrf(cookie);
    assertThat(send(post("/sign-out", cookie, "csrf=" + word)).statusCode()).isEqualTo(303);
    assertThat(send(at("/register").header("Cookie", cookie)).statusCode()).isEqualTo(401);
  }

  @Test
  void aFormWithoutTheWordOfTheSessionChangesNothing() throws Exception {
    start();
    String cookie = signIn();
    String word = csrf(cookie);
    String about = "node=alpha&path=/srv";
    String other = csrf(signIn());
    for (String body :
        List.of(about, about + "&csrf=", about + "&csrf=x", about + "&csrf=" + other)) {
      assertThat(send(post("/run", cookie, body)).statusCode()).as(body).isEqualTo(403);
    }
    assertThat(
            send(post("/run", cookie, about + "&csrf=" + word)
                    .header("Origin", "http://evil.example"))
                .statusCode())
        .isEqualTo(403);
    assertThat(
            send(post("/run", cookie, about + "&csrf=" + word)
                    .header("Sec-Fetch-Site", "cross-site"))
                .statusCode())
        .isEqualTo(403);
    assertThat(send(at("/run?" + about + "&csrf=" + word).header("Cookie", cookie)).statusCode())
        .as("a page that is looked at changes nothing")
        .isEqualTo(200);
    assertThat(
            send(at("/run")
                    .header("Cookie", cookie)
                    .header("Content-Type", "text/plain")
                    .POST(form(about + "&csrf=" + word)))
                .statusCode())
        .isEqualTo(415);
    assertThat(coordinator.asked).isEmpty();

    HttpResponse<String> done = send(post("/run", cookie, about + "&csrf=" + word));
    assertThat(done.statusCode()).isEqualTo(303);
    assertThat(coordinator.asked).containsExactly("token runNow");
  }

  @Test
  void aDrillIsOrderedByTheButtonOfItsPageAndInTheNameOfWhoPressedIt() throws Exception {
    start();
    String cookie = signIn();
    String about = "node=alpha&path=/srv";
    HttpResponse<String> asks = send(at("/drill?" + about).header("Cookie", cookie));
    assertThat(asks.body()).contains("Drill it now", "Read all of it");
    assertThat(send(post("/drill", cookie, about)).statusCode()).isEqualTo(403);
    assertThat(coordinator.asked).isEmpty();
    String word = csrf(cookie);
    for (String all : List.of("", "&all=yes")) {
      HttpResponse<String> done = send(post("/drill", cookie, about + "&csrf=" + word + all));
      assertThat(done.statusCode()).isEqualTo(303);
      assertThat(done.headers().firstValue("Location").orElse("")).startsWith("/set?");
    }
    assertThat(coordinator.asked).containsExactly("token drill", "token drill of all");
    assertThat(send(at("/register").header("Cookie", cookie)).body())
        .contains("Ordered a drill of version 000007.");
  }

  @Test
  void whoeverCallsItByAnotherNameIsNotServed() throws Exception {
    start();
    assertThat(
            raw(
                "GET /enter?token="
                    + TOKEN
                    + " HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 421")
        .doesNotContain("Set-Cookie");
    assertThat(raw("GET /assets/x HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"))
        .as("without its port")
        .startsWith("HTTP/1.1 421");
    assertThat(raw("GET / HTTP/1.1\r\nHost: backup.example\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 401");
    assertThat(
            raw(
                "GET http://evil.example/ HTTP/1.1\r\nHost: backup.example\r\nConnection: close\r\n\r\n"))
        .doesNotStartWith("HTTP/1.1 200");
  }

  private String raw(String request) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Each would wait with a thread for its end, and there are no more than some tens. */
  @Test
  void formsThatNeverEndKeepNobodyOut() throws Exception {
    start();
    String cookie = signIn();
    String begun =
        "POST /enter HTTP/1.1\r\nHost: 127.0.0.1:"
            + server.port()
            + "\r\nContent-Type: application/x-www-form-urlencoded"
            + "\r\nContent-Length: 1000\r\n\r\ntok";
    List<Socket> held = new ArrayList<>();
    try {
      for (int i = 0; i < 60; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        held.add(socket);
        socket.setSoTimeout(60_000);
        socket.getOutputStream().write(begun.getBytes(StandardCharsets.ISO_8859_1));
      }
      for (Socket refused : held.subList(40, 60)) {
        byte[] line = refused.getInputStream().readNBytes(12);
        assertThat(new String(line, StandardCharsets.ISO_8859_1)).isEqualTo("HTTP/1.1 503");
      }
      assertThat(send(at("/register").header("Cookie", cookie)).statusCode()).isEqualTo(200);
    } finally {
      for (Socket socket : held) {
        socket.close();
      }
    }
  }

  @Test
  void connectionsThatSendNoWholeRequestAreBoundedAndPutOutAndOthersAreServed() throws Exception {
    start();
    String cookie = signIn();
    List<Socket> held = new ArrayList<>();
    try {
      for (int i = 0; i < ConsoleServer.CONNECTIONS + 20; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        held.add(socket);
        socket.getOutputStream().write("GET / HTTP/1.1\r\nX: ".getBytes(StandardCharsets.US_ASCII));
      }
      CompletableFuture<HttpResponse<String>> asked =
          HttpClient.newHttpClient()
              .sendAsync(
                  at("/register").header("Cookie", cookie).build(),
                  HttpResponse.BodyHandlers.ofString());
      int most = 0;
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
      while (!asked.isDone() && System.nanoTime() < end) {
        most = Math.max(most, server.connections());
        TimeUnit.MILLISECONDS.sleep(20);
      }
      assertThat(asked).isDone();
      assertThat(asked.get().statusCode()).isEqualTo(200);
      assertThat(most).isLessThan(ConsoleServer.CONNECTIONS + 10);
      held.get(0).setSoTimeout(90_000); // nothing is sent, and the connection is ended
      held.get(0).getInputStream().readAllBytes();
    } finally {
      for (Socket socket : held) {
        socket.close();
      }
    }
  }

  @Test
  void everyAnswerTellsBrowsersToRunNothingOfOthers() throws Exception {
    start();
    String cookie = signIn();
    for (String page : List.of("/register", "/nowhere", "/file?node=a&path=/b", "/set?node=..")) {
      HttpResponse<String> answer = send(at(page).header("Cookie", cookie));
      assertThat(answer.headers().firstValue("Content-Security-Policy").orElse(""))
          .as(page)
          .startsWith("default-src 'none'")
          .contains("frame-ancestors 'none'")
          .doesNotContain("unsafe")
          .doesNotContain("*");
      assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
      assertThat(answer.headers().firstValue("Referrer-Policy")).contains("same-origin");
      assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
      assertThat(answer.body())
          .doesNotContain("style=")
          .doesNotContainPattern("<script(?! src=\"/assets/)")
          .doesNotContainPattern("\\son[a-z]+=")
          .doesNotContain("http://", "https://");
    }
  }

  @Test
  void whoMayOnlyLookChangesNothing() throws Exception {
    start(null, Permission.READ);
    String cookie = signIn();
    for (String page :
        List.of(
            "/run", "/pause", "/drill", "/register", "/unregister", "/restore", "/dead/settle")) {
      assertThat(
              send(at(page + "?node=alpha&path=/srv&retry=yes").header("Cookie", cookie))
                  .statusCode())
          .as(page)
          .isEqualTo(403);
      assertThat(send(post(page, cookie, "node=alpha&path=/srv&retry=yes")).statusCode())
          .as(page)
          .isEqualTo(403);
    }
    assertThat(coordinator.asked).isEmpty();
  }

  @Test
  void aProxySaysWhoComesAndThatIsOnRecord() throws Exception {
    start(
        new Access.Proxy(
            "X-User", Set.of(InetAddress.getLoopbackAddress()), Set.of("*"), Set.of("bob")),
        Permission.WRITE);
    assertThat(send(at("/register")).statusCode()).isEqualTo(403);
    assertThat(send(at("/enter?token=" + TOKEN)).statusCode()).isEqualTo(403);
    assertThat(send(at("/register").header("X-User", "alice")).statusCode()).isEqualTo(403);
    assertThat(send(at("/nowhere").header("X-User", "alice")).body())
        .contains("alice (may look only)");

    HttpResponse<String> first = send(at("/run?node=alpha&path=/srv").header("X-User", "bob"));
    assertThat(first.statusCode()).isEqualTo(200);
    String set = first.headers().firstValue("Set-Cookie").orElseThrow();
    String cookie = set.substring(0, set.indexOf(';'));
    Matcher word = Pattern.compile("name=\"csrf\" value=\"([^\"]+)\"").matcher(first.body());
    assertThat(word.find()).isTrue();
    String body = "node=alpha&path=/srv&csrf=" + word.group(1);
    assertThat(send(post("/run", cookie, body)).statusCode())
        .as("a session is nothing without the proxy's word")
        .isEqualTo(403);
    assertThat(send(post("/run", cookie, body).header("X-User", "alice")).statusCode())
        .as("and it is bob's")
        .isEqualTo(403);
    assertThat(coordinator.asked).isEmpty();
    assertThat(send(post("/run", cookie, body).header("X-User", "bob")).statusCode())
        .isEqualTo(303);
    assertThat(coordinator.asked).containsExactly("bob runNow");
  }

  @Test
  void whatIsTooLargeOrCannotBeReadIsRefusedAndTheNextIsServed() throws Exception {
    start();
    String cookie = signIn();
    String word = csrf(cookie);
    String large = "csrf=" + word + "&node=alpha&path=/" + "a".repeat(400_000);
    assertThat(send(post("/run", cookie, large)).statusCode()).isBetween(400, 499);
    assertThat(send(at("/set?path=" + "a".repeat(200_000)).header("Cookie", cookie)).statusCode())
        .isBetween(400, 499);
    assertThat(
            raw(
                "GET /set?path=%zz HTTP/1.1\r\nHost: backup.example\r\nCookie: "
                    + cookie
                    + "\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 4");
    assertThat(raw("nonsense\r\n\r\n")).startsWith("HTTP/1.1 4");
    assertThat(
            send(at("/run?node=alpha&path=/srv").header("Cookie", cookie).method("PUT", form("")))
                .statusCode())
        .isEqualTo(405);
    assertThat(coordinator.asked).isEmpty();
    assertThat(send(at("/run?node=alpha&path=/srv").header("Cookie", cookie)).statusCode())
        .isEqualTo(200);
  }
}
