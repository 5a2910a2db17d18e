package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import resguardo.core.catalog.Proof;

/** The web console in a real browser, on the whole pipeline. */
class ConsoleTest extends ConsoleStage {
  private static final String HOSTILE =
      "<script>alert(1)</script> \"'&<img src=x onerror=alert(2)>";

  @Test
  void yesterdaysFileIsFoundAndComesBackByteForByte() throws Exception {
    Page page = signedIn(Chromium.Look.LIGHT);
    assertThat(page.locator("main").textContent()).contains("Nothing is registered yet.");
    byte[] before = random(300_000);
    Files.createDirectories(data.resolve("letters/2026"));
    Files.write(data.resolve("letters/2026/to the bank.odt"), before);
    file("letters/readme", "as it is");
    registerByForm(page, data);
    pipeline.awaitVersions("alpha", data, 1);
    pipeline.awaitQuiet();
    Files.write(data.resolve("letters/2026/to the bank.odt"), random(300_001));
    file("letters/new", "new");
    runNow(page, data, 2);

    page.navigate(address);
    follow(page, data.toString());
    page.getByLabel("Find a file").fill("BANK");
    press(page, "Find");
    assertThat(heading(page).textContent()).contains("000002");
    page.getByLabel("Version", new Page.GetByLabelOptions().setExact(true)).selectOption("1");
    press(page, "Go");
    assertThat(heading(page).textContent()).contains("000001");
    byte[] file =
        saved(page, () -> page.getByRole(AriaRole.LINK, named("Download to the bank.odt")).click());
    assertThat(file).isEqualTo(before);

    follow(page, "alpha:" + data);
    Path tgz = folder.resolve("whole.tgz");
    Files.write(
        tgz,
        saved(page, () -> page.getByRole(AriaRole.LINK, named("Download version 000002")).click()));
    Path unpacked = pipeline.folder("whole");
    Pipeline.run("tar", "-xpzf", tgz.toString(), "-C", unpacked.toString());
    Trees.assertEqual(Path.of(unpacked + data.toString()), data);

    press(page, "Compare the chosen two");
    String differences = page.locator("tbody").textContent();
    assertThat(differences).contains("letters/2026/to the bank.odt").contains("letters/new");
    assertThat(differences).doesNotContain("readme");
    byte[] old =
        saved(
            page,
            () ->
                page.getByRole(
                        AriaRole.LINK, named("Save before: to the bank.odt as of version 000001"))
                    .click());
    assertThat(old).isEqualTo(before);
    assertThat(chromium.complaints()).isEmpty();
  }

  @Test
  void eachChangeIsAskedForThenDoneAndOnRecord() throws Exception {
    Page page = signedIn(Chromium.Look.LIGHT);
    file("a/one", "one");
    file("b/two", "two");
    registerByForm(page, data);
    pipeline.awaitVersions("alpha", data, 1);
    pipeline.awaitQuiet();
    assertThat(pipeline.list().get(0).status().lastBytes()).isEqualTo("onetwo".length());
    assertThat(pipeline.admin("history", "--node", "alpha", "--path", data.toString()).out())
        .contains("6 B");

    follow(page, "Pause");
    page.getByLabel("Why").fill("the disk is being replaced");
    press(page, "Pause it");
    assertThat(page.locator("#standing").textContent())
        .contains("paused", "the disk is being replaced");
    assertThat(pipeline.list().get(0).pause()).isNotNull();
    follow(page, "Resume");
    press(page, "Resume it");
    assertThat(pipeline.list().get(0).pause()).isNull();

    follow(page, "Change");
    page.getByLabel("daily").fill("7");
    page.getByLabel("Leave out").fill("*.tmp\n/cache/");
    press(page, "Go on");
    press(page, "Change it");
    assertThat(page.locator("#standing").textContent()).contains("daily 7", "*.tmp  /cache/");
    assertThat(pipeline.list().get(0).registration().options().exclude())
        .containsExactly("*.tmp", "/cache/");

    follow(page, "Drill now");
    page.getByLabel("Read all of it, however large it is").check();
    Instant pressed = Instant.now().minusMillis(1);
    press(page, "Drill it now");
    assertThat(page.locator(".notices").textContent())
        .contains("Ordered a drill of version 000001 of alpha:" + data);
    // Another may have been made by itself before.
    await()
        .atMost(Pipeline.PATIENCE)
        .until(
            () -> {
              Proof proof = pipeline.list().get(0).proof();
              return proof != null && proof.last().ordered().isAfter(pressed);
            });
    assertThat(pipeline.list().get(0).proof().last().good()).isTrue();
    await()
        .atMost(Pipeline.PATIENCE)
        .until(
            () ->
                page.locator("#standing")
                    .textContent()
                    .matches("(?s).*Last proven\\s*\\d+ \\w+ ago.*"));

    file("a/one", "other");
    page.navigate(address + "files?" + about(data) + "&version=1");
    follow(page, "Restore a");
    page.getByLabel("Folder").fill(target.resolve("back").toString());
    press(page, "Go on");
    assertThat(page.locator("main").textContent()).contains("Nothing is done if there is anything");
    press(page, "Restore it");
    await()
        .atMost(Pipeline.PATIENCE)
        .until(() -> page.locator("#restore").textContent().contains("done"));
    Path back = Path.of(target.resolve("back") + data.toString());
    assertThat(Files.readString(back.resolve("a/one"))).isEqualTo("one");
    assertThat(back.resolve("b")).doesNotExist();

    page.navigate(address + "restore?" + about(data) + "&version=1");
    page.getByLabel("Folder").fill("/somewhere/else");
    press(page, "Go on");
    press(page, "Restore it");
    await()
        .atMost(Pipeline.PATIENCE)
        .until(() -> page.locator("#restore").textContent().contains("failed"));
    assertThat(page.locator("#restore").textContent()).contains("/somewhere/else");

    page.navigate(address + "set?" + about(data));
    follow(page, "Unregister");
    press(page, "Unregister it");
    assertThat(page.locator("main").textContent()).contains("registered no more");
    assertThat(pipeline.list()).isEmpty();

    String audit = pipeline.admin("audit").out();
    for (String word : List.of("register", "pause", "resume", "drill", "restore", "unregister")) {
      assertThat(audit).containsPattern("operator\\.web .*token@.* " + word + " ");
    }
    assertThat(chromium.complaints()).isEmpty();
  }

  @Test
  void whatWasGivenUpIsShownAndThrownAway() throws Exception {
    deadLetter("{nonsense" + HOSTILE);
    Page page = signedIn(Chromium.Look.LIGHT);
    follow(page, "Dead letters");
    assertThat(page.locator("tbody").textContent()).contains("not a job", "{nonsense" + HOSTILE);
    assertThat(chromium.violations(page)).isEmpty();
    follow(page, "Drop");
    press(page, "Drop");
    assertThat(page.locator("main").textContent()).contains("There are none, as it should be.");
    assertThat(pipeline.admin("dead", "list").out()).isEmpty();
    assertThat(chromium.complaints()).isEmpty();
  }

  @Test
  void hostileNamesAreTextAndTheirFilesAreSavedAndNeverShown() throws Exception {
    Path hostile = Files.createDirectories(data.resolve(HOSTILE.replace("/", "%")));
    byte[] content = "<script>alert(3)</script>".getBytes(StandardCharsets.UTF_8);
    Files.write(hostile.resolve("page.html"), content);
    Files.write(hostile.resolve("new\nline\u202etxt.exe"), content);
    Pipeline.run("sh", "-c", "printf bytes > \"$1/$(printf 'b\\377d')\"", "sh", hostile.toString());
    pipeline.register("alpha", data, 3600);
    pipeline.register("beta", Path.of("/srv/" + HOSTILE.replace("/", "%")), 3600);
    pipeline.awaitVersions("alpha", data, 1);
    Page page = signedIn(Chromium.Look.LIGHT);
    page.onDialog(
        dialog -> {
          throw new AssertionError("a script of a node ran: " + dialog.message());
        });
    assertThat(page.locator("tbody").textContent()).contains("<script>alert(1)");
    page.navigate(address + "files?" + about(data));
    goesOn(page, () -> page.locator("a.folder").click());
    assertThat(page.locator("tbody").textContent())
        .contains("page.html", "new\\u000aline\\u202etxt.exe", "b%FFd");
    assertThat(page.locator("main img").count()).isZero();
    assertThat(page.locator("main script").count()).isZero();
    assertThat(chromium.violations(page)).isEmpty();
    Locator downloads = page.locator("tbody a[download]");
    assertThat(downloads.count()).isEqualTo(3);
    for (int i = 0; i < 3; i++) {
      Locator link = downloads.nth(i);
      byte[] saved = saved(page, link::click);
      assertThat(new String(saved, StandardCharsets.UTF_8))
          .isIn("bytes", new String(content, StandardCharsets.UTF_8));
    }
    String href = downloads.first().getAttribute("href");
    HttpResponse<InputStream> direct = open(page, href);
    direct.body().close();
    assertThat(direct.headers().firstValue("Content-Type")).contains("application/octet-stream");
    assertThat(direct.headers().firstValue("Content-Disposition").orElse(""))
        .startsWith("attachment");
    assertThat(direct.headers().firstValue("Content-Security-Policy").orElse(""))
        .contains("sandbox");
    assertThat(chromium.complaints()).isEmpty();
  }

  /** As the browser would ask that has signed in. */
  private HttpResponse<InputStream> open(Page page, String href) throws Exception {
    String cookies =
        page.context().cookies().stream()
            .map(cookie -> cookie.name + "=" + cookie.value)
            .reduce((one, other) -> one + "; " + other)
            .orElse("");
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(address).resolve(href))
                .header("Cookie", cookies)
                .build(),
            HttpResponse.BodyHandlers.ofInputStream());
  }

  /** Tab by tab to what has this name, as somebody without a mouse does. */
  private void tabTo(Page page, String name) {
    for (int i = 0; i < 200; i++) {
      page.keyboard().press("Tab");
      String at =
          String.valueOf(
              page.evaluate(
                  "() => { const e = document.activeElement; return e.getAttribute('aria-label')"
                      + " || (e.labels && e.labels[0] && e.labels[0].textContent) || e.textContent; }"));
      if (at.strip().equals(name)) {
        assertThat(page.evaluate("() => document.activeElement.matches(':focus-visible')"))
            .as("one sees where one is: %s", name)
            .isEqualTo(true);
        return;
      }
    }
    throw new AssertionError("no way by keyboard to " + name + " at " + page.url());
  }

  private static void enter(Page page) {
    goesOn(page, () -> page.keyboard().press("Enter"));
  }

  @Test
  void allIsReachedByKeyboardAlone() throws Exception {
    byte[] content = random(100_000);
    Files.createDirectories(data.resolve("deep"));
    Files.write(data.resolve("deep/file"), content);
    pipeline.register("alpha", data, 3600);
    pipeline.awaitVersions("alpha", data, 1);
    pipeline.awaitQuiet();
    Page page = chromium.page(Chromium.Look.LIGHT);
    page.navigate(address);
    page.keyboard().type(TOKEN); // it has the focus
    enter(page);
    page.keyboard().press("Tab");
    page.keyboard().press("Enter"); // to the content, past the navigation
    page.keyboard().press("/");
    page.keyboard().type("data");
    enter(page);
    assertThat(page.url()).contains("q=data");
    tabTo(page, data.toString());
    enter(page);
    assertThat(page.url()).contains("/set?");
    tabTo(page, "Files of version 000001");
    enter(page);
    assertThat(page.url()).contains("/files?");
    tabTo(page, "deep/");
    enter(page);
    assertThat(page.url()).contains("entry=");
    tabTo(page, "Download file");
    assertThat(saved(page, () -> page.keyboard().press("Enter"))).isEqualTo(content);
    page.navigate(address + "set?" + about(data));
    tabTo(page, "Pause");
    enter(page);
    assertThat(page.url()).contains("/pause?");
    tabTo(page, "Pause it");
    enter(page);
    assertThat(page.url()).contains("/set?");
    assertThat(pipeline.list().get(0).pause()).isNotNull();
    assertThat(chromium.complaints()).isEmpty();
  }

  private String download(String kind) {
    String name = data.toString().substring(1) + "/large";
    return kind.equals("archive")
        ? "archive?" + about(data) + "&version=1"
        : "file?" + about(data) + "&version=1&entry=" + encoded(name);
  }

  /** Reads the beginning, does something, and reads on. */
  private void breakOff(Page page, String kind, Process killed) throws Exception {
    HttpResponse<InputStream> answer = open(page, download(kind));
    assertThat(answer.statusCode()).isEqualTo(200);
    try (InputStream in = answer.body()) {
      assertThat(in.readNBytes(1 << 20)).hasSize(1 << 20);
      Pipeline.kill(killed);
      assertThatThrownBy(
              () -> {
                byte[] buffer = new byte[1 << 16];
                while (in.read(buffer) >= 0) {
                  // to the end that never comes
                }
              })
          .as("%s is broken off, and not cut off", kind)
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void whatBreaksOffInTheMiddleIsNoFileAndItIsToldWhy() throws Exception {
    Files.write(data.resolve("large"), random(96 << 20));
    pipeline.register("alpha", data, 3600);
    pipeline.awaitVersions("alpha", data, 1);
    pipeline.awaitQuiet();
    Page page = signedIn(Chromium.Look.LIGHT);
    breakOff(page, "file", worker);
    worker = pipeline.worker();
    breakOff(page, "archive", worker);
    worker = pipeline.worker();

    // A coordinator is needed to begin, and not to go on.
    try (InputStream in = open(page, download("file")).body()) {
      assertThat(in.readNBytes(1 << 20)).hasSize(1 << 20);
      Pipeline.kill(coordinator);
      assertThat(in.transferTo(java.io.OutputStream.nullOutputStream()))
          .isEqualTo((96 << 20) - (1 << 20));
    }
    page.navigate(address + "set?" + about(data));
    assertThat(heading(page).textContent()).contains("no answer within");
    assertThat(page.locator("main").textContent()).contains("Is a coordinator running");
    assertThat(chromium.violations(page)).isEmpty();
    coordinator = pipeline.coordinator();
    await()
        .atMost(Pipeline.PATIENCE)
        .pollInterval(Duration.ofSeconds(1))
        .until(
            () -> {
              page.navigate(address + "set?" + about(data));
              return page.locator("main").textContent().contains("Versions");
            });

    breakOff(page, "archive", console);
    assertThat(Files.list(data).count()).isEqualTo(1);
  }
}
