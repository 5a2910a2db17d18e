package resguardo.console;

import java.time.Clock;
import java.util.List;
import java.util.Optional;
import resguardo.admin.AdminException;
import resguardo.admin.Listing;
import resguardo.core.NodeName;
import resguardo.core.RawPath;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.SourcePath;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command;
import resguardo.core.protocol.RestoreTarget;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.protocol.VersionChoice;

/** Restoring a version, or a part of it, on a node. */
final class RestorePages {
  private final Operator operator;
  private final Restores restores;
  private final Clock clock;

  RestorePages(Operator operator, Restores restores, Clock clock) {
    this.operator = operator;
    this.restores = restores;
    this.clock = clock;
  }

  /** What is to be restored. */
  private record What(RegistrationKey key, Optional<Serial> version, Optional<RawPath> entry) {
    static What of(Exchange exchange) throws Refusal {
      return new What(exchange.key(), exchange.version(), exchange.entry());
    }

    String words() {
      String of = version.map(serial -> "version " + serial).orElse("the latest version");
      return entry
          .map(name -> Paths.absolute(name) + " of " + of + " of " + key)
          .orElse(of + " of " + key);
    }

    Markup shown() {
      return Markup.of(
          "<p class=\"subject\"><span class=\"path\">{}</span> of <b>{}</b>, {}</p>",
          entry.map(name -> Paths.absolute(name).text()).orElse(key.path().text()),
          key.node(),
          version.map(serial -> "version " + serial).orElse("the latest version"));
    }

    Markup fields() {
      return Markup.of(
          "{}<input type=\"hidden\" name=\"version\" value=\"{}\"><input type=\"hidden\" name=\"entry\" value=\"{}\">",
          Actions.hidden(key),
          version.map(serial -> String.valueOf(serial.value())).orElse(""),
          entry.map(Paths::value).orElse(""));
    }

    Link back() {
      return version
          .map(serial -> Link.to("/files", key).with("version", serial))
          .orElse(Link.to("/set", key));
    }
  }

  /** Asks where to. */
  Markup ask(Exchange exchange) throws AdminException, InterruptedException, Refusal {
    What what = What.of(exchange);
    Answer.Nodes nodes =
        operator.ask(
            exchange.visitor(),
            replyTo -> new Command.ListNodes(null, replyTo),
            Answer.Nodes.class,
            "list nodes");
    List<Markup> options =
        nodes.lines().stream()
            .filter(line -> State.agentIsThere(line.agentSeen(), clock.instant()))
            .map(line -> Markup.of("<option value=\"{}\"></option>", line.node()))
            .toList();
    return Markup.of(
        """
        {}
        <section class="confirm"><h1>Restore to a node</h1>{}
        <form method="get" action="/restore/confirm">{}
        <div class="field"><label for="to">Node</label><input id="to" name="to" value="{}" list="nodes" required autocomplete="off" spellcheck="false"><datalist id="nodes">{}</datalist></div>
        <div class="field"><label for="folder">Folder</label><input id="folder" name="folder" value="{}" required autocomplete="off" spellcheck="false" placeholder="/srv/restored" aria-describedby="folder-hint"><p class="hint" id="folder-hint">All goes below it, under its absolute path. It has to be one that the node's agent allows (<code class="option">--restore-to</code>).</p></div>
        <div class="field check"><input type="checkbox" id="overwrite" name="overwrite" value="yes"><label for="overwrite">Overwrite what is there</label></div>
        <p class="actions"><button class="main">Go on</button><a class="button" href="{}">Cancel</a></p></form></section>
        """,
        Layout.trail(Layout.trailOf(what.key()), "Restore"),
        what.shown(),
        what.fields(),
        exchange.value("to").orElse(what.key().node().value()),
        options,
        exchange.value("folder").orElse(""),
        what.back());
  }

  private static RestoreTarget target(Exchange exchange) throws Refusal {
    return new RestoreTarget(
        new NodeName(exchange.needed("to")),
        SourcePath.parse(exchange.needed("folder")),
        exchange.value("overwrite").isPresent());
  }

  /** Asks whether it is to be done. */
  Markup confirm(Exchange exchange) throws Refusal {
    What what = What.of(exchange);
    RestoreTarget to = target(exchange);
    return Actions.confirm(
        exchange,
        Layout.trailOf(what.key()),
        "Restore",
        Markup.of(
            "{}<p>goes to <span class=\"path\">{}</span> on <b>{}</b>. {}</p>",
            what.shown(),
            to.folder().text(),
            to.node(),
            to.overwrite()
                ? Markup.of("<strong>Files of the same name there are replaced.</strong>")
                : Markup.of("Nothing is done if there is anything in that folder already.")),
        "/restore",
        Markup.of(
            "{}<input type=\"hidden\" name=\"to\" value=\"{}\"><input type=\"hidden\" name=\"folder\" value=\"{}\">{}",
            what.fields(),
            to.node(),
            Paths.value(to.folder().raw()),
            Markup.when(
                to.overwrite(),
                Markup.of("<input type=\"hidden\" name=\"overwrite\" value=\"yes\">"))),
        "Restore it",
        what.back());
  }

  /** Begins it. */
  void begin(Exchange exchange) throws Refusal {
    What what = What.of(exchange);
    RestoreTarget to = target(exchange);
    VersionChoice which = what.version().map(VersionChoice.Numbered::new).orElse(null);
    List<RawPath> entries = what.entry().map(Paths::absolute).map(List::of).orElse(null);
    Restores.Run run =
        restores.begin(
            exchange.visitor(),
            what.words(),
            to.toString(),
            replyTo ->
                new Command.Restore(
                    what.key().node(), what.key().path(), which, entries, to, replyTo));
    exchange.goTo(Link.to("/restoring").with("id", run.id()));
  }

  /** How far it is. */
  Markup state(Exchange exchange) throws Refusal {
    Restores.Run run =
        restores
            .of(exchange.needed("id"))
            .orElseThrow(
                () ->
                    new Refusal(
                        404,
                        "This restore is not known here.",
                        "The log of the node tells of it."));
    return Markup.of(
        """
        {}
        <h1>Restore</h1>
        <p class="subject">{} to <b>{}</b></p>
        <div data-live="1" id="restore">{}</div>
        <p class="actions"><a class="button" href="/jobs">All restores from here</a></p>
        """,
        Layout.trail(List.of(Layout.link(Link.to("/jobs"), "Jobs")), "Restore"),
        run.what(),
        run.to(),
        state(run));
  }

  private static Markup state(Restores.Run run) {
    String failure = run.failure();
    StreamMessage.Restored restored = run.restored();
    if (failure != null) {
      return Markup.of(
          "<div class=\"refused\" role=\"alert\">{} <p>{}</p></div>", run.badge(), failure);
    } else if (restored == null) {
      return Markup.of(
          "<p role=\"status\">{} {} are there.</p>", run.badge(), Listing.size(run.bytes()));
    }
    return Markup.of(
        "<p role=\"status\">{} {}, {}: below that folder, under their absolute path.</p>{}",
        run.badge(),
        Counts.of(restored.files(), "file", "files"),
        Listing.size(restored.bytes()),
        warnings(restored));
  }

  private static Markup warnings(StreamMessage.Restored restored) {
    return Markup.when(
        !restored.warnings().isEmpty(),
        Markup.of(
            "<h2>Not as it was</h2><ul>{}</ul>{}",
            restored.warnings().stream().map(one -> Markup.of("<li>{}</li>", one)).toList(),
            Markup.when(restored.more() > 0, Markup.of("<p>… and {} more</p>", restored.more()))));
  }
}
