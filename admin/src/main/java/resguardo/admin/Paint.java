package resguardo.admin;

import java.util.List;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.Ansi.Style;

/**
 * Colours for what an operator should not overlook; on a terminal only, and not where {@code
 * NO_COLOR} is set (no-color.org). What is said is the same without.
 */
final class Paint {
  /** How much something calls for being looked at. */
  enum Grade {
    PLAIN,
    WARNING,
    BAD
  }

  private static final Paint OF_TERMINAL = new Paint(Ansi.AUTO);

  private final boolean on;

  /** As for whatever is at the other end. */
  Paint(Ansi ansi) {
    this.on = ansi.enabled();
  }

  /** As for stdout. */
  static Paint ofTerminal() {
    return OF_TERMINAL;
  }

  /** A text in the colour of a grade. */
  String text(String text, Grade grade) {
    return switch (grade) {
      case PLAIN -> text;
      case WARNING -> styled(text, List.of(Style.fg_yellow));
      case BAD -> styled(text, List.of(Style.bold, Style.fg_red));
    };
  }

  /** The head of a table. */
  String head(String text) {
    return styled(text, List.of(Style.bold));
  }

  private String styled(String text, List<Style> styles) {
    if (!on) {
      return text;
    }
    StringBuilder out = new StringBuilder();
    styles.forEach(style -> out.append(style.on()));
    return out.append(text).append(Style.reset.on()).toString();
  }

  /** Of a cell below this head. */
  static Grade grade(String head, String cell) {
    return switch (head) {
      case "OUTCOME" ->
          cell.startsWith("failed")
              ? Grade.BAD
              : cell.startsWith("missed") || cell.startsWith("refused")
                  ? Grade.WARNING
                  : Grade.PLAIN;
      case "FAILED" -> cell.equals("0") ? Grade.PLAIN : Grade.BAD;
      case "ALARM" -> cell.isEmpty() || cell.equals("-") ? Grade.PLAIN : Grade.WARNING;
      case "PROVEN" ->
          cell.startsWith("FAILED")
              ? Grade.BAD
              : cell.startsWith("overdue") ? Grade.WARNING : Grade.PLAIN;
      case "NEXT" ->
          cell.startsWith("due since") || cell.startsWith("paused") ? Grade.WARNING : Grade.PLAIN;
      case "AGENT" -> cell.startsWith("no agent") ? Grade.WARNING : Grade.PLAIN;
      default -> Grade.PLAIN;
    };
  }
}
