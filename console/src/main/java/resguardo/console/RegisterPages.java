package resguardo.console;

import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.admin.AdminException;
import resguardo.admin.ExitCode;
import resguardo.core.BackupOptions;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.RetentionPolicy;
import resguardo.core.Schedule;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command;

/** Registering a path, and changing how it is backed up. */
final class RegisterPages {
  private static final Map<String, Long> UNITS =
      Map.of("minutes", 60L, "hours", 3600L, "days", 86_400L);

  private final Operator operator;
  private final Actions actions;

  RegisterPages(Operator operator, Actions actions) {
    this.operator = operator;
    this.actions = actions;
  }

  /** The registration as it is now; empty when there is none. */
  private Optional<Registration> known(Exchange exchange, RegistrationKey key)
      throws AdminException, InterruptedException {
    try {
      return Optional.of(
          operator
              .ask(
                  exchange.visitor(),
                  replyTo -> new Command.Explain(key.node(), key.path(), 1, replyTo),
                  Answer.Explained.class,
                  "look at " + key)
              .line()
              .registration());
    } catch (AdminException e) {
      if (e.exit() == ExitCode.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** The form. */
  Markup ask(Exchange exchange) throws Exception {
    boolean given = exchange.value("node").isPresent() && exchange.value("path").isPresent();
    Registration known = given ? known(exchange, exchange.key()).orElse(null) : null;
    Schedule schedule = known == null ? new Schedule.Every(3600) : known.schedule();
    RetentionPolicy keep = known == null ? null : known.retention();
    Schedule.Cron cron = schedule instanceof Schedule.Cron one ? one : null;
    long seconds = schedule instanceof Schedule.Every every ? every.seconds() : 3600;
    String unit = seconds % 86_400 == 0 ? "days" : seconds % 3600 == 0 ? "hours" : "minutes";
    // Seconds that are no whole minutes are kept as they are: see frequency().
    boolean odd = seconds % 60 != 0;
    return Markup.of(
        """
        {}
        <section class="confirm"><h1>{}</h1>
        <form method="get" action="/register/confirm">
        <div class="field"><label for="node">Node</label><input id="node" name="node" value="{}" required {} autocomplete="off" spellcheck="false" pattern="[a-z0-9][a-z0-9\\-]*"></div>
        <div class="field"><label for="path">Path</label><input id="path" name="path" value="{}" required {} autocomplete="off" spellcheck="false" placeholder="/srv/data" aria-describedby="path-hint"><p class="hint" id="path-hint">An absolute path on the node. The agent there has to allow it (<code class="option">--allow</code>).</p></div>
        <fieldset><legend>Schedule</legend>
        <div class="field check"><input type="radio" id="every" name="schedule" value="every"{}><label for="every">every</label><input class="short" name="many" type="number" min="1" value="{}" aria-label="How many"><select name="unit" aria-label="Unit">{}{}{}{}</select></div>
        <div class="field check"><input type="radio" id="cron" name="schedule" value="cron"{}><label for="cron">at</label><input name="expression" value="{}" placeholder="30 2 * * *" aria-label="Cron expression: minute, hour, day, month, weekday" autocomplete="off" spellcheck="false"><input class="medium" name="zone" value="{}" placeholder="UTC" aria-label="Time zone" autocomplete="off" spellcheck="false"></div>
        <p class="hint">minute hour day month weekday, in a time zone such as Europe/Madrid</p>
        </fieldset>
        <fieldset><legend>Keep</legend><p class="hint">How many of each; without any number all versions are kept.</p><div class="grid">{}</div></fieldset>
        <div class="field"><label for="exclude">Leave out</label><textarea id="exclude" name="exclude" rows="3" spellcheck="false" aria-describedby="exclude-hint">{}</textarea><p class="hint" id="exclude-hint">A pattern a line, as in a .gitignore file: *.tmp, /cache/</p></div>
        <p class="actions"><button class="main">Go on</button><a class="button" href="{}">Cancel</a></p></form></section>
        """,
        Layout.trail(
            known == null
                ? List.of(Layout.link(Link.to("/"), "Overview"))
                : Layout.trailOf(known.key()),
            known == null ? "Register" : "Change"),
        known == null ? "Register a path" : "Change how it is backed up",
        exchange.value("node").orElse(""),
        Markup.when(known != null, Markup.of("readonly")),
        given ? Paths.value(exchange.key().path().raw()) : exchange.value("path").orElse(""),
        Markup.when(known != null, Markup.of("readonly")),
        Markup.when(cron == null, Markup.of(" checked")),
        odd ? seconds : seconds / UNITS.getOrDefault(unit, 60L),
        Markup.when(odd, OverviewPage.option("seconds", "seconds", true)),
        OverviewPage.option("minutes", "minutes", !odd && unit.equals("minutes")),
        OverviewPage.option("hours", "hours", !odd && unit.equals("hours")),
        OverviewPage.option("days", "days", !odd && unit.equals("days")),
        Markup.when(cron != null, Markup.of(" checked")),
        cron == null ? "" : cron.expression(),
        cron == null ? "" : cron.zone(),
        keepFields(keep),
        excludes(known),
        known == null ? Link.to("/") : Link.to("/set", known.key()));
  }

  private static Markup excludes(@Nullable Registration known) {
    BackupOptions options = known == null ? null : known.options();
    return options == null ? Markup.NONE : Markup.lines(String.join("\n", options.exclude()));
  }

  private static List<Markup> keepFields(@Nullable RetentionPolicy keep) {
    List<Markup> fields = new ArrayList<>();
    Map<String, @Nullable Integer> values = new LinkedHashMap<>();
    values.put("last", keep == null ? null : keep.last());
    values.put("hourly", keep == null ? null : keep.hourly());
    values.put("daily", keep == null ? null : keep.daily());
    values.put("weekly", keep == null ? null : keep.weekly());
    values.put("monthly", keep == null ? null : keep.monthly());
    values.put("yearly", keep == null ? null : keep.yearly());
    values.forEach(
        (name, value) ->
            fields.add(
                Markup.of(
                    "<div><label for=\"keep-{}\">{}</label><input id=\"keep-{}\" class=\"short\" type=\"number\" min=\"1\" name=\"keep-{}\" value=\"{}\"></div>",
                    name,
                    name,
                    name,
                    name,
                    value == null ? "" : value)));
    return fields;
  }

  /** What a form says, on top of what is registered already. */
  private Command.Register wanted(Exchange exchange, @Nullable Registration known) throws Refusal {
    RegistrationKey key = exchange.key();
    BackupOptions old =
        known == null || known.options() == null ? BackupOptions.NONE : known.options();
    List<String> exclude =
        exchange.value("exclude").orElse("").lines().filter(line -> !line.isBlank()).toList();
    BackupOptions options =
        new BackupOptions(
            exclude,
            old.oneFileSystem(),
            old.codec(),
            old.level(),
            old.encryptTo(),
            old.strict(),
            old.bandwidth(),
            old.alarm(),
            old.lockSeconds());
    return new Command.Register(
        key.node(),
        key.path(),
        schedule(exchange),
        options,
        known == null ? null : known.scheduling(),
        keep(exchange, known == null ? null : known.retention()),
        known == null ? null : known.drills(),
        null);
  }

  private static Schedule schedule(Exchange exchange) throws Refusal {
    if (exchange.value("schedule").orElse("every").equals("cron")) {
      return new Schedule.Cron(exchange.needed("expression"), zone(exchange));
    }
    long many = exchange.number("many").orElseThrow(() -> Refusal.badRequest("How often?"));
    long unit = UNITS.getOrDefault(exchange.value("unit").orElse("minutes"), 1L);
    try {
      return new Schedule.Every(Math.multiplyExact(many, unit));
    } catch (ArithmeticException e) {
      throw Refusal.badRequest("That is never.");
    }
  }

  private static ZoneId zone(Exchange exchange) throws Refusal {
    try {
      return exchange.value("zone").<ZoneId>map(ZoneId::of).orElse(ZoneOffset.UTC);
    } catch (DateTimeException e) {
      throw Refusal.badRequest("This is no time zone.");
    }
  }

  private static @Nullable RetentionPolicy keep(Exchange exchange, @Nullable RetentionPolicy old)
      throws Refusal {
    Integer last = count(exchange.number("keep-last"));
    Integer hourly = count(exchange.number("keep-hourly"));
    Integer daily = count(exchange.number("keep-daily"));
    Integer weekly = count(exchange.number("keep-weekly"));
    Integer monthly = count(exchange.number("keep-monthly"));
    Integer yearly = count(exchange.number("keep-yearly"));
    boolean none =
        last == null
            && hourly == null
            && daily == null
            && weekly == null
            && monthly == null
            && yearly == null;
    Long within = old == null ? null : old.withinSeconds();
    return none && within == null
        ? null
        : new RetentionPolicy(
            last, hourly, daily, weekly, monthly, yearly, within, old == null ? null : old.zone());
  }

  private static @Nullable Integer count(Optional<Long> number) throws Refusal {
    if (number.isEmpty()) {
      return null;
    } else if (number.get() < 1 || number.get() > 1_000_000) {
      throw Refusal.badRequest("So many versions cannot be kept.");
    }
    return number.get().intValue();
  }

  /** Asks whether it is to be done. */
  Markup confirm(Exchange exchange) throws Exception {
    Registration known = known(exchange, exchange.key()).orElse(null);
    Command.Register wanted = wanted(exchange, known);
    BackupOptions options = wanted.options();
    boolean others =
        known != null
            && (known.scheduling() != null || known.drills() != null || hasOthers(known.options()));
    return Actions.confirm(
        exchange,
        known == null
            ? List.of(Layout.link(Link.to("/"), "Overview"))
            : Layout.trailOf(known.key()),
        known == null ? "Register" : "Change",
        Markup.of(
            """
            <p class="subject"><span class="path">{}</span> on <b>{}</b></p>
            <dl class="facts"><div><dt>Is backed up</dt><dd>{}</dd></div><div><dt>Keeps</dt><dd>{}</dd></div>{}</dl>{}{}
            """,
            wanted.path().text(),
            wanted.node(),
            Schedules.words(wanted.schedule()),
            wanted.retention() == null ? "all versions" : wanted.retention(),
            options == null || options.exclude().isEmpty()
                ? Markup.NONE
                : Markup.of(
                    "<div><dt>Leaves out</dt><dd><code>{}</code></dd></div>",
                    String.join("  ", options.exclude())),
            Markup.when(others, Markup.of("<p>Its other options stay as they are.</p>")),
            fewer(wanted.retention(), known)),
        "/register",
        Markup.of("{}{}", Actions.hidden(wanted.key()), repeated(exchange)),
        known == null ? "Register it" : "Change it",
        Link.to("/register", wanted.key()));
  }

  private static Markup fewer(@Nullable RetentionPolicy wanted, @Nullable Registration known) {
    boolean other = known != null && wanted != null && !wanted.equals(known.retention());
    return Markup.when(
        other,
        Markup.of(
            "<p><strong>Versions that the new rule does not keep will expire.</strong> To see which: admin retention plan.</p>"));
  }

  private static boolean hasOthers(@Nullable BackupOptions options) {
    return options != null
        && !new BackupOptions(
                List.of(),
                options.oneFileSystem(),
                options.codec(),
                options.level(),
                options.encryptTo(),
                options.strict(),
                options.bandwidth(),
                options.alarm(),
                options.lockSeconds())
            .equals(BackupOptions.NONE);
  }

  /** All that the form had, once more. */
  private static List<Markup> repeated(Exchange exchange) {
    List<Markup> fields = new ArrayList<>();
    fields.add(field("schedule", exchange.value("schedule")));
    fields.add(field("many", exchange.value("many")));
    fields.add(field("unit", exchange.value("unit")));
    fields.add(field("expression", exchange.value("expression")));
    fields.add(field("zone", exchange.value("zone")));
    fields.add(field("keep-last", exchange.value("keep-last")));
    fields.add(field("keep-hourly", exchange.value("keep-hourly")));
    fields.add(field("keep-daily", exchange.value("keep-daily")));
    fields.add(field("keep-weekly", exchange.value("keep-weekly")));
    fields.add(field("keep-monthly", exchange.value("keep-monthly")));
    fields.add(field("keep-yearly", exchange.value("keep-yearly")));
    exchange
        .value("exclude")
        .ifPresent(
            text ->
                fields.add(
                    Markup.of(
                        "<textarea name=\"exclude\" hidden>{}</textarea>", Markup.lines(text))));
    return fields;
  }

  private static Markup field(String name, Optional<String> value) {
    return value.isEmpty()
        ? Markup.NONE
        : Markup.of("<input type=\"hidden\" name=\"{}\" value=\"{}\">", name, value.get());
  }

  /** Does it. */
  void register(Exchange exchange) throws Exception {
    RegistrationKey key = exchange.key();
    Command.Register wanted = wanted(exchange, known(exchange, key).orElse(null));
    actions.change(
        exchange,
        replyTo ->
            new Command.Register(
                wanted.node(),
                wanted.path(),
                wanted.schedule(),
                wanted.options(),
                wanted.scheduling(),
                wanted.retention(),
                wanted.drills(),
                replyTo),
        "register " + key);
    exchange.goTo(Link.to("/set", key));
  }
}
