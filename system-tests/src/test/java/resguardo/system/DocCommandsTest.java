package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import resguardo.site.Consoles;
import resguardo.site.LinkCheck;
import resguardo.site.Markdown;

/**
 * The commands of the documentation are run as they stand there, in one shell a page, on a real
 * broker and a real store, and print what the page says. What is not run says so on the page, and
 * is listed in docs-not-run.txt; with {@code -Dresguardo.docs=write} the list is made anew.
 */
class DocCommandsTest {
  private static final Path PROJECT = Path.of("..");
  private static final Path NOT_RUN =
      Path.of("src/test/resources/resguardo/system/docs-not-run.txt");

  /** These lie below a folder of the test, so that nothing of the machine is touched. */
  private static final Pattern FOLDER =
      Pattern.compile("(?<![\\w./~-])/(srv|etc/resguardo|home/you)\\b");

  private static final Pattern EXIT_CODE = Pattern.compile("# exit code (\\d+)");

  /** How a line begins that is typed into a shell. */
  private static final Pattern TYPED =
      Pattern.compile(
          "(?m)^(\\$ |bin/|resguardo-\\w|make |systemctl |docker |kubectl |mc |rabbitmq|age-keygen"
              + "|RESGUARDO_\\w+=\\S+ bin/|export RESGUARDO|infra/)");

  static Stream<String> pages() throws IOException {
    return LinkCheck.files(PROJECT).stream()
        .filter(file -> !Consoles.commands(read(file)).isEmpty())
        .map(file -> PROJECT.relativize(file).toString());
  }

  private static Markdown read(Path file) {
    try {
      return Markdown.read(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void eachCommandPrintsWhatItsPageSays(String page, @TempDir Path folder) throws Exception {
    try (Pipeline pipeline = new Pipeline(folder.resolve("servers"));
        Shell shell = new Shell(folder.toRealPath(), pipeline.environment())) {
      pipeline.coordinator();
      pipeline.worker();
      // A page speaks of servers that are up: its commands wait half a minute for an answer.
      await().atMost(Pipeline.PATIENCE).until(() -> pipeline.admin("list").exit() == 0);
      for (Consoles.Command command : Consoles.commands(read(PROJECT.resolve(page)))) {
        String where = page + ":" + command.line() + ": " + command.text();
        Said said = shell.run(command.text());
        assertThat(command.fits(said.out()))
            .as("%s%nprinted%n%s%nand is to print%n%s", where, said.out(), command.printed())
            .isTrue();
        Matcher code = EXIT_CODE.matcher(command.text());
        assertThat(said.exit())
            .as("%s%nprinted%n%s", where, said.out())
            .isEqualTo(code.find() ? Integer.parseInt(code.group(1)) : 0);
      }
    }
  }

  @Test
  void theFirstStepsAndWhatOperatorsDoAreAmongThem() throws Exception {
    assertThat(pages())
        .contains("docs/quick-start.md", "docs/operating.md", "docs/recipes/databases.md");
  }

  @Test
  void whatIsNotRunIsListed() throws Exception {
    List<String> lines = new ArrayList<>();
    for (Path file : LinkCheck.files(PROJECT)) {
      for (Consoles.NotRun block : Consoles.notRun(read(file))) {
        String first = block.text().lines().findFirst().orElse("");
        lines.add(PROJECT.relativize(file) + " | " + block.why() + " | " + first.strip());
      }
    }
    String made = String.join("\n", lines) + "\n";
    if ("write".equals(System.getProperty("resguardo.docs"))) {
      Files.writeString(NOT_RUN, made);
    }
    assertThat(Files.readString(NOT_RUN)).isEqualTo(made);
  }

  /** A block of commands can be in docs/ only as one that is run, or with a reason. */
  @Test
  void noCommandOfAPageIsLeftOut() throws Exception {
    List<String> left = new ArrayList<>();
    for (Path file : LinkCheck.files(PROJECT.resolve("docs"))) {
      for (String block : Consoles.others(read(file))) {
        Matcher typed = TYPED.matcher(block);
        if (typed.find()) {
          left.add(
              PROJECT.relativize(file) + ": " + block.substring(typed.start()).lines().findFirst());
        }
      }
    }
    assertThat(left).isEmpty();
  }

  /** What a command printed, on both ways out, and how it ended. */
  private record Said(String out, int exit) {}

  /** A shell of bash that goes on from command to command, in a folder of its own. */
  private static final class Shell implements AutoCloseable {
    private final Path folder;
    private final Process bash;
    private int commands;

    Shell(Path folder, Map<String, String> environment) throws IOException {
      this.folder = folder;
      Path home = Files.createDirectories(folder.resolve("home/you"));
      Files.createSymbolicLink(folder.resolve("bin"), PROJECT.resolve("bin").toRealPath());
      ProcessBuilder builder = new ProcessBuilder("bash", "--norc").directory(folder.toFile());
      builder.environment().putAll(environment);
      builder.environment().put("REAL_AMQP_URI", environment.get("RESGUARDO_AMQP_URI"));
      builder.environment().put("HOME", home.toString());
      builder.environment().put("LC_ALL", "C.UTF-8");
      builder
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .redirectError(ProcessBuilder.Redirect.DISCARD);
      this.bash = builder.start();
    }

    Said run(String text) throws IOException {
      String number = String.valueOf(commands++);
      Path out = folder.resolve("out." + number);
      Path code = folder.resolve("code." + number);
      String inFolder =
          FOLDER.matcher(text).replaceAll(Matcher.quoteReplacement(folder.toString()) + "/$1");
      String line =
          String.format(
              "{ %s%n} > '%s' 2>&1 < /dev/null; echo $? > '%s.begun'; mv '%s.begun' '%s'%n",
              inFolder, out, code, code, code);
      OutputStream in = bash.getOutputStream();
      in.write(line.getBytes(StandardCharsets.UTF_8));
      in.flush();
      await().atMost(Pipeline.PATIENCE).until(() -> Files.exists(code) || !bash.isAlive());
      assertThat(code).as(text).exists();
      return new Said(
          shown(Files.readString(out)), Integer.parseInt(Files.readString(code).strip()));
    }

    /** As it would be, were the folders of the page those of the machine. */
    private String shown(String out) {
      return out.replace(folder + "/", "/").replace(folder.toString().substring(1) + "/", "");
    }

    @Override
    public void close() throws Exception {
      List<ProcessHandle> below = bash.descendants().toList();
      bash.destroyForcibly().waitFor();
      below.forEach(ProcessHandle::destroyForcibly);
      for (ProcessHandle process : below) {
        process.onExit().get();
      }
    }
  }
}
