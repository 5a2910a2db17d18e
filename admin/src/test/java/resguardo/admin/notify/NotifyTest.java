package resguardo.admin.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import com.sun.net.httpserver.HttpServer;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import resguardo.core.JobId;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.Schedule;
import resguardo.core.Serial;
import resguardo.core.SourcePath;
import resguardo.core.catalog.Proof;
import resguardo.core.catalog.Status;
import resguardo.core.protocol.Answer;

/**
 * People are told, over real HTTP and SMTP, of what is wrong: once, again after a day, and when it
 * is over.
 */
class NotifyTest {
  private static final Instant NOW = Instant.parse("2026-11-26T06:00:00Z");
  private static final RegistrationKey KEY =
      new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/srv"));
  private static final Trouble FAILS =
      new Trouble("failing alpha:/srv", Trouble.Kind.FAILING, "alpha:/srv failed: <disk> & all");
  private static final Trouble UNSEEN =
      new Trouble("unseen beta", Trouble.Kind.NODE_UNSEEN, "the agent of beta is not seen");

  @TempDir Path folder;

  private final Queue<Request> requests = new ConcurrentLinkedQueue<>();
  private final List<String> failures = new ArrayList<>();
  private final AtomicInteger refusals = new AtomicInteger();
  private HttpServer server;
  private GreenMail mail;

  record Request(String method, String path, Map<String, List<String>> headers, String body) {
    String header(String name) {
      return String.join(",", headers.getOrDefault(name, List.of()));
    }
  }

  @BeforeEach
  void start() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String body =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          boolean refused = refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
          if (!refused) {
            requests.add(
                new Request(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().getPath(),
                    Map.copyOf(exchange.getRequestHeaders()),
                    body));
          }
          exchange.sendResponseHeaders(refused ? 503 : 200, -1);
          exchange.close();
        });
    server.createContext(
        "/moved",
        exchange -> {
          exchange.getResponseHeaders().add("Location", "/elsewhere");
          exchange.sendResponseHeaders(302, -1);
          exchange.close();
        });
    server.start();
    mail = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
    mail.setUser("ops@example.org", "robot", "hush");
    mail.start();
  }

  @AfterEach
  void end() {
    server.stop(0);
    mail.stop();
  }

  private NotifyConfig config(String text) throws IOException {
    Path file = folder.resolve("notify.yaml");
    Files.writeString(
        file,
        text.replace("URL", "http://127.0.0.1:" + server.getAddress().getPort())
            .replace("FOLDER", folder.toString()));
    return NotifyConfig.read(file, Duration::parse);
  }

  private Told told() throws IOException {
    return Told.of(folder.resolve("told"));
  }

  private Teller teller(NotifyConfig config) throws IOException {
    return new Teller(config.channels(), told(), config.apart(), config.remind(), failures::add);
  }

  private static Answer.RegistrationLine line(Status.Outcome outcome, Instant slot) {
    return line(KEY, outcome, slot);
  }

  private static Answer.RegistrationLine line(
      RegistrationKey key, Status.Outcome outcome, Instant slot) {
    Instant good = outcome == Status.Outcome.FAILED ? null : slot;
    return new Answer.RegistrationLine(
        new Registration(key, new Schedule.Every(60), 1, NOW, Registration.State.ACTIVE),
        new Status(JobId.of(key, 1, slot), slot, outcome, "no room", slot, good, null),
        NOW,
        null,
        null,
        List.of(new Serial(7)));
  }

  @Test
  void eachFormIsWhatItsServiceTakes() throws Exception {
    Files.writeString(folder.resolve("secret"), "s3cret\n");
    NotifyConfig config =
        config(
            """
            version: 1
            channels:
              - {type: webhook, url: URL/hook, secret-file: FOLDER/secret}
              - {type: slack, url: URL/slack}
              - {type: discord, url: URL/discord}
              - {type: ntfy, url: URL/topic, secret-file: FOLDER/secret}
            """);
    teller(config).tell(List.of(FAILS, UNSEEN), NOW);
    assertThat(failures).isEmpty();
    Map<String, Request> by = new TreeMap<>();
    requests.forEach(request -> by.put(request.path(), request));
    JsonNode hook = new ObjectMapper().readTree(by.get("/hook").body());
    assertThat(hook.at("/new/0/id").asText()).isEqualTo("failing alpha:/srv");
    assertThat(hook.at("/new/1/kind").asText()).isEqualTo("NODE_UNSEEN");
    assertThat(by.get("/hook").header(HttpChannel.SIGNATURE.replace("Signature", "signature")))
        .isEqualTo(HttpChannel.signature("s3cret", NOW.getEpochSecond(), by.get("/hook").body()));
    assertThat(new ObjectMapper().readTree(by.get("/slack").body()).path("text").asText())
        .contains("2 new", "alpha:/srv failed: &lt;disk&gt; &amp; all");
    assertThat(new ObjectMapper().readTree(by.get("/discord").body()).path("content").asText())
        .contains("the agent of beta is not seen");
    assertThat(by.get("/topic").body()).contains("New:", "- alpha:/srv failed: <disk> & all");
    assertThat(by.get("/topic").header("Authorization")).isEqualTo("Bearer s3cret");
    assertThat(by.get("/topic").header("Title")).startsWith("Resguardo: 2 new");
  }

  @Test
  void aMailSaysAllOfItAndItsSubjectIsOneLine() throws Exception {
    Files.writeString(folder.resolve("secret"), "hush");
    NotifyConfig config =
        config(
            """
            version: 1
            channels:
              - type: email
                host: 127.0.0.1
                port: PORT
                security: none
                user: robot
                password-file: FOLDER/secret
                from: resguardo@example.org
                to: [ops@example.org]
            """
                .replace("PORT", String.valueOf(mail.getSmtp().getPort())));
    Trouble tricky = new Trouble("x", Trouble.Kind.FAILING, "ñ failed: a\r\nBcc: evil@example.org");
    teller(config).tell(List.of(tricky), NOW);
    assertThat(failures).isEmpty();
    MimeMessage[] received = mail.getReceivedMessages();
    assertThat(received).hasSize(1);
    assertThat(received[0].getSubject()).isEqualTo("Resguardo: ñ failed: a  Bcc: evil@example.org");
    assertThat(received[0].getAllRecipients()).hasSize(1);
    assertThat(received[0].getContent().toString()).contains("New:", "- ñ failed: a");
    assertThat(config.channels().get(0).toString()).doesNotContain("hush");
  }

  @Test
  void eachTroubleIsToldOnceAgainAfterADayAndWhenItIsOver() throws Exception {
    NotifyConfig config =
        config("{version: 1, channels: [{type: ntfy, url: URL/topic}], apart: PT5M, remind: P1D}");
    Teller teller = teller(config);
    teller.tell(List.of(FAILS), NOW);
    teller.tell(List.of(FAILS), NOW.plusSeconds(30));
    assertThat(requests).hasSize(1);
    // No storm: what is new within five minutes waits, and comes as one.
    teller.tell(List.of(FAILS, UNSEEN), NOW.plusSeconds(60));
    assertThat(requests).hasSize(1);
    // Whoever starts anew tells nothing twice.
    teller = teller(config);
    teller.tell(List.of(FAILS, UNSEEN), NOW.plusSeconds(301));
    teller.tell(List.of(UNSEEN), NOW.plusSeconds(700));
    teller.tell(List.of(UNSEEN), NOW.plusSeconds(87_000));
    assertThat(requests)
        .extracting(Request::body)
        .containsExactly(
            "New:\n- " + FAILS.what() + "\n",
            "New:\n- " + UNSEEN.what() + "\n",
            "Over:\n- " + FAILS.what() + "\n",
            "Still wrong:\n- " + UNSEEN.what() + "\n");
  }

  @Test
  void whatAChannelDidNotTakeIsToldLaterAndTheOthersAreToldNow() throws Exception {
    NotifyConfig config =
        config(
            """
            version: 1
            channels:
              - {type: ntfy, name: first, url: URL/one}
              - {type: ntfy, name: second, url: URL/two}
            """);
    refusals.set(1);
    Teller teller = teller(config);
    teller.tell(List.of(FAILS), NOW);
    assertThat(requests).extracting(Request::path).containsExactly("/two");
    assertThat(failures).containsExactly("first was not told: 127.0.0.1 answers 503");
    teller.tell(List.of(FAILS), NOW.plusSeconds(10));
    assertThat(requests).hasSize(1);
    teller.tell(List.of(FAILS), NOW.plusSeconds(31));
    assertThat(requests).extracting(Request::path).containsExactly("/two", "/one");
    // One that does not answer at all.
    server.stop(0);
    teller.tell(List.of(FAILS, UNSEEN), NOW.plusSeconds(1000));
    assertThat(failures).hasSize(3).last().asString().contains("no answer of 127.0.0.1");
  }

  /** Whoever follows asks there, without what it was to tell, and with what lets it in here. */
  @Test
  void whoIsSentElsewhereHasToldNothing() throws Exception {
    Teller teller =
        teller(config("{version: 1, channels: [{type: ntfy, name: one, url: URL/moved}]}"));
    teller.tell(List.of(FAILS), NOW);
    assertThat(requests).isEmpty();
    assertThat(failures).containsExactly("one was not told: 127.0.0.1 answers 302");
  }

  @Test
  void aClockThatWasAheadSilencesNothing() throws Exception {
    Teller teller = teller(config("{version: 1, channels: [{type: ntfy, url: URL/topic}]}"));
    teller.tell(List.of(FAILS), NOW.plus(Duration.ofDays(30_000)));
    assertThat(requests).hasSize(1);
    teller.tell(List.of(FAILS, UNSEEN), NOW);
    assertThat(requests).hasSize(2);
    assertThat(requests).last().extracting(Request::body).asString().contains(UNSEEN.what());
    assertThat(requests).last().extracting(Request::body).asString().contains(FAILS.what());
  }

  @Test
  void whenNobodyCanBeAskedNothingIsTakenAsOver() throws Exception {
    NotifyConfig config = config("{version: 1, channels: [{type: ntfy, url: URL/topic}]}");
    Teller teller = teller(config);
    teller.tell(List.of(FAILS), NOW);
    Trouble silent = new Trouble("no coordinator", Trouble.Kind.NO_COORDINATOR, "silence");
    teller.tellMore(List.of(silent), NOW.plusSeconds(400));
    teller.tell(List.of(FAILS), NOW.plusSeconds(800));
    assertThat(requests)
        .extracting(Request::body)
        .containsExactly(
            "New:\n- " + FAILS.what() + "\n", "New:\n- silence\n", "Over:\n- silence\n");
  }

  @Test
  void aPingIsAskedForEachEndOnce() throws Exception {
    NotifyConfig config =
        config("{version: 1, pings: [{node: alpha, path: /srv, url: URL/ping/1a2b}]}");
    Pings pings = new Pings(config.pings(), told(), failures::add);
    pings.tell(List.of(line(Status.Outcome.UNCHANGED, NOW)));
    pings.tell(List.of(line(Status.Outcome.UNCHANGED, NOW)));
    refusals.set(1);
    pings.tell(List.of(line(Status.Outcome.FAILED, NOW.plusSeconds(60))));
    assertThat(failures).hasSize(1).first().asString().doesNotContain("1a2b");
    pings = new Pings(config.pings(), told(), failures::add);
    pings.tell(List.of(line(Status.Outcome.FAILED, NOW.plusSeconds(60))));
    assertThat(requests).extracting(Request::path).containsExactly("/ping/1a2b", "/ping/1a2b/fail");
  }

  @Test
  void whatIsWrongIsFoundInWhatTheCoordinatorSays() {
    Answer.Load load =
        new Answer.Load(NOW.plus(Duration.ofHours(27)), 0, 3, List.of(), List.of(), 0);
    TreeMap<NodeName, Instant> unseen = new TreeMap<>();
    unseen.put(new NodeName("beta"), NOW);
    Answer.RegistrationLine failed = line(Status.Outcome.FAILED, NOW);
    assertThat(Conditions.USUAL.troubles(List.of(failed), load, unseen))
        .extracting(Trouble::kind)
        .containsExactly(
            Trouble.Kind.FAILING,
            Trouble.Kind.WITHOUT_BACKUP,
            Trouble.Kind.SUSPICIOUS,
            Trouble.Kind.NODE_UNSEEN,
            Trouble.Kind.DEAD_LETTERS,
            Trouble.Kind.NO_WORKER);
    Conditions nothing = new Conditions(false, null, null, false, false, false);
    Answer.Load well =
        new Answer.Load(
            NOW.plus(Duration.ofHours(27)),
            0,
            3,
            List.of(new Peer(Role.WORKER, "w")),
            List.of(),
            0);
    assertThat(nothing.troubles(List.of(failed), well, unseen)).isEmpty();
    Answer.RegistrationLine good = line(Status.Outcome.COMMITTED, NOW.plus(Duration.ofHours(26)));
    assertThat(Conditions.USUAL.troubles(List.of(good), well, new TreeMap<>()))
        .extracting(Trouble::kind)
        .containsExactly(Trouble.Kind.SUSPICIOUS, Trouble.Kind.DEAD_LETTERS);
  }

  @Test
  void whatBeginsForOnePathIsToldThoughAnotherThatBeginsAlikeIsInTheSameTrouble() throws Exception {
    List<Answer.RegistrationLine> lines = new ArrayList<>();
    for (String end : List.of("one", "other")) {
      RegistrationKey key =
          new RegistrationKey(
              new NodeName("alpha"), SourcePath.parse("/" + "a".repeat(300) + "/" + end));
      lines.add(line(key, Status.Outcome.FAILED, NOW));
    }
    Answer.Load load =
        new Answer.Load(
            NOW.plus(Duration.ofHours(27)),
            0,
            0,
            List.of(new Peer(Role.WORKER, "w")),
            List.of(),
            0);
    List<Trouble> one = Conditions.USUAL.troubles(lines.subList(0, 1), load, new TreeMap<>());
    List<Trouble> both = Conditions.USUAL.troubles(lines, load, new TreeMap<>());
    assertThat(one).hasSize(3);
    assertThat(both).extracting(Trouble::id).doesNotHaveDuplicates().hasSize(6);
    Teller teller =
        teller(config("version: 1\nchannels: [{type: webhook, url: URL/hook}]\napart: PT1S"));
    teller.tell(one, NOW);
    teller.tell(both, NOW.plusSeconds(60));
    assertThat(failures).isEmpty();
    JsonNode second = new ObjectMapper().readTree(List.copyOf(requests).get(1).body());
    assertThat(second.at("/new")).hasSize(3);
  }

  private static List<Trouble> ofDrills(boolean good, Instant due, Duration later) {
    Answer.RegistrationLine line = line(Status.Outcome.COMMITTED, NOW.plus(later));
    Proof.Drill drill =
        new Proof.Drill(
            ReplyId.random(),
            new Serial(3),
            NOW,
            NOW,
            new Peer(Role.WORKER, "w"),
            Proof.Extent.WHOLE,
            true,
            1,
            2,
            good ? null : List.of("a: its content is not what was stored"),
            null,
            null,
            null);
    Answer.RegistrationLine drilled =
        new Answer.RegistrationLine(
            line.registration(),
            line.status(),
            NOW,
            null,
            null,
            null,
            null,
            Proof.after(null, KEY, drill),
            3600L,
            due);
    Answer.Load load =
        new Answer.Load(NOW.plus(later), 0, 0, List.of(new Peer(Role.WORKER, "w")), List.of(), 0);
    return Conditions.USUAL.troubles(List.of(drilled), load, new TreeMap<>());
  }

  @Test
  void whatADrillHasShownToBeDamagedIsToldAndWhatWasNotProvenForTooLong() {
    Duration day = Duration.ofDays(1);
    assertThat(ofDrills(true, NOW.plusSeconds(3600), day)).isEmpty();
    assertThat(ofDrills(false, NOW.plusSeconds(3600), day))
        .singleElement()
        .satisfies(
            trouble -> {
              assertThat(trouble.kind()).isEqualTo(Trouble.Kind.DRILL_FAILED);
              assertThat(trouble.what())
                  .contains("version 000003 of", "its content is not", "proven restorable never");
            });
    assertThat(ofDrills(true, NOW.plusSeconds(3600), day.multipliedBy(2)))
        .extracting(Trouble::kind)
        .containsExactly(Trouble.Kind.UNPROVEN);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "version: 2 | version: 1",
        "version: 1 | nobody is told",
        "{version: 1, channels: [{type: pigeon}]} | webhook, slack, discord, ntfy or email",
        "{version: 1, channels: [{type: slack}]} | either url or url-file",
        "{version: 1, channels: [{type: slack, url: 'ftp://x'}]} | neither http nor https",
        "{version: 1, channels: [{type: ntfy, url: URL}, {type: ntfy, url: URL}]} | two channels are called ntfy",
        "{version: 1, channels: [{type: email, host: x}]} | needs from and to",
        "{version: 1, channels: [{type: ntfy, url: URL, colour: red}]} | colour",
      })
  void whatIsWrongInTheFileIsSaid(String text, String said) {
    assertThatThrownBy(() -> config(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(said.strip());
  }

  /** What docs/operating.md shows can be used as it stands there. */
  @Test
  void theExampleOfTheDocumentationIsRead() throws Exception {
    String doc = Files.readString(Path.of("..", "docs", "operating.md"));
    int begin = doc.indexOf("    version: 1\n    every: 30s");
    String example = doc.substring(begin, doc.indexOf("\n\n", begin)).replaceAll("(?m)^ {4}", "");
    Files.writeString(folder.resolve("secret"), "https://example.org/x");
    Files.writeString(
        folder.resolve("notify.yaml"),
        example.replaceAll("/etc/resguardo/[a-z-]+", folder.resolve("secret").toString()));
    NotifyConfig read =
        NotifyConfig.read(
            folder.resolve("notify.yaml"),
            text -> Duration.parse(text.endsWith("d") ? "P" + text : "PT" + text));
    assertThat(read.conditions()).isEqualTo(Conditions.USUAL);
    assertThat(read.channels())
        .extracting(Channel::name)
        .containsExactly("email", "slack", "discord", "ntfy", "pager");
    assertThat(read.pings()).hasSize(1);
  }

  @Test
  void theWordsAreThoseOfTheOperatorAndWhatIsPutIntoThemIsTextAlone() throws Exception {
    NotifyConfig config =
        config(
            """
            version: 1
            channels:
              - type: webhook
                url: URL/pager
                text: '{"title": "{{subject}}", "bad": [{{#new}}{{^-first}},{{/-first}}"{{kind}}: {{what}}"{{/new}}], "over": {{overCount}}}'
              - {type: slack, url: URL/slack, text: "*{{newCount}} new*{{#new}} {{what}};{{/new}}"}
              - {type: ntfy, url: URL/ntfy, subject: "backups: {{newCount}}", text: "{{text}}"}
              - type: email
                host: 127.0.0.1
                port: PORT
                security: none
                from: resguardo@example.org
                to: [ops@example.org]
                subject: "[backups] {{subject}}"
                text: |
                  {{#new}}{{what}}
                  {{/new}}See the wiki.
            """
                .replace("PORT", String.valueOf(mail.getSmtp().getPort())));
    teller(config).tell(List.of(FAILS, UNSEEN), NOW);
    assertThat(failures).isEmpty();
    JsonNode pager = new ObjectMapper().readTree(requests.remove().body());
    assertThat(pager.get("bad").get(0).asText()).isEqualTo("failing: " + FAILS.what());
    assertThat(pager.get("bad").get(1).asText()).isEqualTo("node-unseen: " + UNSEEN.what());
    assertThat(pager.get("over").asInt()).isZero();
    assertThat(new ObjectMapper().readTree(requests.remove().body()).get("text").asText())
        .isEqualTo(
            "*2 new* alpha:/srv failed: &lt;disk&gt; &amp; all; the agent of beta is not seen;");
    Request ntfy = requests.remove();
    assertThat(ntfy.header("Title")).isEqualTo("backups: 2");
    assertThat(ntfy.body()).contains("- " + FAILS.what());
    MimeMessage message = mail.getReceivedMessages()[0];
    assertThat(message.getSubject()).startsWith("[backups] Resguardo: 2 new");
    assertThat(String.valueOf(message.getContent()))
        .isEqualToNormalizingNewlines(FAILS.what() + "\n" + UNSEEN.what() + "\nSee the wiki.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "slack | '{{nothing}}' | a template that cannot be used",
        "slack | '{{#new}}' | a template that cannot be used",
        "webhook | 'text {{subject}}' | does not come out as JSON",
        "webhook | '[1]' | no JSON object"
      })
  void aTemplateThatCannotBeUsedIsRefusedBeforeAnythingIsWrong(
      String type, String text, String why) {
    assertThatThrownBy(
            () ->
                config(
                    "version: 1\nchannels: [{type: "
                        + type
                        + ", url: \"URL/x\", text: \""
                        + text
                        + "\"}]\n"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(type)
        .hasMessageContaining(why);
  }
}
