package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Page;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.JobId;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.Schedule;
import resguardo.core.Serial;
import resguardo.core.Sha256;
import resguardo.core.SourcePath;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.Proof;
import resguardo.core.catalog.Registry;
import resguardo.core.catalog.Status;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.protocol.Json;
import resguardo.core.version.ManifestWriter;
import resguardo.core.version.Totals;
import resguardo.core.version.VersionHeader;

/**
 * The overview of many registrations, on a real broker and store. {@code make overview} runs it
 * with ten thousand, and prints how long pages take; nothing of that is asserted.
 */
@EnabledIfSystemProperty(
    named = "resguardo.console.registrations",
    matches = "\\d+",
    disabledReason = "it is for make overview: it puts tens of thousands of objects into a store")
class ConsoleManyTest {
  private static final String TOKEN = "the-token-of-these-tests-alone";
  private static final int NODES = 200;

  /** What is put into the bucket at once. */
  private static final int AT_ONCE = 16;

  /** Those with the manifests of their versions; of the others no page here looks at one. */
  private static final int WITH_TREND = 100;

  private static final int TREND = 20;
  private static final int ROUNDS = 9;
  private static final long A_YEAR = 365L * 24 * 3600;

  /** Of what a page says at what time it came. */
  private static final String TIMES =
      "() => { const n = performance.getEntriesByType('navigation')[0];"
          + " return [n.responseStart, n.domContentLoadedEventEnd, n.loadEventEnd].join(' '); }";

  private final int registrations = Integer.getInteger("resguardo.console.registrations", 120);
  private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  @AutoClose private Pipeline pipeline;

  @AutoClose private Chromium chromium;

  private Path settings;
  private Path token;

  private RegistrationKey key(int i) {
    return new RegistrationKey(
        new NodeName(String.format("node-%03d", i % NODES)),
        SourcePath.parse(String.format("/srv/customers/%05d/data", i)));
  }

  /** A fleet that was backed up for a while, written as its coordinator and workers have done. */
  private void fill(ArchiveStore bucket) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < registrations; i++) {
        int number = i;
        all.add(
            threads.submit(
                () -> {
                  fill(bucket, number);
                  return null;
                }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private void fill(ArchiveStore bucket, int i) throws Exception {
    RegistrationKey key = key(i);
    Schedule schedule = new Schedule.Every(A_YEAR);
    new Registry(bucket)
        .save(
            new Registration(key, schedule, 1, now.minusSeconds(100), Registration.State.ACTIVE),
            null);
    for (int serial = 1; i < WITH_TREND && serial <= TREND; serial++) {
      commit(bucket, key, serial, size(i) + serial);
    }
    Serial newest = new Serial(TREND);
    Status status =
        new Status(JobId.of(key, 1, now), now, Status.Outcome.COMMITTED, null, now, now, newest)
            .of(size(i) + TREND);
    bucket.put(BucketLayout.status(key), Content.of(Json.write(status)));
    Proof.Drill drill =
        new Proof.Drill(
            ReplyId.random(),
            newest,
            now,
            now,
            new Peer(Role.WORKER, "worker-1"),
            Proof.Extent.WHOLE,
            true,
            1000,
            size(i),
            null,
            null,
            null,
            null);
    bucket.put(
        BucketLayout.proof(key),
        Content.of(Json.write(new Proof(Proof.VERSION, key, drill, drill))));
  }

  private static long size(int i) {
    return 1_000_000L + i;
  }

  private void commit(ArchiveStore bucket, RegistrationKey key, long serial, long bytes)
      throws Exception {
    Totals totals = new Totals(1000, 900, bytes, 0, Sha256.of(new byte[0]));
    VersionHeader header =
        new VersionHeader(
            VersionHeader.FORMAT,
            key,
            new Serial(serial),
            1,
            JobId.of(key, 1, now),
            now,
            now,
            List.of(),
            false,
            totals.fingerprint(),
            totals);
    try (ManifestWriter writer = new ManifestWriter(folder)) {
      bucket.putIfAbsent(BucketLayout.manifest(key, header.serial()), writer.finish(header));
    }
  }

  /** A console that was just started, and knows nothing. */
  private Console console() throws Exception {
    List<String> before = addresses();
    Process process =
        pipeline.console(settings, "--token-file", token.toString(), "--timeout", "60");
    await().atMost(Pipeline.PATIENCE).until(() -> addresses().size() > before.size());
    List<String> its = new ArrayList<>(addresses());
    its.removeAll(before);
    return new Console(process, its.get(0).substring("console ".length()));
  }

  private record Console(Process process, String address) {}

  private List<String> addresses() throws Exception {
    return pipeline.logLines("console").stream()
        .filter(line -> line.startsWith("console http"))
        .toList();
  }

  /** An answer, and how long its first byte and its last took, in ms. */
  private record Answered(String body, double first, double last) {}

  private static String signIn(Console console) throws Exception {
    HttpResponse<String> entered =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create(console.address() + "enter?token=" + TOKEN))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    String cookie = entered.headers().firstValue("Set-Cookie").orElseThrow();
    return cookie.substring(0, cookie.indexOf(';'));
  }

  private static Answered get(Console console, String cookie, String page) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(console.address() + page))
            .header("Cookie", cookie)
            .build();
    long began = System.nanoTime();
    HttpResponse<InputStream> answer =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofInputStream());
    try (InputStream in = answer.body()) {
      int head = in.read();
      double first = (System.nanoTime() - began) / 1e6;
      String body =
          (char) head + new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
      assertThat(answer.statusCode()).as(body).isEqualTo(200);
      return new Answered(body, first, (System.nanoTime() - began) / 1e6);
    }
  }

  private void say(String format, Object... values) {
    System.out.println("overview: " + String.format(java.util.Locale.ROOT, format, values));
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }

  private void sayMedian(Console console, String cookie, String what, String page)
      throws Exception {
    double[] first = new double[ROUNDS];
    double[] last = new double[ROUNDS];
    int bytes = 0;
    for (int i = 0; i < ROUNDS; i++) {
      Answered one = get(console, cookie, page);
      first[i] = one.first();
      last[i] = one.last();
      bytes = one.body().length();
      Thread.sleep(300);
    }
    say(
        "%s: first byte after %.0f ms, last after %.0f (medians of %d), %d KiB",
        what, median(first), median(last), ROUNDS, bytes / 1024);
  }

  @Test
  void tenThousandAreSearchedAndFiftyAreShown() throws Exception {
    pipeline = new Pipeline(folder).measured();
    chromium = new Chromium();
    Process first = pipeline.coordinator();
    pipeline.awaitBucket();
    Pipeline.kill(first);
    Instant began = Instant.now();
    try (ArchiveStore bucket = pipeline.bucket()) {
      fill(bucket);
    }
    say("%d registrations written after %s", registrations, Duration.between(began, Instant.now()));
    began = Instant.now();
    pipeline.coordinator();
    settings = folder.resolve("console.env");
    Pipeline.Result enrolled =
        pipeline.admin(
            "operator", "enroll", "web", "--may", "write", "--save-to-file", settings.toString());
    assertThat(enrolled.exit()).as(enrolled.err()).isZero();
    token = Files.writeString(folder.resolve("token"), TOKEN + "\n");
    await()
        .atMost(Duration.ofMinutes(30))
        .until(() -> pipeline.admin("list", "--json", "--timeout", "60").exit() == 0);
    say("the coordinator answers after %s", Duration.between(began, Instant.now()));
    began = Instant.now();
    assertThat(pipeline.list()).hasSize(registrations);
    say("admin list --json: %s", Duration.between(began, Instant.now()));

    Console console = null;
    String cookie = "";
    for (int i = 0; i < 3; i++) {
      if (console != null) {
        Pipeline.kill(console.process());
      }
      console = console();
      cookie = signIn(console);
      Answered cold = get(console, cookie, "");
      say("cold: first byte after %.0f ms, last after %.0f", cold.first(), cold.last());
      assertThat(cold.body()).contains(String.format("%,d", registrations));
    }
    String last = String.format("%05d", registrations - 1);
    Answered all = get(console, cookie, "");
    assertThat(all.body().split("<tr>", -1)).as("rows, and the head").hasSize(52);
    assertThat(all.body().length()).as("bytes of a page").isLessThan(200_000);
    assertThat(all.body()).doesNotContain(last);
    assertThat(get(console, cookie, "?q=" + last).body())
        .contains("/srv/customers/" + last + "/data", "1 of ");
    assertThat(get(console, cookie, "?sort=-size").body().indexOf(last))
        .as("the largest comes first")
        .isPositive();
    sayMedian(console, cookie, "warm", "");
    sayMedian(console, cookie, "warm, a search", "?q=" + last);
    sayMedian(console, cookie, "warm, by size", "?sort=-size");
    sayMedian(console, cookie, "warm, the last page", "?page=100000");
    sayMedian(
        console,
        cookie,
        "a registration",
        "set?node=node-000&path=%2Fsrv%2Fcustomers%2F00000%2Fdata");
    sayMedian(console, cookie, "nodes", "nodes");
    browser(console);
    assertThat(chromium.complaints()).isEmpty();
  }

  private void browser(Console console) {
    Page page = chromium.page(Chromium.Look.LIGHT);
    page.navigate(console.address() + "enter?token=" + TOKEN);
    for (String look : List.of("", "", "", "?sort=-size")) {
      page.navigate(console.address() + look);
      String[] times = String.valueOf(page.evaluate(TIMES)).split(" ");
      say(
          "Chromium, /%s: first byte after %.0f ms, DOMContentLoaded after %.0f, loaded after %.0f",
          look,
          Double.parseDouble(times[0]),
          Double.parseDouble(times[1]),
          Double.parseDouble(times[2]));
    }
    chromium.keep(page, "many");
    assertThat(page.locator("tbody tr").count()).isEqualTo(50);
  }
}
