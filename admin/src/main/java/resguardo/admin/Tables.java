package resguardo.admin;

import java.util.ArrayList;
import java.util.List;
import resguardo.core.Texts;

/**
 * Rows of text as a table for people: columns as wide as their widest cell, two spaces between
 * them.
 */
final class Tables {
  private Tables() {}

  /**
   * The lines of the table, head first, without trailing spaces. All rows have as many cells as the
   * head.
   */
  static String of(List<String> head, List<List<String>> rows) {
    return of(head, rows, Paint.ofTerminal());
  }

  static String of(List<String> head, List<List<String>> rows, Paint paint) {
    List<List<String>> all = new ArrayList<>(rows);
    all.add(0, head);
    all.replaceAll(row -> row.stream().map(Texts::whole).toList()); // some of it is from nodes
    List<String> lines = new ArrayList<>();
    for (List<String> row : all) {
      lines.add(line(row, all, lines.isEmpty(), paint));
    }
    return String.join("\n", lines);
  }

  private static String line(List<String> row, List<List<String>> all, boolean head, Paint paint) {
    StringBuilder out = new StringBuilder();
    int spaces = 0;
    for (int column = 0; column < row.size(); column++) {
      String cell = row.get(column);
      if (!cell.isEmpty()) {
        String painted =
            head ? paint.head(cell) : paint.text(cell, Paint.grade(all.get(0).get(column), cell));
        out.append(" ".repeat(spaces)).append(painted);
        spaces = 0;
      }
      spaces += width(all, column) - width(cell) + 2;
    }
    return out.toString();
  }

  private static int width(List<List<String>> all, int column) {
    return all.stream().mapToInt(row -> width(row.get(column))).max().orElse(0);
  }

  private static int width(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}
