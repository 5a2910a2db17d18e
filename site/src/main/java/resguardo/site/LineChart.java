package resguardo.site;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Mermaid's xychart of lines as a picture, so that the site needs no script for it. Another kind of
 * diagram is an error: the site would show its source.
 */
final class LineChart {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 260;
  private static final int LEFT = 52;
  private static final int BOTTOM = 34;
  private static final int TOP = 14;
  private static final int STEPS = 3;

  private final String title;
  private final List<String> xs;
  private final double most;
  private final List<double[]> series;

  private LineChart(String title, List<String> xs, double most, List<double[]> series) {
    this.title = title;
    this.xs = xs;
    this.most = most;
    this.series = series;
  }

  /** A figure with its title. */
  static String html(String mermaid) {
    if (!mermaid.startsWith("xychart-beta")) {
      throw new IllegalArgumentException("The site can only show diagrams of kind xychart-beta.");
    }
    String title = "";
    List<String> xs = List.of();
    double most = 1;
    List<double[]> series = new ArrayList<>();
    for (String line : mermaid.lines().map(String::strip).toList()) {
      if (line.startsWith("title ")) {
        title = quoted(line).get(0);
      } else if (line.startsWith("x-axis ")) {
        List<String> all = quoted(line);
        xs = all.subList(1, all.size());
      } else if (line.startsWith("y-axis ")) {
        most = Double.parseDouble(line.replaceFirst(".*-->", "").strip());
      } else if (line.startsWith("line ")) {
        series.add(numbers(line));
      }
    }
    return new LineChart(title, xs, most, series).figure();
  }

  private static List<String> quoted(String line) {
    Pattern inQuotes = Pattern.compile("\"([^\"]*)\"");
    List<String> found =
        new ArrayList<>(inQuotes.matcher(line).results().map(part -> part.group(1)).toList());
    if (line.startsWith("x-axis ") && !line.matches("x-axis \".*")) {
      found.add(0, "");
    }
    return found;
  }

  private static double[] numbers(String line) {
    return Pattern.compile("[\\d.]+")
        .matcher(line)
        .results()
        .map(MatchResult::group)
        .mapToDouble(Double::parseDouble)
        .toArray();
  }

  private String figure() {
    StringBuilder out = new StringBuilder("<figure class=\"chart\"><svg viewBox=\"0 0 ");
    out.append(WIDTH).append(' ').append(HEIGHT).append("\" role=\"img\" aria-label=\"");
    out.append(Escape.html(title + ": " + described())).append("\">");
    for (int step = 0; step <= STEPS; step++) {
      double value = most * step / STEPS;
      line(out, "grid", LEFT, y(value), WIDTH - 8, y(value));
      text(out, "end", LEFT - 8, y(value) + 4, String.valueOf(Math.round(value)));
    }
    for (int i = 0; i < xs.size(); i++) {
      text(out, "middle", x(i), HEIGHT - 10, xs.get(i));
    }
    for (int n = 0; n < series.size(); n++) {
      drawn(out, n, series.get(n));
    }
    return out.append("</svg><figcaption>")
        .append(Escape.html(title))
        .append("</figcaption></figure>\n")
        .toString();
  }

  private void drawn(StringBuilder out, int number, double... values) {
    out.append("<polyline class=\"line line-").append(number % 2).append("\" points=\"");
    for (int i = 0; i < values.length; i++) {
      out.append(String.format(Locale.ROOT, "%.0f,%.0f ", x(i), y(values[i])));
    }
    out.append("\"/>");
    for (int i = 0; i < values.length; i++) {
      text(out, "middle", x(i), y(values[i]) - 9, String.valueOf(Math.round(values[i])));
    }
  }

  private String described() {
    StringBuilder out = new StringBuilder();
    for (double[] values : series) {
      out.append(Arrays.toString(values)).append(" at ").append(xs).append("; ");
    }
    return out.toString();
  }

  private double x(int i) {
    double room = (WIDTH - LEFT - 8.0) / Math.max(1, xs.size());
    return LEFT + room * (i + 0.5);
  }

  private double y(double value) {
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / most;
  }

  private static void line(
      StringBuilder out, String type, double x, double y, double x2, double y2) {
    out.append(
        String.format(
            Locale.ROOT,
            "<line class=\"%s\" x1=\"%.0f\" y1=\"%.0f\" x2=\"%.0f\" y2=\"%.0f\"/>",
            type,
            x,
            y,
            x2,
            y2));
  }

  private static void text(StringBuilder out, String anchor, double x, double y, String text) {
    out.append(
        String.format(
            Locale.ROOT,
            "<text text-anchor=\"%s\" x=\"%.0f\" y=\"%.0f\">%s</text>",
            anchor,
            x,
            y,
            Escape.html(text)));
  }
}
