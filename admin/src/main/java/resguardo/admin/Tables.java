package resguardo.admin;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
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
    List<List<String>> all = new ArrayList<>(rows);
    all.add(0, head);
    all.replaceAll(row -> row.stream().map(Texts::whole).toList()); // some of it is from nodes
    return all.stream().map(row -> line(row, all)).collect(Collectors.joining("\n"));
  }

  private static String line(List<String> row, List<List<String>> all) {
    StringBuilder out = new StringBuilder();
    for (int column = 0; column < row.size(); column++) {
      String cell = row.get(column);
      out.append(cell).append(" ".repeat(width(all, column) - width(cell) + 2));
    }
    return out.toString().stripTrailing();
  }

  private static int width(List<List<String>> all, int column) {
    return all.stream().mapToInt(row -> width(row.get(column))).max().orElse(0);
  }

  private static int width(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}
