package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The whole pipeline with a console, and a browser that looks at it. */
abstract class ConsoleStage {
  static final String TOKEN = "the-token-of-these-tests-alone";

  @TempDir Path folder;

  @AutoClose Pipeline pipeline;

  @AutoClose Chromium chromium;

  Process coordinator;
  Process worker;
  Process console;
  Path target;
  Path data;
  String address;

  @BeforeEach
  void start() throws Exception {
    pipeline = new Pipeline(folder);
    chromium = new Chromium();
    target = Files.createDirectories(folder.resolve("restored")).toRealPath();
    data = pipeline.data("data");
    coordinator = pipeline.coordinator();
    worker = pipeline.worker();
    pipeline.agentBy("exec \"$@\"", "alpha", Map.of(), "--restore-to", target.toString());
    Path settings = folder.resolve("console.env");
    Pipeline.Result enrolled =
        pipeline.admin(
            "operator", "enroll", "web", "--may", "write", "--save-to-file", settings.toString());
    assertThat(enrolled.exit()).as(enrolled.err()).isZero();
    Path token = Files.writeString(folder.resolve("token"), TOKEN + "\n");
    console = pipeline.console(settings, "--token-file", token.toString(), "--timeout", "60");
    await()
        .atMost(Pipeline.PATIENCE)
        .until(() -> pipeline.logLines("console").stream().anyMatch(this::isAddress));
    address =
        pipeline.logLines("console").stream()
            .filter(this::isAddress)
            .findFirst()
            .orElseThrow()
            .substring("console ".length());
  }

  private boolean isAddress(String line) {
    return line.startsWith("console http");
  }

  Page signedIn(Chromium.Look look) {
    Page page = chromium.page(look);
    page.navigate(address);
    page.getByLabel("Token").fill(TOKEN);
    press(page, "Sign in");
    // A coordinator that was just started may not lead yet.
    await()
        .atMost(Pipeline.PATIENCE)
        .until(
            () -> {
              page.navigate(address);
              return page.title().startsWith("Overview");
            });
    return page;
  }

  static Page.GetByRoleOptions named(String name) {
    return new Page.GetByRoleOptions().setName(name).setExact(true);
  }

  static Locator heading(Page page) {
    return page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setLevel(1));
  }

  /** Does something that leads to another page, and waits until that is there. */
  static void goesOn(Page page, Runnable action) {
    page.waitForNavigation(action);
  }

  void press(Page page, String button) {
    goesOn(page, () -> page.getByRole(AriaRole.BUTTON, named(button)).click());
  }

  void follow(Page page, String link) {
    goesOn(page, () -> page.getByRole(AriaRole.LINK, named(link)).first().click());
  }

  void registerByForm(Page page, Path path) {
    page.navigate(address + "register");
    page.getByLabel("Node").fill("alpha");
    page.getByLabel("Path").fill(path.toString());
    page.getByLabel("How many").fill("1");
    press(page, "Go on");
    assertThat(page.locator("main").textContent()).contains("every hour", path.toString());
    press(page, "Register it");
    assertThat(page.locator(".notices").textContent()).contains("Registered alpha:" + path);
  }

  void runNow(Page page, Path path, int versions) {
    page.navigate(address + "set?" + about(path));
    follow(page, "Run now");
    press(page, "Run it now");
    pipeline.awaitVersions("alpha", path, versions);
    pipeline.awaitQuiet();
  }

  static String about(Path path) {
    return "node=alpha&path=" + encoded(path.toString());
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  byte[] saved(Page page, Runnable click) throws IOException {
    Download download = page.waitForDownload(click);
    assertThat(download.failure()).isNull();
    return Files.readAllBytes(download.path());
  }

  Path file(String name, String content) throws IOException {
    Path file = data.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, content);
  }

  static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  /** Has the broker hold a message that nobody can handle, and waits until it was given up. */
  void deadLetter(String text) throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setUri(pipeline.broker().fact("amqp_uri"));
    try (Connection connection = factory.newConnection();
        Channel channel = connection.createChannel()) {
      await().atMost(Pipeline.PATIENCE).until(() -> pipeline.admin("dead", "list").exit() == 0);
      channel.basicPublish(
          "resguardo.jobs", "jobs.fetch", null, text.getBytes(StandardCharsets.UTF_8));
    }
    await()
        .atMost(Pipeline.PATIENCE)
        .until(() -> pipeline.admin("dead", "list").out().contains(text.substring(0, 9)));
  }
}
