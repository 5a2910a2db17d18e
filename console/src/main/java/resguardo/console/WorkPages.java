package resguardo.console;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import resguardo.admin.AdminException;
import resguardo.admin.Listing;
import resguardo.admin.TimeSpan;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.port.DeadLetter;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command;

/** What is under way, where, and what was given up. */
final class WorkPages {
  /** A node's clock that is further off is wrong. */
  private static final long CLOCK_SECONDS = 5;

  private static final Markup NONE = Markup.of("<span class=\"none\">–</span>");

  private final Operator operator;
  private final Restores restores;
  private final Clock clock;

  WorkPages(Operator operator, Restores restores, Clock clock) {
    this.operator = operator;
    this.restores = restores;
    this.clock = clock;
  }

  /** Jobs and workers. */
  Markup jobs(Exchange exchange) throws AdminException, InterruptedException {
    Answer.Load load =
        operator.ask(
            exchange.visitor(), Command.Load::new, Answer.Load.class, "ask for what is running");
    return Markup.of(
        """
        <div class="head"><h1>Jobs</h1></div>
        <div data-live="2" id="jobs">
        <ul class="tiles small">{}{}{}</ul>
        {}
        {}
        <h2>Workers</h2>{}
        <h2>Restores from here</h2>{}
        </div>
        """,
        tile(load.openCount(), "open job", "open jobs"),
        tile(load.waiting(), "waits for a worker", "wait for a worker"),
        tile(load.workers().size(), "worker", "workers"),
        load.open().isEmpty()
            ? Markup.of("<div class=\"empty\"><p>No job is open.</p></div>")
            : open(load),
        drill(load.drill(), load.now()),
        load.workers().isEmpty()
            ? Markup.of(
                "<div class=\"empty\"><p>No worker is there: nothing is backed up or restored.</p></div>")
            : workers(load),
        restores(clock.instant()));
  }

  private static Markup drill(Answer.@Nullable OpenDrill drill, Instant now) {
    if (drill == null) {
      return Markup.NONE;
    }
    return Markup.of(
        """
        <h2>Drill</h2>
        <table class="cards"><caption class="unseen">The drill that is being made</caption>
        <thead><tr><th scope="col">Path and node</th><th scope="col">Version</th><th scope="col">Worker</th><th scope="col" class="number">Entries</th><th scope="col" class="number">Compared so far</th><th scope="col">For</th></tr></thead>
        <tbody><tr><th scope="row"><a class="path" href="{}">{}</a><span class="node">{}</span></th><td data-label="Version">{}</td><td data-label="Worker" class="worker">{}</td>
        <td data-label="Entries" class="number">{}</td><td data-label="Compared so far" class="number">{}</td><td data-label="For" class="span">{}</td></tr></tbody></table>
        """,
        Link.to("/set", drill.registration()),
        drill.registration().path().text(),
        drill.registration().node(),
        drill.serial(),
        worker(drill.worker()),
        Counts.number(drill.entries()),
        Listing.size(drill.bytes()),
        TimeSpan.rough(Duration.between(drill.since(), now)));
  }

  private static Markup worker(@Nullable Peer worker) {
    return worker == null
        ? Markup.of("<span class=\"badge off\">waits</span>")
        : Markup.of("{}", worker.instance());
  }

  private Markup restores(Instant now) {
    List<Restores.Run> runs = restores.all();
    if (runs.isEmpty()) {
      return Markup.of("<div class=\"empty\"><p>None since this console was started.</p></div>");
    }
    return Markup.of(
        "<ul class=\"plain\">{}</ul>",
        runs.stream()
            .map(
                run ->
                    Markup.of(
                        "<li><a href=\"{}\">{} to {}</a> {} <span class=\"why\">{} by {}</span></li>",
                        Link.to("/restoring").with("id", run.id()),
                        run.what(),
                        run.to(),
                        run.badge(),
                        Times.around(run.begun(), now),
                        run.by()))
            .toList());
  }

  private static Markup tile(long count, String one, String many) {
    return Markup.of(
        "<li class=\"tile\"><span><b>{}</b> <span>{}</span></span></li>",
        Counts.number(count),
        Counts.word(count, one, many));
  }

  private static Markup open(Answer.Load load) {
    return Markup.of(
        """
        <table class="cards"><caption class="unseen">Open jobs</caption>
        <thead><tr><th scope="col">Path and node</th><th scope="col">Worker</th><th scope="col" class="number">Entries</th><th scope="col" class="number">Came so far</th><th scope="col">For</th><th scope="col" class="number">Attempt</th></tr></thead>
        <tbody>{}</tbody></table>{}
        """,
        load.open().stream().map(job -> row(job, load.now())).toList(),
        Markup.when(
            load.openCount() > load.open().size(),
            Markup.of(
                "<p class=\"asof\">These are the first {} of {}.</p>",
                Counts.number(load.open().size()),
                Counts.number(load.openCount()))));
  }

  private static Markup row(Answer.OpenJob job, Instant now) {
    return Markup.of(
        """
        <tr><th scope="row"><a class="path" href="{}">{}</a><span class="node">{}</span></th><td data-label="Worker" class="worker">{}</td>
        <td data-label="Entries" class="number">{}</td><td data-label="Came so far" class="number">{}</td><td data-label="For" class="span">{}</td><td data-label="Attempt" class="number">{}</td></tr>
        """,
        Link.to("/set", job.job().registration()),
        job.job().registration().path().text(),
        job.job().registration().node(),
        worker(job.worker()),
        Counts.number(job.entries()),
        Listing.size(job.bytes()),
        TimeSpan.rough(Duration.between(job.published(), now)),
        job.job().attempt());
  }

  private static Markup workers(Answer.Load load) {
    List<Markup> rows = new ArrayList<>();
    List<Peer> sorted =
        load.workers().stream().sorted(Comparator.comparing(Peer::instance)).toList();
    for (Peer worker : sorted) {
      long hand = load.open().stream().filter(job -> worker.equals(job.worker())).count();
      rows.add(
          Markup.of(
              "<tr><th scope=\"row\">{}</th><td data-label=\"Jobs in hand\" class=\"number\">{}</td></tr>",
              worker.instance(),
              hand));
    }
    return Markup.of(
        "<table class=\"cards narrow\"><caption class=\"unseen\">Workers</caption><thead><tr><th scope=\"col\">Worker</th><th scope=\"col\" class=\"number\">Jobs in hand</th></tr></thead><tbody>{}</tbody></table>",
        rows);
  }

  /** Nodes, a page at a time as the coordinator gives them. */
  Markup nodes(Exchange exchange) throws AdminException, InterruptedException {
    NodeName after = exchange.value("after").map(NodeName::new).orElse(null);
    Answer.Nodes page =
        operator.ask(
            exchange.visitor(),
            replyTo -> new Command.ListNodes(after, replyTo),
            Answer.Nodes.class,
            "list nodes");
    Instant now = clock.instant();
    if (page.lines().isEmpty()) {
      return Markup.of(
          "<h1>Nodes</h1><div class=\"empty\"><p>There is no node yet: none has a registration, and no agent is there.</p></div>");
    }
    return Markup.of(
        """
        <h1>Nodes</h1>
        <div data-live id="nodes">
        <table class="cards nodes"><caption class="unseen">Nodes</caption>
        <thead><tr><th scope="col">Node</th><th scope="col">Agent</th><th scope="col" class="number">Registrations</th><th scope="col" class="number">Failing</th><th scope="col" class="number">Never backed up</th><th scope="col">Oldest good backup</th><th scope="col">Proven</th><th scope="col">Next</th><th scope="col">Clock</th><th scope="col">Version</th></tr></thead>
        <tbody>{}</tbody></table></div>{}
        """,
        page.lines().stream().map(line -> row(line, now)).toList(),
        next(page));
  }

  private static Markup next(Answer.Nodes page) {
    return Markup.when(
        page.more(),
        Markup.of(
            "<nav class=\"pager\" aria-label=\"Pages\">{}</nav>",
            Layout.link(
                Link.to("/nodes")
                    .with("after", page.lines().get(page.lines().size() - 1).node().value()),
                "More nodes")));
  }

  private static Markup row(Answer.NodeLine line, Instant now) {
    return Markup.of(
        """
        <tr><th scope="row"><a href="{}">{}</a></th><td data-label="Agent">{}</td><td data-label="Registrations" class="number">{}</td>
        <td data-label="Failing" class="number {}">{}</td><td data-label="Never backed up" class="number {}">{}</td><td data-label="Oldest good backup">{}</td><td data-label="Proven">{}</td><td data-label="Next">{}</td><td data-label="Clock" class="{}">{}</td><td data-label="Version" class="version calm">{}</td></tr>
        """,
        Link.to("/").with("q", line.node().value() + ":"),
        line.node(),
        State.agentIsThere(line.agentSeen(), now)
            ? Markup.of("<span class=\"badge good\">there</span>")
            : Markup.of(
                "<span class=\"badge warn\">away</span> {}",
                line.agentSeen() == null ? Markup.NONE : Times.ago(line.agentSeen(), now)),
        line.registrations(),
        calm(line.failing() == 0),
        toned(line.failing(), "bad"),
        calm(line.neverBackedUp() == 0),
        toned(line.neverBackedUp(), "warn"),
        line.registrations() == 0 ? NONE : Times.around(line.oldestSuccess(), now),
        proven(line, now),
        Times.next(line.nextDue(), now),
        calm(isRight(line.clockAheadSeconds())),
        clock(line.clockAheadSeconds()),
        line.program() == null ? NONE : Markup.of("{}", line.program()));
  }

  private static Markup proven(Answer.NodeLine line, Instant now) {
    if (line.failingDrills() > 0) {
      return Markup.of("<span class=\"badge bad\">failed: {}</span>", line.failingDrills());
    } else if (line.neverProven() > 0) {
      return Markup.of("<span class=\"badge warn\">never: {}</span>", line.neverProven());
    }
    return line.oldestProven() == null ? NONE : Times.around(line.oldestProven(), now);
  }

  private static Markup toned(int count, String tone) {
    return count == 0
        ? Markup.of("0")
        : Markup.of("<span class=\"badge {}\">{}</span>", tone, count);
  }

  /** What is as it should be has no place on a telephone, where each figure takes a line. */
  private static String calm(boolean is) {
    return is ? "calm" : "";
  }

  private static boolean isRight(@Nullable Long ahead) {
    return ahead == null || Math.abs(ahead) < CLOCK_SECONDS;
  }

  private static Markup clock(@Nullable Long ahead) {
    if (ahead == null) {
      return NONE;
    } else if (isRight(ahead)) {
      return Markup.of("right");
    }
    return Markup.of(
        "<span class=\"badge warn\">{} {}</span>",
        TimeSpan.rough(Duration.ofSeconds(Math.abs(ahead))),
        ahead > 0 ? "ahead" : "behind");
  }

  /** Messages that were given up. */
  Markup dead(Exchange exchange) throws AdminException, InterruptedException {
    Answer.Dead dead =
        operator.ask(
            exchange.visitor(), Command.DeadLetters::new, Answer.Dead.class, "list dead letters");
    boolean may = exchange.visitor().mayWrite();
    if (dead.letters().isEmpty()) {
      return Markup.of(
          "<h1>Dead letters</h1><p class=\"lead\">Messages that nobody could handle end here.</p><div class=\"empty\"><p>There are none, as it should be.</p></div>");
    }
    return Markup.of(
        """
        <div class="head"><h1>Dead letters</h1>{}</div>
        <p class="lead">Messages that nobody could handle end here.</p>
        <table class="cards"><caption class="unseen">Dead letters</caption>
        <thead><tr><th scope="col">Died</th><th scope="col">Queue</th><th scope="col">Why</th><th scope="col">Message</th><th scope="col"><span class="unseen">What to do</span></th></tr></thead>
        <tbody>{}</tbody></table>{}
        """,
        Markup.when(
            may,
            Markup.of(
                "<span class=\"row\"><a class=\"button\" href=\"/dead/settle?retry=yes\">Retry all</a><a class=\"button\" href=\"/dead/settle?retry=no\">Drop all</a></span>")),
        dead.letters().stream().map(letter -> row(letter, may)).toList(),
        Markup.when(
            dead.count() > dead.letters().size(),
            Markup.of(
                "<p class=\"asof\">These are the first {} of {}.</p>",
                Counts.number(dead.letters().size()),
                Counts.number(dead.count()))));
  }

  private static Markup row(DeadLetter letter, boolean may) {
    return Markup.of(
        "<tr><td data-label=\"Died\">{}</td><td data-label=\"Queue\">{}</td><td data-label=\"Why\" class=\"long\">{}</td><td data-label=\"Message\" class=\"long\"><code class=\"message\">{}</code></td><td class=\"act\">{}</td></tr>",
        Times.at(letter.died()),
        letter.queue() == null ? "–" : letter.queue(),
        letter.reason() == null ? "not said" : letter.reason(),
        letter.text(),
        Markup.when(
            may,
            Markup.of(
                "<span class=\"row\"><a class=\"quiet button\" href=\"{}\">Retry</a><a class=\"quiet button\" href=\"{}\">Drop</a></span>",
                Link.to("/dead/settle").with("id", letter.id()).with("retry", "yes"),
                Link.to("/dead/settle").with("id", letter.id()).with("retry", "no"))));
  }
}
