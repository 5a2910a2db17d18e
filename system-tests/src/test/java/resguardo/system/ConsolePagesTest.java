package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Page;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * All pages of the console, as they are looked at by whoever needs contrast, a screen reader, or
 * has a telephone. With -Dresguardo.screens=FOLDER a picture of each is kept there, for people.
 */
class ConsolePagesTest extends ConsoleStage {
  private static final String RECIPIENT =
      "age1d8v2t2vhh2w5t9xkhz8k705e3tdc4nvq8rc5s03te7565fs829fscmjc0g";

  /** More than are too few to tell anything by. */
  private static final int FILES = 40;

  private static final Path FAR =
      Path.of(
          "/srv/a-customer-with-a-long-name/projects/2026/quarterly reports and what belongs to them"
              + "/drafts/internationalization-of-the-configuration-management-database");

  private final List<String> refused = new ArrayList<>();

  /** Holds a page, in each way to look at it. */
  private void hold(String name, String... pages) {
    for (Chromium.Look look : Chromium.Look.values()) {
      Page page = signedIn(look);
      for (int i = 0; i < pages.length; i++) {
        page.navigate(address + pages[i]);
        String what = name + " " + i + " " + pages[i].replaceAll("[?&].*", "") + ", " + look;
        chromium.keep(page, what);
        refused.addAll(chromium.violations(page).stream().map(one -> what + ": " + one).toList());
        int overflow = chromium.overflow(page);
        if (overflow > 0) {
          refused.add(what + ": " + overflow + " pixels wider than the window");
        }
        assertThat(heading(page).count()).as(what).isEqualTo(1);
      }
      page.context().close();
    }
  }

  /** The page of one who is not let in, of a fleet of nothing, and what is told of mistakes. */
  @Test
  void emptyPagesAndRefusalsAreForEverybodyInDarkAndLightAndOnAPhone() {
    for (Chromium.Look look : Chromium.Look.values()) {
      Page page = chromium.page(look);
      page.navigate(address);
      chromium.keep(page, "entrance, " + look);
      assertThat(chromium.violations(page)).as("the entrance, %s", look).isEmpty();
      page.getByLabel("Token").fill("not the token of this console");
      goesOn(page, () -> page.getByLabel("Token").press("Enter"));
      chromium.keep(page, "entrance, wrong, " + look);
      assertThat(chromium.violations(page)).as("a wrong token, %s", look).isEmpty();
      page.context().close();
    }
    hold(
        "empty",
        "",
        "?state=failed",
        "nodes",
        "jobs",
        "dead",
        "register",
        "nowhere",
        "set?node=alpha&path=/srv/nothing",
        "set?node=alpha&path=not-absolute",
        "files?node=alpha&path=/srv/nothing",
        "diff?node=alpha&path=/srv/nothing&from=1&to=1",
        "diff?node=alpha&path=/srv/nothing&from=1&to=2",
        "restoring?id=unknown");
    assertThat(refused).isEmpty();
    assertThat(chromium.complaints()).isEmpty();
  }

  /** Registrations in all states, and versions that differ in all ways. */
  private void fill() throws Exception {
    file("a folder with a rather long name/and a file with a name that is longer still.txt", "one");
    file("b/two", "two");
    file("b/changed", "as it was");
    file("b/touched", "the same");
    Files.createDirectories(data.resolve("empty"));
    Files.createSymbolicLink(data.resolve("a link"), Path.of("b/two"));
    Files.createLink(data.resolve("b/linked"), data.resolve("b/two"));
    pipeline.register("alpha", data, 3600, "--label", "rack=r7", "--keep-daily", "7");
    Path docs = pipeline.data("docs");
    for (int i = 0; i < FILES; i++) {
      Files.writeString(docs.resolve("letter " + i), "letter " + i);
    }
    pipeline.register("alpha", docs, 3600);
    Path locked = pipeline.data("locked");
    Files.writeString(locked.resolve("a secret"), "what nobody reads");
    pipeline.register("alpha", locked, 86_400, "--encrypt-to", RECIPIENT);
    Path gone = pipeline.data("gone");
    Files.writeString(gone.resolve("file"), "of a registration that is no more");
    pipeline.register("alpha", gone, 3600);
    pipeline.register("alpha", Path.of("/not/allowed"), 3600);
    for (Path path : List.of(data, docs, locked, gone)) {
      pipeline.awaitVersions("alpha", path, 1);
    }
    pipeline.awaitQuiet();
    Files.delete(data.resolve("empty"));
    file("b/changed", "as it is");
    file("b/new", "new");
    Files.setLastModifiedTime(
        data.resolve("b/touched"), java.nio.file.attribute.FileTime.fromMillis(1_000_000_000_000L));
    for (int i = 1; i < FILES; i++) {
      Files.delete(docs.resolve("letter " + i));
    }
    for (Path path : List.of(data, docs)) {
      assertThat(pipeline.admin("run-now", "--node", "alpha", "--path", path.toString()).exit())
          .isZero();
      pipeline.awaitVersions("alpha", path, 2);
    }
    pipeline.awaitQuiet();
    pipeline.register("beta", FAR, 3600);
    of("pause", "alpha", locked, "--why", "the disk is being replaced");
    of("publish", "unregister", "alpha", gone, "--wait");
    deadLetter("{nonsense" + ", and more of it".repeat(20));
  }

  private void of(String command, String node, Path path, String... more) throws Exception {
    of(command, "", node, path, more);
  }

  private void of(String command, String below, String node, Path path, String... more)
      throws Exception {
    List<String> words = new ArrayList<>(List.of(command));
    if (!below.isEmpty()) {
      words.add(below);
    }
    words.addAll(List.of("--node", node, "--path", path.toString()));
    words.addAll(List.of(more));
    Pipeline.Result result = pipeline.admin(words.toArray(String[]::new));
    assertThat(result.exit()).as(result.err()).isZero();
  }

  /** Begins a restore from the page of the latest version. */
  private String restored(Page page, Path folder, String end) {
    page.navigate(address + "restore?" + about(data) + "&version=1");
    page.getByLabel("Folder").fill(folder.toString());
    press(page, "Go on");
    press(page, "Restore it");
    await()
        .atMost(Pipeline.PATIENCE)
        .until(() -> page.locator("#restore").textContent().contains(end));
    return page.url().substring(address.length());
  }

  @Test
  void allPagesAreForEverybodyInDarkAndLightAndOnAPhone() throws Exception {
    fill();
    Page page = signedIn(Chromium.Look.LIGHT);
    String done = restored(page, target.resolve("back"), "done");
    String failed = restored(page, Path.of("/somewhere/else"), "failed");
    String set = about(data);
    Path docs = data.resolveSibling("docs");
    hold(
        "full",
        "",
        "?sort=-size",
        "?q=quarterly",
        "?state=failed",
        "?q=there+is+nothing+of+this+name",
        "set?" + set,
        "set?" + about(docs),
        "set?" + about(Path.of("/not/allowed")),
        "set?" + about(data.resolveSibling("locked")),
        "set?" + about(data.resolveSibling("gone")),
        "set?node=beta&path=" + encoded(FAR.toString()),
        "files?" + set,
        "files?" + set + "&entry=" + encoded(data.toString().substring(1) + "/b"),
        "files?" + set + "&q=e",
        "files?" + set + "&q=nothing",
        "files?" + about(data.resolveSibling("locked")),
        "diff?" + set + "&from=1&to=2",
        "diff?" + about(docs) + "&from=1&to=2",
        "nodes",
        "jobs",
        "dead",
        "register?" + set,
        "register/confirm?" + set + "&schedule=every&many=2&unit=days&keep-last=3&exclude=*.tmp",
        "run?" + set,
        "pause?" + set,
        "resume?" + about(data.resolveSibling("locked")),
        "drill?" + set,
        "unregister?node=beta&path=" + encoded(FAR.toString()),
        "accept?" + about(docs) + "&version=2",
        "dead/settle?retry=yes",
        "dead/settle?retry=no&id=1",
        "restore?" + set + "&version=1",
        "restore/confirm?" + set + "&version=1&to=alpha&folder=/srv/back&overwrite=yes",
        done,
        failed);
    assertThat(refused).isEmpty();
    assertThat(chromium.complaints()).isEmpty();
  }

  /** With nobody who does any work, jobs and a drill stay open for as long as one looks at them. */
  @Test
  void whatIsUnderWayIsForEverybodyToo() throws Exception {
    file("b/two", "two");
    pipeline.register("alpha", data, 3600);
    pipeline.awaitVersions("alpha", data, 1);
    pipeline.awaitQuiet();
    Pipeline.kill(worker);
    of("run-now", "alpha", data);
    of("drill", "alpha", data);
    Page page = signedIn(Chromium.Look.LIGHT);
    await()
        .atMost(Pipeline.PATIENCE)
        .until(
            () -> {
              page.navigate(address + "jobs");
              return page.locator("main").textContent().contains("Compared so far");
            });
    hold("busy", "", "set?" + about(data), "jobs");
    assertThat(refused).isEmpty();
    assertThat(chromium.complaints()).isEmpty();
  }
}
