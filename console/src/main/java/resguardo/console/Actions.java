package resguardo.console;

import com.google.errorprone.annotations.CompileTimeConstant;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import resguardo.admin.AdminException;
import resguardo.admin.Desk;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command;

/**
 * What changes something, each on two pages: one says what would happen, and has the button that
 * does it.
 */
final class Actions {
  /** For how long an order waits for an agent that is away. */
  private static final Duration WAITS = Duration.ofDays(1);

  private static final int LONGEST_REASON = 200;

  private final Operator operator;
  private final Fleet fleet;
  private final Clock clock;

  Actions(Operator operator, Fleet fleet, Clock clock) {
    this.operator = operator;
    this.fleet = fleet;
    this.clock = clock;
  }

  /**
   * A page that asks whether it is to be done.
   *
   * @param action where its form goes
   * @param fields hidden ones, or such that are filled in
   */
  static Markup confirm(
      Exchange exchange,
      List<Markup> trail,
      String title,
      Markup what,
      @CompileTimeConstant final String action,
      Markup fields,
      String button,
      Link back) {
    return Markup.of(
        """
        {}
        <section class="confirm"><h1>{}</h1>{}
        <form method="post" action="{}">{}{}
        <p class="actions"><button class="main">{}</button><a class="button" href="{}">Cancel</a></p></form></section>
        """,
        Layout.trail(trail, title),
        title,
        what,
        action,
        Layout.csrf(exchange.visitor()),
        fields,
        button,
        back);
  }

  static Markup hidden(RegistrationKey key) {
    return Markup.of(
        "<input type=\"hidden\" name=\"node\" value=\"{}\"><input type=\"hidden\" name=\"path\" value=\"{}\">",
        key.node(),
        Paths.value(key.path().raw()));
  }

  private static Markup about(RegistrationKey key) {
    return Markup.of(
        "<p class=\"subject\"><span class=\"path\">{}</span> on <b>{}</b></p>",
        key.path().text(),
        key.node());
  }

  /** Asks, tells the session what was said, and has the fleet looked at anew. */
  void change(Exchange exchange, Desk.Question question, String doing)
      throws AdminException, InterruptedException {
    Answer answer = operator.desk(exchange.visitor().name()).ask(question, doing);
    fleet.changed();
    exchange.visitor().session().tell(said(answer));
  }

  private static String said(Answer answer) {
    String text = "Done";
    if (answer instanceof Answer.Done done) {
      text = done.what();
    } else if (answer instanceof Answer.Ordered ordered) {
      text = ordered.what();
    } else if (answer instanceof Answer.DrillOrdered ordered) {
      text = ordered.what();
    }
    String begun =
        text.isEmpty()
            ? text
            : text.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + text.substring(1);
    return begun.endsWith(".") ? begun : begun + ".";
  }

  private static Markup ask(
      Exchange exchange,
      RegistrationKey key,
      String title,
      Markup what,
      @CompileTimeConstant final String action,
      Markup fields,
      String button) {
    return confirm(
        exchange,
        Layout.trailOf(key),
        title,
        Markup.of("{}{}", about(key), what),
        action,
        Markup.of("{}{}", hidden(key), fields),
        button,
        Link.to("/set", key));
  }

  Markup askRun(Exchange exchange) throws Refusal {
    return ask(
        exchange,
        exchange.key(),
        "Run now",
        Markup.of(
            "<p>It is backed up once more than its schedule says, at once or when its agent is there within a day.</p>"),
        "/run",
        Markup.NONE,
        "Run it now");
  }

  void run(Exchange exchange) throws Exception {
    RegistrationKey key = exchange.key();
    change(
        exchange,
        replyTo -> new Command.RunNow(key.node(), key.path(), WAITS.toSeconds(), replyTo),
        "run " + key + " now");
    exchange.goTo(Link.to("/set", key));
  }

  Markup askDrill(Exchange exchange) throws Refusal {
    return ask(
        exchange,
        exchange.key(),
        "Drill now",
        Markup.of(
            "<p>It is tried whether the newest version can be restored: a worker makes its archive as for a restore, and holds all that comes out"
                + " against what was backed up. Nothing is written on any node. What it shows is kept, and stands as “Last proven”.</p>"),
        "/drill",
        Markup.of(
            """
            <div class="field check"><input type="checkbox" id="all" name="all" value="yes" aria-describedby="all-hint"><label for="all">Read all of it, however large it is</label></div>
            <p class="hint" id="all-hint">Otherwise as much as its drills read that are made by themselves.</p>
            """),
        "Drill it now");
  }

  void drill(Exchange exchange) throws Exception {
    RegistrationKey key = exchange.key();
    boolean all = exchange.value("all").isPresent();
    change(
        exchange,
        replyTo -> new Command.Drill(key.node(), key.path(), all, replyTo),
        "try whether " + key + " can be restored");
    exchange.goTo(Link.to("/set", key));
  }

  Markup askPause(Exchange exchange) throws Refusal {
    return ask(
        exchange,
        exchange.key(),
        "Pause",
        Markup.of(
            "<p>No more backups of it begin. What is under way goes on, and its versions can be restored as ever.</p>"),
        "/pause",
        Markup.of(
            """
            <div class="field"><label for="for">For</label><select id="for" name="for">{}{}{}{}{}</select></div>
            <div class="field"><label for="why">Why</label><input id="why" name="why" maxlength="{}" autocomplete="off"><p class="hint">For those who wonder.</p></div>
            """,
            OverviewPage.option("", "until it is resumed", true),
            OverviewPage.option("3600", "an hour", false),
            OverviewPage.option("14400", "4 hours", false),
            OverviewPage.option("86400", "a day", false),
            OverviewPage.option("604800", "a week", false),
            LONGEST_REASON),
        "Pause it");
  }

  void pause(Exchange exchange) throws Exception {
    RegistrationKey key = exchange.key();
    Optional<Long> seconds = exchange.number("for");
    Instant until = seconds.map(time -> clock.instant().plusSeconds(time)).orElse(null);
    String why =
        exchange
            .value("why")
            .map(text -> resguardo.core.Texts.cut(text, LONGEST_REASON))
            .orElse(null);
    change(
        exchange,
        replyTo -> new Command.Pause(key.node(), key.path(), until, why, replyTo),
        "pause " + key);
    exchange.goTo(Link.to("/set", key));
  }

  Markup askResume(Exchange exchange) throws Refusal {
    return ask(
        exchange,
        exchange.key(),
        "Resume",
        Markup.of("<p>Backups of it begin again, as its schedule says.</p>"),
        "/resume",
        Markup.NONE,
        "Resume it");
  }

  void resume(Exchange exchange) throws Exception {
    RegistrationKey key = exchange.key();
    change(
        exchange, replyTo -> new Command.Resume(key.node(), key.path(), replyTo), "resume " + key);
    exchange.goTo(Link.to("/set", key));
  }

  Markup askUnregister(Exchange exchange) throws Refusal {
    return ask(
        exchange,
        exchange.key(),
        "Unregister",
        Markup.of("<p>It is backed up no more. All its versions stay, and can be restored.</p>"),
        "/unregister",
        Markup.NONE,
        "Unregister it");
  }

  void unregister(Exchange exchange) throws Exception {
    RegistrationKey key = exchange.key();
    change(
        exchange,
        replyTo -> new Command.Unregister(key.node(), key.path(), replyTo),
        "unregister " + key);
    exchange.goTo(Link.to("/set", key));
  }

  Markup askAccept(Exchange exchange) throws Exception {
    Serial serial = serial(exchange);
    RegistrationKey key = exchange.key();
    return ask(
        exchange,
        key,
        "Accept version " + serial,
        Markup.of(
            "<p>It looks as if a disaster had been backed up. Accept it where it is as it should be: then older versions expire again, as the policy says.</p>{}",
            suspicion(exchange, key, serial)),
        "/accept",
        Markup.of("<input type=\"hidden\" name=\"version\" value=\"{}\">", serial.value()),
        "It is as it should be");
  }

  /** Why it is suspicious, and what changed. */
  private Markup suspicion(Exchange exchange, RegistrationKey key, Serial serial)
      throws AdminException, InterruptedException {
    Answer.Versions page =
        operator.ask(
            exchange.visitor(),
            replyTo -> new Command.History(key.node(), key.path(), serial.value() + 1, replyTo),
            Answer.Versions.class,
            "show the versions of " + key);
    return page.versions().stream()
        .filter(version -> version.serial().equals(serial))
        .flatMap(version -> Stream.ofNullable(version.alarm()))
        .findFirst()
        .map(
            alarm ->
                Markup.of(
                    "<p>Held {}. <a href=\"{}\">What changed</a></p>",
                    alarm.text(),
                    Link.to("/diff", key)
                        .with("from", alarm.against().value())
                        .with("to", serial.value())))
        .orElse(Markup.NONE);
  }

  void accept(Exchange exchange) throws Exception {
    RegistrationKey key = exchange.key();
    Serial serial = serial(exchange);
    change(
        exchange,
        replyTo -> new Command.AcceptAlarm(key.node(), key.path(), serial, replyTo),
        "accept version " + serial + " of " + key);
    exchange.goTo(Link.to("/set", key));
  }

  private static Serial serial(Exchange exchange) throws Refusal {
    return exchange.version().orElseThrow(() -> Refusal.badRequest("There is no version named."));
  }

  Markup askSettle(Exchange exchange) throws AdminException, InterruptedException, Refusal {
    @Nullable String id = exchange.value("id").orElse(null);
    boolean retry = exchange.needed("retry").equals("yes");
    Answer.Dead dead =
        operator.ask(
            exchange.visitor(), Command.DeadLetters::new, Answer.Dead.class, "list dead letters");
    String title =
        (retry ? "Retry " : "Drop ") + (id == null ? "all dead letters" : "a dead letter");
    return confirm(
        exchange,
        List.of(Layout.link(Link.to("/dead"), "Dead letters")),
        title,
        Markup.of("{}<p>{}</p>", letters(dead, id), settled(id == null, retry)),
        "/dead/settle",
        Markup.of(
            "<input type=\"hidden\" name=\"id\" value=\"{}\"><input type=\"hidden\" name=\"retry\" value=\"{}\">",
            id == null ? "" : id,
            retry ? "yes" : "no"),
        retry ? "Retry" : "Drop",
        Link.to("/dead"));
  }

  private static String settled(boolean all, boolean retry) {
    if (retry) {
      return all
          ? "Each goes back to the queue that it came from."
          : "It goes back to the queue that it came from.";
    }
    return all ? "They are thrown away, for good." : "It is thrown away, for good.";
  }

  /** Which it is about: the one, or how many. */
  private static Markup letters(Answer.Dead dead, @Nullable String id) {
    if (id == null) {
      return Markup.of(
          "<p class=\"subject\">{}</p>", Counts.of(dead.count(), "message", "messages"));
    }
    return dead.letters().stream()
        .filter(letter -> letter.id().equals(id))
        .findFirst()
        .map(
            letter ->
                Markup.of(
                    "<p class=\"subject\">{}</p><p><code class=\"message\">{}</code></p>",
                    letter.reason() == null ? "It is not said why it died." : letter.reason(),
                    letter.text()))
        .orElse(
            Markup.of("<p class=\"subject\">It is not among those that are shown any more.</p>"));
  }

  void settle(Exchange exchange) throws Exception {
    @Nullable String id = exchange.value("id").orElse(null);
    boolean retry = exchange.needed("retry").equals("yes");
    change(
        exchange,
        replyTo -> new Command.SettleDead(id, retry, replyTo),
        (retry ? "retry " : "drop ") + (id == null ? "dead letters" : "dead letter " + id));
    exchange.goTo(Link.to("/dead"));
  }
}
