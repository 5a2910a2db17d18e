package resguardo.console;

import java.util.List;
import resguardo.admin.AdminException;
import resguardo.core.RegistrationKey;

/** What all pages have around them. */
final class Layout {
  /** The parts of the console, as the navigation has them. */
  enum Part {
    OVERVIEW,
    NODES,
    JOBS,
    DEAD,
    NONE
  }

  private final Assets assets;

  Layout(Assets assets) {
    this.assets = assets;
  }

  /**
   * A page of somebody who is signed in.
   *
   * @param title of the page, and of the browser's window
   */
  Markup page(Visitor visitor, Part part, String title, Markup body) {
    return document(
        title,
        Markup.of(
            """
            <a class="skip" href="#main">To the content</a>
            <header class="top">
            <a class="brand" href="/"><img src="{}" alt="" width="26" height="26"><span>Resguardo</span></a>
            <nav aria-label="Main"><ul>{}{}{}{}</ul></nav>
            <form class="who" method="post" action="/sign-out">{}<span>{}{}</span><button class="quiet">Sign out</button></form>
            </header>
            <main id="main" tabindex="-1">{}{}</main>
            """,
            assets.icon(),
            item(part == Part.OVERVIEW, "/", "Overview"),
            item(part == Part.NODES, "/nodes", "Nodes"),
            item(part == Part.JOBS, "/jobs", "Jobs"),
            item(part == Part.DEAD, "/dead", "Dead letters"),
            csrf(visitor),
            visitor.name(),
            visitor.mayWrite() ? "" : " (may look only)",
            notices(visitor.session().takeNotices()),
            body));
  }

  /** A page of nobody. */
  Markup bare(String title, Markup body) {
    return document(title, Markup.of("<main id=\"main\" class=\"bare\">{}</main>", body));
  }

  private Markup document(String title, Markup body) {
    return Markup.of(
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <title>{} – Resguardo</title>
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <link rel="icon" href="{}" type="image/svg+xml">
        <link rel="stylesheet" href="{}">
        <script src="{}" defer></script>
        </head>
        <body>{}</body>
        </html>
        """,
        title,
        assets.icon(),
        assets.style(),
        assets.script(),
        body);
  }

  private static Markup item(boolean here, String page, String name) {
    return here
        ? Markup.of("<li><a href=\"{}\" aria-current=\"page\">{}</a></li>", page, name)
        : Markup.of("<li><a href=\"{}\">{}</a></li>", page, name);
  }

  private static Markup notices(List<String> notices) {
    return Markup.when(
        !notices.isEmpty(),
        Markup.of(
            "<div class=\"notices\" role=\"status\">{}</div>",
            notices.stream().map(one -> Markup.of("<p class=\"notice\">{}</p>", one)).toList()));
  }

  /** What each form has that changes anything. */
  static Markup csrf(Visitor visitor) {
    return Markup.of(
        "<input type=\"hidden\" name=\"csrf\" value=\"{}\">", visitor.session().csrf());
  }

  /** Where the page is: a trail of links that ends here. */
  static Markup trail(List<Markup> links, String here) {
    return Markup.of(
        "<nav class=\"trail\" aria-label=\"Where this is\"><ol>{}<li aria-current=\"page\">{}</li></ol></nav>",
        links.stream().map(link -> Markup.of("<li>{}</li>", link)).toList(),
        here);
  }

  /** A link. */
  static Markup link(Link to, String text) {
    return Markup.of("<a href=\"{}\">{}</a>", to, text);
  }

  /** The links to the overview and to a registration. */
  static List<Markup> trailOf(RegistrationKey key) {
    return List.of(link(Link.to("/"), "Overview"), link(Link.to("/set", key), key.toString()));
  }

  /** What is said instead of a page. */
  static Markup refused(Refusal refusal) {
    return Markup.of(
        "<section class=\"refused\" role=\"alert\"><h1>{}</h1>{}<p><a href=\"/\">To the overview</a></p></section>",
        String.valueOf(refusal.getMessage()),
        hint(refusal.hint()));
  }

  private static Markup hint(@org.jspecify.annotations.Nullable String hint) {
    return hint == null ? Markup.NONE : Markup.of("<p>{}</p>", hint);
  }

  /** What the coordinator or a worker said, as a refusal. */
  static Refusal refusal(AdminException e) {
    int status =
        switch (e.exit()) {
          case USAGE -> 400;
          case NOT_FOUND -> 404;
          case NO_ANSWER -> 504;
          case NO_BROKER -> 503;
          default -> 502;
        };
    String hint =
        switch (e.exit()) {
          case NO_ANSWER -> "Is a coordinator running, and a worker? Try again in a moment.";
          case NO_BROKER -> "The broker cannot be reached. The console connects again by itself.";
          default -> null;
        };
    return new Refusal(status, String.valueOf(e.getMessage()), hint);
  }
}
