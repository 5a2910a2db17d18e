package resguardo.site;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.HtmlBlock;
import org.commonmark.node.IndentedCodeBlock;
import org.commonmark.node.Node;

/**
 * The commands of a page and what it says that they print. They stand in blocks of this form, and
 * are run in their order, as one story:
 *
 * <pre>
 * ```console
 * $ a command
 * &gt; its second line, where it has one
 * what it prints
 * ```
 * </pre>
 *
 * <p>In what is printed {@code …} is anything within a line, and any lines where it stands alone. A
 * command whose output is left out may print what it likes. A block behind {@code <!-- console} is
 * run and not shown. One whose fence ends in {@code not run: WHY} is shown and not run.
 */
public final class Consoles {
  private static final String NOT_RUN = "not run: ";
  private static final String HIDDEN = "<!-- console\n";

  private Consoles() {}

  /**
   * A command.
   *
   * @param text as the shell is given it, without its prompts
   * @param printed the lines that follow it; empty where nothing is said of its output
   * @param line the number of its line in the file, from 1 on; of a hidden one 0
   */
  public record Command(String text, List<String> printed, int line) {
    /** Whether it printed what the page says. */
    public boolean fits(String output) {
      if (printed.isEmpty()) {
        return true;
      }
      StringBuilder pattern = new StringBuilder();
      for (String line : printed) {
        if (line.strip().equals("…")) {
          pattern.append("(?:.*\\n)*");
        } else {
          pattern.append(pattern(line)).append("\\n");
        }
      }
      String ended = output.isEmpty() || output.endsWith("\n") ? output : output + "\n";
      return Pattern.matches(pattern.toString(), ended.replaceAll("[ \\t]+(?=\\n)", ""));
    }

    private static String pattern(String line) {
      List<String> parts = new ArrayList<>();
      for (String part : line.stripTrailing().split("…", -1)) {
        // Columns are as wide as what is in them, which differs from run to run.
        List<String> words = new ArrayList<>();
        for (String word : part.split(" {2,}", -1)) {
          words.add(Pattern.quote(word));
        }
        parts.add(String.join(" {2,}", words));
      }
      return String.join(".*", parts);
    }
  }

  /** A block that is not run. */
  public record NotRun(String why, String text) {}

  /** The commands that are to be run, from first to last. */
  public static List<Command> commands(Markdown page) {
    List<Command> found = new ArrayList<>();
    for (Node node : Markdown.all(page.document(), Node.class)) {
      if (node instanceof FencedCodeBlock block
          && block.getInfo().startsWith("console")
          && notRun(block.getInfo()).isEmpty()) {
        int first =
            block.getSourceSpans().isEmpty() ? 0 : block.getSourceSpans().get(0).getLineIndex() + 2;
        found.addAll(commands(block.getLiteral(), first));
      } else if (node instanceof HtmlBlock block && block.getLiteral().startsWith(HIDDEN)) {
        String text = block.getLiteral().substring(HIDDEN.length());
        found.addAll(commands(text.replaceFirst("(?s)\\n?-->.*", ""), 0));
      }
    }
    return found;
  }

  private static List<Command> commands(String block, int first) {
    List<Command> found = new ArrayList<>();
    int number = first;
    for (String line : block.lines().toList()) {
      if (line.startsWith("$ ")) {
        found.add(new Command(line.substring(2), new ArrayList<>(), first == 0 ? 0 : number));
      } else if (found.isEmpty()) {
        throw new IllegalArgumentException("This stands before any command: " + line);
      } else {
        Command last = found.get(found.size() - 1);
        if (line.startsWith("> ") && last.printed().isEmpty()) {
          found.set(
              found.size() - 1,
              new Command(last.text() + "\n" + line.substring(2), last.printed(), last.line()));
        } else {
          last.printed().add(line);
        }
      }
      number++;
    }
    return found;
  }

  /** The blocks that are shown and not run. */
  public static List<NotRun> notRun(Markdown page) {
    return Markdown.all(page.document(), FencedCodeBlock.class).stream()
        .filter(block -> !notRun(block.getInfo()).isEmpty())
        .map(block -> new NotRun(notRun(block.getInfo()), block.getLiteral()))
        .toList();
  }

  /** The text of all other blocks of code: neither run nor marked. */
  public static List<String> others(Markdown page) {
    List<String> found = new ArrayList<>();
    for (Node node : Markdown.all(page.document(), Node.class)) {
      if (node instanceof IndentedCodeBlock block) {
        found.add(block.getLiteral());
      } else if (node instanceof FencedCodeBlock block
          && !block.getInfo().startsWith("console")
          && notRun(block.getInfo()).isEmpty()) {
        found.add(block.getLiteral());
      }
    }
    return found;
  }

  /** Why the block of a fence with this behind it is not run; empty where it is. */
  static String notRun(String info) {
    int at = info.indexOf(NOT_RUN);
    return at < 0 ? "" : info.substring(at + NOT_RUN.length()).strip();
  }
}
