package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/** A real browser: the Chromium of this machine. */
final class Chromium implements AutoCloseable {
  private static final List<Path> PLACES =
      List.of(Path.of("/usr/bin/chromium"), Path.of("/usr/bin/chromium-browser"));

  private static final String AXE = axe();

  private final Playwright playwright;
  private final Browser browser;

  /** What a page said that it should not have: errors of scripts, and what its policy refused. */
  private final List<String> complaints = new ArrayList<>();

  /** Starts it; without one the test is aborted, or fails where real parts are required. */
  Chromium() {
    Path program = PLACES.stream().filter(Files::isExecutable).findFirst().orElse(null);
    if (program == null) {
      assertThat(System.getenv("RESGUARDO_REQUIRE_REAL"))
          .as("there is no Chromium: infra/servers/tools install")
          .isNotEqualTo("1");
      Assumptions.abort("there is no Chromium");
    }
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(program)
                    .setArgs(List.of("--no-sandbox")));
  }

  /** How a page is looked at. */
  enum Look {
    LIGHT(ColorScheme.LIGHT, 1280, 860),
    DARK(ColorScheme.DARK, 1280, 860),
    PHONE(ColorScheme.LIGHT, 360, 740);

    private final ColorScheme scheme;
    private final int width;
    private final int height;

    Look(ColorScheme scheme, int width, int height) {
      this.scheme = scheme;
      this.width = width;
      this.height = height;
    }
  }

  /** A page of a browser that knows nobody. */
  Page page(Look look) {
    BrowserContext context =
        browser.newContext(
            new Browser.NewContextOptions()
                .setColorScheme(look.scheme)
                .setViewportSize(look.width, look.height));
    context.setDefaultTimeout(Pipeline.PATIENCE.toMillis());
    context.setDefaultNavigationTimeout(Pipeline.PATIENCE.toMillis());
    Page page = context.newPage();
    page.onPageError(complaints::add);
    page.onConsoleMessage(
        message -> {
          if (message.type().equals("error") && !message.text().contains("status of")) {
            complaints.add(message.text());
          }
        });
    return page;
  }

  /** What pages said that they should not have. */
  List<String> complaints() {
    return List.copyOf(complaints);
  }

  /** What axe has to say against a page. */
  @SuppressWarnings("unchecked") // a list of texts, as the script makes it
  List<String> violations(Page page) {
    page.evaluate(AXE);
    return (List<String>)
        page.evaluate(
            "async () => (await axe.run()).violations.map("
                + "v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.html + ' ' + n.failureSummary).join(' | '))");
  }

  /**
   * Keeps a picture of a page, for somebody to look at, where -Dresguardo.screens names a folder;
   * otherwise nothing.
   */
  void keep(Page page, String name) {
    String folder = System.getProperty("resguardo.screens");
    if (folder != null) {
      page.screenshot(
          new Page.ScreenshotOptions()
              .setFullPage(true)
              .setPath(Path.of(folder, name.replaceAll("[^A-Za-z0-9]+", "-") + ".png")));
    }
  }

  /** How many pixels a page is wider than the window. */
  int overflow(Page page) {
    return ((Number)
            page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"))
        .intValue();
  }

  private static String axe() {
    try (InputStream in = Chromium.class.getResourceAsStream("/axe.min.js")) {
      return new String(
          java.util.Objects.requireNonNull(in, "axe.min.js").readAllBytes(),
          StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    browser.close();
    playwright.close();
  }
}
