package resguardo.console;

import java.util.ArrayList;
import java.util.List;
import resguardo.admin.Listing;

/** Sizes as small pictures. */
final class Trends {
  private static final int WIDTH = 96;
  private static final int HEIGHT = 24;
  private static final int MARGIN = 3;

  private Trends() {}

  /** How a size went: a line, and in words what it says. */
  static Markup line(Sizes.Trend trend) {
    List<Long> bytes = trend.bytes();
    String words = words(trend);
    if (bytes.size() < 2) {
      return Markup.of("<span class=\"none\" title=\"{}\">–</span>", words);
    }
    double top = bytes.stream().mapToLong(Long::longValue).max().orElse(1);
    double bottom = bytes.stream().mapToLong(Long::longValue).min().orElse(0);
    double span = Math.max(1, top - bottom);
    StringBuilder points = new StringBuilder();
    double x = 0;
    double y = 0;
    for (int i = 0; i < bytes.size(); i++) {
      x = MARGIN + (WIDTH - 2.0 * MARGIN) * i / (bytes.size() - 1);
      double part = top == bottom ? 0.5 : (bytes.get(i) - bottom) / span;
      y = HEIGHT - MARGIN - (HEIGHT - 2.0 * MARGIN) * part;
      points
          .append(Math.round(x * 10) / 10.0)
          .append(',')
          .append(Math.round(y * 10) / 10.0)
          .append(' ');
    }
    return Markup.of(
        "<svg class=\"trend\" viewBox=\"0 0 96 24\" width=\"96\" height=\"24\" role=\"img\" aria-label=\"{}\"><title>{}</title>"
            + "<polyline points=\"{}\"/><circle cx=\"{}\" cy=\"{}\" r=\"2.2\"/></svg>",
        words,
        words,
        points.toString().strip(),
        Math.round(x * 10) / 10.0,
        Math.round(y * 10) / 10.0);
  }

  private static String words(Sizes.Trend trend) {
    int many = trend.bytes().size();
    if (many < 2) {
      return "one version";
    }
    long growth = trend.growth();
    String how = growth == 0 ? "the same size" : (growth > 0 ? "+" : "") + growth + " %";
    return how + " over the last " + many + " versions";
  }

  /** A bar of a timeline. */
  record Bar(long content, long stored, boolean suspicious, String title) {}

  private static final int BARS_HEIGHT = 120;
  private static final int LONGEST_BAR = 100;

  /** Versions as bars, the oldest first: how much each holds, and what was new of it. */
  static Markup bars(List<Bar> bars) {
    long top = Math.max(1, bars.stream().mapToLong(Bar::content).max().orElse(1));
    double step = 1000.0 / Math.max(12, bars.size());
    List<Markup> drawn = new ArrayList<>();
    for (int i = 0; i < bars.size(); i++) {
      Bar bar = bars.get(i);
      double content = height(bar.content(), top);
      double stored = Math.min(content, height(bar.stored(), top));
      drawn.add(
          Markup.of(
              "<g class=\"{}\"><title>{}</title><rect class=\"content\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"2\"/>"
                  + "<rect class=\"new\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"2\"/></g>",
              bar.suspicious() ? "bar suspicious" : "bar",
              bar.title(),
              tenth(i * step + step * 0.12),
              tenth(BARS_HEIGHT - content),
              tenth(step * 0.76),
              tenth(content),
              tenth(i * step + step * 0.12),
              tenth(BARS_HEIGHT - stored),
              tenth(step * 0.76),
              tenth(stored)));
    }
    return Markup.of(
        "<figure class=\"timeline\"><svg viewBox=\"0 0 1000 120\" preserveAspectRatio=\"none\" role=\"img\""
            + " aria-label=\"Sizes of the last {} versions, at most {}. The table below has them.\">{}</svg>"
            + "<figcaption><span class=\"key content\">content</span><span class=\"key new\">stored for it</span>"
            + "<span class=\"top\">largest: {}</span></figcaption></figure>",
        bars.size(),
        Listing.size(top),
        drawn,
        Listing.size(top));
  }

  private static double height(long bytes, long top) {
    return bytes == 0 ? 0 : Math.max(2, LONGEST_BAR * (double) bytes / top);
  }

  private static double tenth(double value) {
    return Math.round(value * 10) / 10.0;
  }
}
