package resguardo.console;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.admin.Listing;
import resguardo.core.Serial;
import resguardo.core.catalog.Proof;
import resguardo.core.catalog.Status;
import resguardo.core.protocol.Answer;

/** How all registrations stand: numbers, and a table that is filtered, sorted and cut here. */
final class OverviewPage {
  /** Rows on a page. */
  static final int ROWS = 50;

  /** Sizes that are not known within this time come with the next look. */
  private static final long SIZES_MILLIS = 150;

  private static final Duration DAY = Duration.ofHours(24);

  private final Fleet fleet;
  private final Sizes sizes;
  private final Clock clock;

  OverviewPage(Fleet fleet, Sizes sizes, Clock clock) {
    this.fleet = fleet;
    this.sizes = sizes;
    this.clock = clock;
  }

  /** By what the table is sorted. */
  enum Order {
    NAME("Node and path"),
    STATE("State"),
    GOOD("Last good"),
    PROVEN("Last proven"),
    NEXT("Next"),
    SIZE("Size");

    private final String head;

    Order(String head) {
      this.head = head;
    }

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What is wanted of all. */
  private record Wanted(
      String text, Optional<State> state, boolean old, Order order, boolean down, int page) {
    static Wanted of(Exchange exchange) throws Refusal {
      String sort = exchange.value("sort").orElse(Order.NAME.word());
      boolean down = sort.startsWith("-");
      String word = down ? sort.substring(1) : sort;
      Order order =
          List.of(Order.values()).stream()
              .filter(one -> one.word().equals(word))
              .findAny()
              .orElse(Order.NAME);
      String state = exchange.value("state").orElse("");
      return new Wanted(
          exchange.value("q").orElse(""),
          List.of(State.values()).stream().filter(one -> one.word().equals(state)).findAny(),
          state.equals("old"),
          order,
          down,
          (int) Math.max(1, Math.min(1_000_000, exchange.number("page").orElse(1L))));
    }

    Link link(Order by, boolean descending, int toPage) {
      String sort = (descending ? "-" : "") + by.word();
      return Link.to("/")
          .withAny("q", text)
          .withAny("state", old ? "old" : state.map(State::word).orElse(""))
          .withAny("sort", sort.equals(Order.NAME.word()) ? "" : sort)
          .withAny("page", toPage == 1 ? "" : String.valueOf(toPage));
    }

    boolean fits(Answer.RegistrationLine line, Instant now) {
      String name = line.key().node().value() + ":" + line.key().path().text();
      boolean named = name.toLowerCase(Locale.ROOT).contains(text.toLowerCase(Locale.ROOT));
      return (text.isEmpty() || named)
          && (state.isEmpty() || state.get() == State.of(line, now))
          && (!old || isOld(line, now));
    }
  }

  private static boolean isOld(Answer.RegistrationLine line, Instant now) {
    Instant good = good(line);
    return good.isBefore(now.minus(DAY));
  }

  private static Instant good(Answer.RegistrationLine line) {
    Status status = line.status();
    Instant good = status == null ? null : status.lastGood();
    return good == null ? Instant.MIN : good;
  }

  /** The page. */
  Markup body(Exchange exchange) throws Exception {
    Fleet.View view = fleet.view();
    Instant now = clock.instant();
    Wanted wanted = Wanted.of(exchange);
    List<Answer.RegistrationLine> fitting =
        new ArrayList<>(view.lines().stream().filter(line -> wanted.fits(line, now)).toList());
    Comparator<Answer.RegistrationLine> order = order(wanted.order(), now);
    fitting.sort(wanted.down() ? order.reversed() : order);
    int pages = Math.max(1, (fitting.size() + ROWS - 1) / ROWS);
    int page = Math.min(wanted.page(), pages);
    List<Answer.RegistrationLine> rows =
        fitting.subList((page - 1) * ROWS, Math.min(page * ROWS, fitting.size()));
    sizes.lookAt(rows, SIZES_MILLIS);
    return Markup.of(
        """
        <div class="head"><h1>Overview</h1>{}</div>
        <div data-live id="numbers">{}</div>
        {}
        <div data-live id="rows">{}</div>
        """,
        Markup.when(
            exchange.visitor().mayWrite(),
            Markup.of("<a class=\"button\" href=\"/register\">Register a path</a>")),
        numbers(view, now),
        filter(wanted),
        view.lines().isEmpty()
            ? nothing(exchange.visitor())
            : table(view, rows, wanted, now, fitting.size(), page, pages));
  }

  /** Of its newest version, as its status or else its versions say; empty: not known yet. */
  private Optional<Long> size(Answer.RegistrationLine line) {
    Status status = line.status();
    return status == null || status.lastBytes() == null
        ? sizes.of(line.key()).map(Sizes.Trend::size)
        : Optional.of(status.lastBytes());
  }

  private Comparator<Answer.RegistrationLine> order(Order by, Instant now) {
    Comparator<Answer.RegistrationLine> byName = Comparator.comparing(Answer.RegistrationLine::key);
    return switch (by) {
      case NAME -> byName;
      case STATE ->
          Comparator.comparing((Answer.RegistrationLine line) -> State.of(line, now))
              .thenComparing(byName);
      case GOOD -> Comparator.comparing(OverviewPage::good).thenComparing(byName);
      case PROVEN ->
          Comparator.comparing(
                  (Answer.RegistrationLine line) ->
                      Optional.ofNullable(proven(line)).orElse(Instant.MIN))
              .thenComparing(byName);
      case NEXT ->
          Comparator.comparing(
                  (Answer.RegistrationLine line) ->
                      line.nextDue() == null ? Instant.MAX : line.nextDue())
              .thenComparing(byName);
      case SIZE ->
          Comparator.comparing((Answer.RegistrationLine line) -> size(line).orElse(-1L))
              .thenComparing(byName);
    };
  }

  /** When it was last shown that it can be restored. */
  static @Nullable Instant proven(Answer.RegistrationLine line) {
    Proof proof = line.proof();
    return proof == null || proof.proven() == null ? null : proof.proven().ordered();
  }

  private static Markup nothing(Visitor visitor) {
    return Markup.of(
        "<div class=\"empty\"><p>Nothing is registered yet.</p>{}</div>",
        Markup.when(
            visitor.mayWrite(),
            Markup.of(
                "<p><a class=\"button main\" href=\"/register\">Register a path to back up</a></p>")));
  }

  private static Markup numbers(Fleet.View view, Instant now) {
    Map<State, Long> counts = new EnumMap<>(State.class);
    view.lines().forEach(line -> counts.merge(State.of(line, now), 1L, Long::sum));
    long old = view.lines().stream().filter(line -> isOld(line, now)).count();
    List<Markup> tiles = new ArrayList<>();
    tiles.add(
        tile(
            Link.to("/"),
            "all",
            view.lines().size(),
            Counts.word(view.lines().size(), "registration", "registrations")));
    tiles.add(
        tile(
            Link.to("/").with("state", "old"),
            old > 0 ? "warn" : "good",
            old,
            "without a good backup of the last 24 h"));
    for (State state :
        List.of(
            State.FAILED,
            State.SUSPICIOUS,
            State.UNPROVEN,
            State.NO_AGENT,
            State.LATE,
            State.RUNNING,
            State.PAUSED)) {
      long count = counts.getOrDefault(state, 0L);
      if (count > 0 || state == State.FAILED) {
        tiles.add(
            tile(
                Link.to("/").with("state", state.word()), tone(state, count), count, state.text()));
      }
    }
    if (view.load().dead() > 0) {
      tiles.add(
          tile(
              Link.to("/dead"),
              "warn",
              view.load().dead(),
              Counts.word(view.load().dead(), "dead letter", "dead letters")));
    }
    if (view.load().workers().isEmpty()) {
      tiles.add(tile(Link.to("/jobs"), "bad", 0, "workers: nothing is backed up"));
    }
    return Markup.of("<ul class=\"tiles\">{}</ul>", tiles);
  }

  private static String tone(State state, long count) {
    return switch (state) {
      case FAILED, SUSPICIOUS, UNPROVEN -> count > 0 ? "bad" : "good";
      case RUNNING -> "busy";
      case PAUSED -> "off";
      default -> "warn";
    };
  }

  private static Markup tile(Link to, String tone, long count, String what) {
    return Markup.of(
        "<li class=\"tile {}\"><a href=\"{}\"><b>{}</b> <span>{}</span></a></li>",
        tone,
        to,
        Counts.number(count),
        what);
  }

  private static Markup filter(Wanted wanted) {
    List<Markup> states = new ArrayList<>();
    states.add(option("", "any state", wanted.state().isEmpty() && !wanted.old()));
    states.add(option("old", "no good backup for 24 h", wanted.old()));
    for (State state : State.values()) {
      states.add(
          option(
              state.word(),
              state.text(),
              wanted.state().isPresent() && wanted.state().get() == state));
    }
    return Markup.of(
        """
        <form class="filter" method="get" action="/" role="search">
        <span class="labelled wide"><label for="q">Node or path</label><input id="q" name="q" type="search" value="{}" data-key="/" autocomplete="off" spellcheck="false"></span>
        <span class="labelled"><label for="state">State</label><select id="state" name="state">{}</select></span>
        {}<button>Show</button>
        </form>
        """,
        wanted.text(),
        states,
        Markup.when(
            wanted.order() != Order.NAME || wanted.down(),
            Markup.of(
                "<input type=\"hidden\" name=\"sort\" value=\"{}\">",
                (wanted.down() ? "-" : "") + wanted.order().word())));
  }

  static Markup option(String value, String text, boolean chosen) {
    return chosen
        ? Markup.of("<option value=\"{}\" selected>{}</option>", value, text)
        : Markup.of("<option value=\"{}\">{}</option>", value, text);
  }

  private Markup table(
      Fleet.View view,
      List<Answer.RegistrationLine> rows,
      Wanted wanted,
      Instant now,
      int fitting,
      int page,
      int pages) {
    if (rows.isEmpty()) {
      return Markup.of(
          "<div class=\"empty\"><p>No registration fits.</p><p><a href=\"/\">Show all</a></p></div>");
    }
    return Markup.of(
        """
        <table class="cards fleet"><caption class="unseen">Registrations</caption>
        <thead><tr>{}{}{}{}{}{}<th scope="col">Trend</th><th scope="col"><span class="unseen">Files</span></th></tr></thead>
        <tbody>{}</tbody></table>
        {}
        <p class="asof">{} of {}, as of {}</p>
        """,
        head(wanted, Order.NAME),
        head(wanted, Order.STATE),
        head(wanted, Order.GOOD),
        head(wanted, Order.PROVEN),
        head(wanted, Order.NEXT),
        head(wanted, Order.SIZE),
        rows.stream().map(line -> row(line, now)).toList(),
        pager(wanted, page, pages),
        Counts.number(fitting),
        Counts.of(view.lines().size(), "registration", "registrations"),
        Times.around(view.taken(), now));
  }

  private static Markup head(Wanted wanted, Order order) {
    boolean by = wanted.order() == order;
    Link link = wanted.link(order, by && !wanted.down(), 1);
    String kind = order == Order.SIZE ? "number" : "";
    return by
        ? Markup.of(
            "<th scope=\"col\" class=\"{}\" aria-sort=\"{}\"><a href=\"{}\">{} <span aria-hidden=\"true\">{}</span></a></th>",
            kind,
            wanted.down() ? "descending" : "ascending",
            link,
            order.head,
            wanted.down() ? "▾" : "▴")
        : Markup.of(
            "<th scope=\"col\" class=\"{}\"><a href=\"{}\">{}</a></th>", kind, link, order.head);
  }

  private Markup row(Answer.RegistrationLine line, Instant now) {
    Status status = line.status();
    Optional<Sizes.Trend> trend = sizes.of(line.key());
    return Markup.of(
        """
        <tr><th scope="row"><a class="path" href="{}">{}</a><span class="node">{}</span></th>
        <td data-label="State">{}{}</td><td data-label="Last good">{}</td><td data-label="Last proven">{}</td><td data-label="Next">{}</td>
        <td data-label="Size" class="number">{}</td><td data-label="Trend">{}</td><td class="act">{}</td></tr>
        """,
        Link.to("/set", line.key()),
        line.key().path().text(),
        line.key().node(),
        State.of(line, now).badge(),
        reason(line, now),
        Times.around(status == null ? null : status.lastGood(), now),
        line.proof() == null && line.drillSeconds() == null
            ? Markup.of("<span class=\"none\" title=\"No drills are made of it\">–</span>")
            : Times.around(proven(line), now),
        line.openSince() == null && line.pause() == null
            ? Times.next(line.nextDue(), now)
            : Markup.of("<span class=\"none\">–</span>"),
        size(line)
            .map(Listing::size)
            .orElse(status == null || status.lastVersion() == null ? "–" : "…"),
        trend.map(Trends::line).orElse(Markup.of("<span class=\"none\">–</span>")),
        lastVersion(line).isEmpty() && trend.isEmpty()
            ? Markup.NONE // none is known: of those that were taken over its first look tells
            : Markup.of(
                "<a class=\"quiet button\" href=\"{}\" aria-label=\"Files of {}\">Files</a>",
                lastVersion(line)
                    .map(version -> Link.to("/files", line.key()).with("version", version))
                    .orElse(Link.to("/files", line.key())),
                line.key()));
  }

  private static Optional<Serial> lastVersion(Answer.RegistrationLine line) {
    return Optional.ofNullable(line.status()).map(Status::lastVersion);
  }

  private static Markup reason(Answer.RegistrationLine line, Instant now) {
    Status status = line.status();
    boolean failed = State.of(line, now) == State.FAILED;
    return failed && status != null && status.lastReason() != null
        ? Markup.of("<span class=\"why\">{}</span>", status.lastReason())
        : Markup.NONE;
  }

  private static Markup pager(Wanted wanted, int page, int pages) {
    if (pages == 1) {
      return Markup.NONE;
    }
    return Markup.of(
        "<nav class=\"pager\" aria-label=\"Pages\">{}<span>Page {} of {}</span>{}</nav>",
        page > 1
            ? Markup.of(
                "<a class=\"button\" rel=\"prev\" href=\"{}\">Previous</a>",
                wanted.link(wanted.order(), wanted.down(), page - 1))
            : Markup.NONE,
        page,
        pages,
        page < pages
            ? Markup.of(
                "<a class=\"button\" rel=\"next\" href=\"{}\">Next</a>",
                wanted.link(wanted.order(), wanted.down(), page + 1))
            : Markup.NONE);
  }
}
