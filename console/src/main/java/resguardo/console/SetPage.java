package resguardo.console;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import resguardo.admin.AdminException;
import resguardo.admin.ExitCode;
import resguardo.admin.Listing;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.catalog.Proof;
import resguardo.core.catalog.Status;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command;
import resguardo.core.version.Alarm;
import resguardo.core.version.VersionHeader;

/** One registration: how it stands, what can be done, and its versions. */
final class SetPage {
  private static final int SLOTS = 3;

  private final Operator operator;
  private final Sizes sizes;
  private final Clock clock;

  SetPage(Operator operator, Sizes sizes, Clock clock) {
    this.operator = operator;
    this.sizes = sizes;
    this.clock = clock;
  }

  /** The page. */
  Markup body(Exchange exchange) throws Exception {
    RegistrationKey key = exchange.key();
    Visitor visitor = exchange.visitor();
    Instant now = clock.instant();
    Answer.Versions versions = versions(visitor, key, exchange.number("before").orElse(null));
    boolean first = exchange.number("before").isEmpty();
    if (first) {
      sizes.note(key, versions.versions());
    }
    return Markup.of(
        """
        {}
        <h1><span class="path">{}</span> <span class="on">on {}</span></h1>
        {}
        <section aria-labelledby="versions"><h2 id="versions">Versions</h2>{}</section>
        """,
        Layout.trail(List.of(Layout.link(Link.to("/"), "Overview")), key.toString()),
        key.path().text(),
        key.node(),
        standing(visitor, key, now, versions),
        versions.versions().isEmpty()
            ? Markup.of("<div class=\"empty\"><p>There is no version yet.</p></div>")
            : history(key, versions, first, visitor));
  }

  private Answer.Versions versions(
      Visitor visitor, RegistrationKey key, @org.jspecify.annotations.Nullable Long before)
      throws AdminException, InterruptedException {
    try {
      return operator.ask(
          visitor,
          replyTo -> new Command.History(key.node(), key.path(), before, replyTo),
          Answer.Versions.class,
          "show the versions of " + key);
    } catch (AdminException e) {
      if (e.exit() == ExitCode.NOT_FOUND) {
        return new Answer.Versions(List.of(), false);
      }
      throw e;
    }
  }

  private Markup standing(
      Visitor visitor, RegistrationKey key, Instant now, Answer.Versions versions)
      throws AdminException, InterruptedException, Refusal {
    Answer.Explained explained;
    try {
      explained =
          operator.ask(
              visitor,
              replyTo -> new Command.Explain(key.node(), key.path(), SLOTS, replyTo),
              Answer.Explained.class,
              "look at " + key);
    } catch (AdminException e) {
      if (e.exit() == ExitCode.NOT_FOUND && !versions.versions().isEmpty()) {
        return Markup.of(
            "<p class=\"notice\">It is registered no more; its versions are there.</p>");
      }
      throw e;
    }
    return Markup.of(
        "<div data-live id=\"standing\">{}</div>{}",
        facts(explained, now),
        Markup.when(visitor.mayWrite(), buttons(key, explained.line(), versions.versions())));
  }

  private static Markup facts(Answer.Explained explained, Instant now) {
    Answer.RegistrationLine line = explained.line();
    Registration registration = line.registration();
    Status status = line.status();
    List<Markup> facts = new ArrayList<>();
    facts.add(fact("State", stateOf(registration, line, now)));
    facts.add(fact("Last good", Times.around(status == null ? null : status.lastGood(), now)));
    facts.add(
        fact("Last attempt", status == null ? Times.around(null, now) : outcome(status, now)));
    facts.add(fact("Last proven", proven(line, now)));
    facts.add(fact("Next", upcoming(explained, now)));
    facts.add(fact("Schedule", Markup.of("{}", Schedules.words(registration.schedule()))));
    facts.add(
        fact(
            "Agent",
            line.agentSeen() == null
                ? Markup.of("<span class=\"badge warn\">not seen</span>")
                : Markup.of("seen {}", Times.ago(line.agentSeen(), now))));
    facts.add(
        fact(
            "Keeps",
            registration.retention() == null
                ? Markup.of("all versions")
                : Markup.of("{}", registration.retention())));
    if (registration.options() != null && !registration.options().exclude().isEmpty()) {
      facts.add(
          fact(
              "Leaves out",
              Markup.of("<code>{}</code>", String.join("  ", registration.options().exclude()))));
    }
    if (!registration.rules().belongsTo().isEmpty()) {
      facts.add(
          fact(
              "Labels",
              Markup.of(
                  "{}",
                  registration.rules().belongsTo().entrySet().stream()
                      .map(one -> one.getKey() + "=" + one.getValue())
                      .collect(Collectors.joining(", ")))));
    }
    return Markup.of("<dl class=\"facts\">{}</dl>", facts);
  }

  private static Markup stateOf(
      Registration registration, Answer.RegistrationLine line, Instant now) {
    if (!registration.active()) {
      return Markup.of("<span class=\"badge off\">registered no more</span>");
    }
    String why = line.pause() == null || line.pause().why() == null ? "" : " " + line.pause().why();
    return Markup.of("{}<span class=\"why\">{}</span>", State.of(line, now).badge(), why);
  }

  private static Markup upcoming(Answer.Explained explained, Instant now) {
    List<Markup> reasons =
        explained.reasons().stream()
            .map(reason -> Markup.of("<li>{}</li>", reason.what()))
            .toList();
    Instant next = explained.line().nextDue();
    return Markup.of(
        "{}{}",
        explained.line().pause() == null
            ? Times.next(next, now)
            : Markup.of("<span class=\"none\">not while it is paused</span>"),
        Markup.when(!reasons.isEmpty(), Markup.of("<ul class=\"why\">{}</ul>", reasons)));
  }

  private static Markup proven(Answer.RegistrationLine line, Instant now) {
    Instant time = OverviewPage.proven(line);
    Proof proof = line.proof();
    if (proof == null && line.drillSeconds() == null) {
      return Markup.of("<span class=\"none\">no drills are made</span>");
    }
    return Markup.of(
        "{}{}",
        Times.around(time, now),
        proof == null || proof.last().good()
            ? Markup.NONE
            : Markup.of(
                " <span class=\"badge bad\">drill failed</span><span class=\"why\">{}</span>",
                String.join("; ", Optional.ofNullable(proof.last().problems()).orElse(List.of()))));
  }

  private static Markup fact(String name, Markup value) {
    return Markup.of("<div><dt>{}</dt><dd>{}</dd></div>", name, value);
  }

  private static Markup outcome(Status status, Instant now) {
    return Markup.of(
        "{} {}{}",
        status.lastOutcome().name().toLowerCase(Locale.ROOT),
        Times.around(status.lastEnded(), now),
        status.lastReason() == null
            ? Markup.NONE
            : Markup.of("<span class=\"why\">{}</span>", status.lastReason()));
  }

  private static Markup buttons(
      RegistrationKey key, Answer.RegistrationLine line, List<VersionHeader> versions) {
    if (!line.registration().active()) {
      return Markup.of(
          "<p class=\"actions\"><a class=\"button\" href=\"{}\">Register again</a></p>",
          Link.to("/register", key));
    }
    boolean itself = line.pause() != null && line.pause().isFor(key.node(), key.path());
    return Markup.of(
        """
        <p class="actions">
        <a class="button main" href="{}">Run now</a>
        {}
        {}
        {}
        <a class="button" href="{}">Change</a>
        <a class="button" href="{}">Unregister</a>
        </p>
        """,
        Link.to("/run", key),
        // What is encrypted is restored where the key is.
        Markup.when(
            !versions.isEmpty() && versions.get(0).recipients().isEmpty(),
            Markup.of("<a class=\"button\" href=\"{}\">Restore</a>", Link.to("/restore", key))),
        Markup.when(
            !versions.isEmpty(),
            Markup.of("<a class=\"button\" href=\"{}\">Drill now</a>", Link.to("/drill", key))),
        itself
            ? Markup.of("<a class=\"button\" href=\"{}\">Resume</a>", Link.to("/resume", key))
            : Markup.of("<a class=\"button\" href=\"{}\">Pause</a>", Link.to("/pause", key)),
        Link.to("/register", key),
        Link.to("/unregister", key));
  }

  private static Markup history(
      RegistrationKey key, Answer.Versions page, boolean first, Visitor visitor) {
    List<VersionHeader> versions = page.versions();
    List<Trends.Bar> bars =
        new ArrayList<>(
            versions.stream()
                .map(
                    one ->
                        new Trends.Bar(
                            one.totals().bytes(),
                            one.newBytes(),
                            one.alarm() != null && !page.accepts(one.serial()),
                            one.serial()
                                + ": "
                                + Listing.size(one.totals().bytes())
                                + ", stored "
                                + Listing.size(one.newBytes())))
                .toList());
    Collections.reverse(bars);
    boolean several = versions.size() > 1;
    return Markup.of(
        """
        {}
        <form class="find" method="get" action="/find"><input type="hidden" name="node" value="{}"><input type="hidden" name="path" value="{}">
        <span class="labelled wide"><label for="name">Find a file</label><input id="name" name="q" type="search" required autocomplete="off" spellcheck="false" data-key="/"></span>
        <span class="labelled"><label for="at">as of (UTC)</label><input id="at" name="at" type="datetime-local"></span>
        <button>Find</button></form>
        <form method="get" action="/diff"><input type="hidden" name="node" value="{}"><input type="hidden" name="path" value="{}">
        <table class="cards"><caption class="unseen">Versions, newest first</caption>
        <thead><tr><th scope="col">Version</th><th scope="col">Made</th><th scope="col" class="number">Entries</th><th scope="col" class="number">Content</th><th scope="col" class="number">Stored for it</th>{}<th scope="col"><span class="unseen">What to do</span></th></tr></thead>
        <tbody>{}</tbody></table>
        {}
        </form>
        {}
        """,
        Trends.bars(bars),
        key.node(),
        Paths.value(key.path().raw()),
        key.node(),
        Paths.value(key.path().raw()),
        Markup.when(several, Markup.of("<th scope=\"col\">Compare</th>")),
        rows(key, page, several, visitor),
        Markup.when(
            several,
            Markup.of("<p class=\"actions end\"><button>Compare the chosen two</button></p>")),
        older(key, page, first));
  }

  private static List<Markup> rows(
      RegistrationKey key, Answer.Versions page, boolean several, Visitor visitor) {
    List<Markup> rows = new ArrayList<>();
    for (int i = 0; i < page.versions().size(); i++) {
      VersionHeader one = page.versions().get(i);
      rows.add(
          Markup.of(
              """
              <tr><th scope="row"><a href="{}">{}</a></th><td data-label="Made">{}</td><td data-label="Entries" class="number">{}{}</td>
              <td data-label="Content" class="number">{}</td><td data-label="Stored for it" class="number">{}</td>{}
              <td class="act">{}</td></tr>
              """,
              Link.to("/files", key).with("version", one.serial()),
              one.serial(),
              Times.at(one.slot()),
              String.format(Locale.ROOT, "%,d", one.totals().entries()),
              warnings(one),
              Listing.size(one.totals().bytes()),
              Listing.size(one.newBytes()),
              Markup.when(several, choice(one.serial(), i)),
              does(key, one, page, visitor)));
    }
    return rows;
  }

  private static Markup warnings(VersionHeader one) {
    long many = one.totals().warnings();
    return Markup.when(
        many > 0,
        Markup.of(
            " <span class=\"badge warn\">{} {}</span>", many, many == 1 ? "warning" : "warnings"));
  }

  private static Markup choice(Serial serial, int row) {
    return Markup.of(
        """
        <td data-label="Compare"><span class="pair"><label><input type="radio" name="from" value="{}"{}> from<span class="unseen"> {}</span></label>
        <label><input type="radio" name="to" value="{}"{}> to<span class="unseen"> {}</span></label></span></td>
        """,
        serial.value(),
        row == 1 ? Markup.of(" checked") : Markup.NONE,
        serial,
        serial.value(),
        row == 0 ? Markup.of(" checked") : Markup.NONE,
        serial);
  }

  private static Markup does(
      RegistrationKey key, VersionHeader one, Answer.Versions page, Visitor visitor) {
    List<Markup> parts = new ArrayList<>();
    if (one.alarm() != null) {
      parts.add(alarm(key, one.serial(), one.alarm(), page.accepts(one.serial()), visitor));
    }
    parts.add(
        Markup.of(
            "<a class=\"quiet button\" href=\"{}\" aria-label=\"Files of version {}\">Files</a>",
            Link.to("/files", key).with("version", one.serial()),
            one.serial()));
    if (one.recipients().isEmpty()) {
      parts.add(
          Markup.of(
              "<a class=\"quiet button\" href=\"{}\" download aria-label=\"Download version {}\">.tgz</a>",
              Link.to("/archive", key).with("version", one.serial()),
              one.serial()));
    } else {
      parts.add(
          Markup.of(
              "<span class=\"badge off\" title=\"Only whoever has a key can open it\">encrypted</span>"));
    }
    return Markup.of("<span class=\"row\">{}</span>", parts);
  }

  private static Markup alarm(
      RegistrationKey key, Serial serial, Alarm alarm, boolean accepted, Visitor visitor) {
    String signs = alarm.signs().stream().map(Alarm.Sign::word).collect(Collectors.joining(", "));
    if (accepted) {
      return Markup.of(
          "<span class=\"badge off\" title=\"{}\">{}, accepted</span>", alarm.text(), signs);
    }
    Markup badge =
        Markup.of("<span class=\"badge bad\" title=\"{}\">{}</span>", alarm.text(), signs);
    return visitor.mayWrite()
        ? Markup.of(
            "{}<a class=\"quiet button\" href=\"{}\" aria-label=\"Accept version {}\">Accept</a>",
            badge,
            Link.to("/accept", key).with("version", serial),
            serial)
        : badge;
  }

  private static Markup older(RegistrationKey key, Answer.Versions page, boolean first) {
    List<Markup> links = new ArrayList<>();
    if (!first) {
      links.add(Layout.link(Link.to("/set", key), "The newest"));
    }
    if (page.more()) {
      Serial last = page.versions().get(page.versions().size() - 1).serial();
      links.add(Layout.link(Link.to("/set", key).with("before", last), "Older versions"));
    }
    return Markup.when(
        !links.isEmpty(), Markup.of("<nav class=\"pager\" aria-label=\"Pages\">{}</nav>", links));
  }
}
