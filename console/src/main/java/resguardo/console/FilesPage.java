package resguardo.console;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.admin.AdminException;
import resguardo.admin.Listing;
import resguardo.core.RawPath;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command;
import resguardo.core.version.Entry;
import resguardo.core.version.VersionHeader;

/** What a version has: folder by folder, or all that has a text in its name. */
final class FilesPage {
  /** Entries on a page. */
  static final int ROWS = 200;

  private static final int VERSIONS = 50;

  private final Operator operator;
  private final Manifests manifests;

  FilesPage(Operator operator, Manifests manifests) {
    this.operator = operator;
    this.manifests = manifests;
  }

  /** Finds the version that was there at a time, and goes on to its files. */
  void find(Exchange exchange) throws Exception {
    RegistrationKey key = exchange.key();
    Serial serial = asOf(exchange, key, time(exchange).orElse(null));
    exchange.goTo(
        Link.to("/files", key)
            .with("version", serial)
            .withAny("q", exchange.value("q").orElse("")));
  }

  private static Optional<Instant> time(Exchange exchange) throws Refusal {
    try {
      return exchange.value("at").map(text -> LocalDateTime.parse(text).toInstant(ZoneOffset.UTC));
    } catch (DateTimeException e) {
      throw Refusal.badRequest("This is no time.");
    }
  }

  private Serial asOf(Exchange exchange, RegistrationKey key, @Nullable Instant time)
      throws AdminException, InterruptedException, Refusal {
    Long before = null;
    while (true) {
      Answer.Versions page = versions(exchange, key, before, time == null ? 1 : null);
      for (VersionHeader one : page.versions()) {
        if (time == null || !one.slot().isAfter(time)) {
          return one.serial();
        }
      }
      if (!page.more() || page.versions().isEmpty()) {
        throw new Refusal(
            404,
            "There is no version of " + key + " as of " + time + ".",
            "Its versions begin later.");
      }
      before = page.versions().get(page.versions().size() - 1).serial().value();
    }
  }

  private Answer.Versions versions(
      Exchange exchange, RegistrationKey key, @Nullable Long before, @Nullable Integer limit)
      throws AdminException, InterruptedException {
    return operator.ask(
        exchange.visitor(),
        replyTo -> new Command.History(key.node(), key.path(), before, limit, replyTo),
        Answer.Versions.class,
        "show the versions of " + key);
  }

  /** The page. */
  Markup body(Exchange exchange) throws Exception {
    RegistrationKey key = exchange.key();
    Serial serial =
        exchange.version().isPresent() ? exchange.version().get() : asOf(exchange, key, null);
    try (Manifests.Lease lease = manifests.open(exchange.visitor().name(), key, serial)) {
      VersionIndex index = lease.index();
      RawPath root = key.path().memberName();
      RawPath name = exchange.entry().orElse(root);
      VersionIndex.Item here =
          index
              .find(name)
              .orElseThrow(
                  () ->
                      new Refusal(
                          404,
                          "Version " + serial + " has nothing of this name.",
                          "Another version may."));
      Optional<String> text = exchange.value("q");
      return Markup.of(
          """
          {}
          <h1>Files <span class="on">of version {}, made {}</span></h1>
          {}
          <div class="tools">{}{}</div>
          {}
          """,
          Layout.trail(Layout.trailOf(key), "Version " + serial),
          serial,
          Times.at(index.header().slot()),
          Crumbs.of(key, serial, here.entry().name()),
          search(key, serial, here, text.orElse("")),
          chooser(exchange, key, serial, here),
          text.isPresent()
              ? found(exchange, key, index, here, text.get())
              : folder(exchange, key, index, here));
    }
  }

  /** Where a folder is shown. */
  static Link at(RegistrationKey key, Serial serial, RawPath name) {
    Link link = Link.to("/files", key).with("version", serial);
    return name.equals(key.path().memberName()) ? link : link.with("entry", name);
  }

  private static Markup hidden(RegistrationKey key, VersionIndex.Item here) {
    return Markup.of(
        "<input type=\"hidden\" name=\"node\" value=\"{}\"><input type=\"hidden\" name=\"path\" value=\"{}\">"
            + "<input type=\"hidden\" name=\"entry\" value=\"{}\">",
        key.node(),
        Paths.value(key.path().raw()),
        Paths.value(here.entry().name()));
  }

  private static Markup search(
      RegistrationKey key, Serial serial, VersionIndex.Item here, String text) {
    return Markup.of(
        """
        <form class="find" method="get" action="/files" role="search">{}<input type="hidden" name="version" value="{}">
        <span class="labelled wide"><label for="name">Find below here</label><input id="name" name="q" type="search" value="{}" data-key="/" autocomplete="off" spellcheck="false"></span><button>Find</button></form>
        """,
        hidden(key, here),
        serial.value(),
        text);
  }

  /** Another version, of the same folder. */
  private Markup chooser(
      Exchange exchange, RegistrationKey key, Serial serial, VersionIndex.Item here)
      throws AdminException, InterruptedException {
    List<Markup> options = new ArrayList<>();
    boolean there = false;
    for (VersionHeader one :
        versions(exchange, key, serial.value() + VERSIONS / 2, null).versions()) {
      there |= one.serial().equals(serial);
      options.add(
          OverviewPage.option(
              String.valueOf(one.serial().value()),
              one.serial() + " – " + Times.day(one.slot()),
              one.serial().equals(serial)));
    }
    if (!there) {
      options.add(OverviewPage.option(String.valueOf(serial.value()), serial.text(), true));
    }
    return Markup.of(
        """
        <form class="find" method="get" action="/files">{}{}
        <label for="version">Version</label><select id="version" name="version">{}</select><button>Go</button></form>
        """,
        hidden(key, here),
        exchange
            .value("q")
            .map(q -> Markup.of("<input type=\"hidden\" name=\"q\" value=\"{}\">", q))
            .orElse(Markup.NONE),
        options);
  }

  private static Markup folder(
      Exchange exchange, RegistrationKey key, VersionIndex index, VersionIndex.Item here)
      throws Exception {
    Serial serial = index.header().serial();
    boolean open = index.header().recipients().isEmpty();
    if (here.entry().type() != Entry.Type.FOLDER) {
      return table(exchange, key, index, List.of(here), false);
    }
    int from = (int) Math.max(0, Math.min(VersionIndex.MOST, exchange.number("from").orElse(0L)));
    VersionIndex.Listing listing = index.children(here, from, ROWS);
    Markup actions =
        Markup.of(
            "<p class=\"actions\">{}{}</p>",
            open
                ? Markup.of(
                    "<a class=\"button\" href=\"{}\" download>Download this folder as .tgz</a>",
                    folderArchive(key, serial, here.entry().name()))
                : encrypted(),
            Markup.when(
                open && exchange.visitor().mayWrite(),
                Markup.of(
                    "<a class=\"button\" href=\"{}\">Restore this folder to a node</a>",
                    Link.to("/restore", key)
                        .with("version", serial)
                        .with("entry", here.entry().name()))));
    if (listing.items().isEmpty()) {
      return Markup.of("<div class=\"empty\"><p>The folder is empty.</p></div>{}", actions);
    }
    return Markup.of(
        "{}{}{}",
        actions,
        table(exchange, key, index, listing.items(), false),
        pager(at(key, serial, here.entry().name()), from, listing));
  }

  private static Link folderArchive(RegistrationKey key, Serial serial, RawPath name) {
    Link link = Link.to("/archive", key).with("version", serial);
    return name.equals(key.path().memberName()) ? link : link.with("entry", name);
  }

  private static Markup encrypted() {
    return Markup.of(
        "<span class=\"notice\">It is encrypted: only whoever has a key can read it, by admin restore --identity.</span>");
  }

  private static Markup found(
      Exchange exchange, RegistrationKey key, VersionIndex index, VersionIndex.Item here, String q)
      throws Exception {
    VersionIndex.Found found = index.search(here, q, ROWS);
    if (found.items().isEmpty()) {
      return Markup.of(
          "<div class=\"empty\"><p>Nothing below this folder has “{}” in its name.</p></div>", q);
    }
    return Markup.of(
        "{}{}",
        table(exchange, key, index, found.items(), true),
        Markup.when(
            found.more(),
            Markup.of(
                "<p class=\"asof\">These are the first {}. A longer text finds fewer.</p>",
                found.items().size())));
  }

  private static Markup table(
      Exchange exchange,
      RegistrationKey key,
      VersionIndex index,
      List<VersionIndex.Item> items,
      boolean whole)
      throws Exception {
    List<Markup> rows = new ArrayList<>();
    for (VersionIndex.Item item : items) {
      rows.add(row(exchange.visitor().mayWrite(), key, index.header(), item, whole));
    }
    return Markup.of(
        """
        <table class="cards files"><caption class="unseen">Files and folders</caption>
        <thead><tr><th scope="col">Name</th><th scope="col" class="number">Size</th><th scope="col">Changed</th><th scope="col">Mode</th><th scope="col"><span class="unseen">What to do</span></th></tr></thead>
        <tbody>{}</tbody></table>
        """,
        rows);
  }

  /** The line of an entry. */
  static Markup row(
      boolean mayWrite,
      RegistrationKey key,
      VersionHeader header,
      VersionIndex.Item item,
      boolean whole) {
    Serial serial = header.serial();
    Entry entry = item.entry();
    return Markup.of(
        """
        <tr><th scope="row" class="name">{}{}</th><td data-label="Size" class="number">{}</td><td data-label="Changed">{}</td><td data-label="Mode" class="mode"><code>{}</code></td><td class="act">{}</td></tr>
        """,
        name(key, serial, item, whole),
        entry.warning() == null
            ? Markup.NONE
            : Markup.of(
                " <span class=\"badge warn\">{}</span>",
                entry.warning().name().toLowerCase(Locale.ROOT).replace('_', ' ')),
        size(item),
        Times.at(Instant.ofEpochSecond(entry.mtimeSeconds())),
        String.format("%04o", entry.mode()),
        does(mayWrite, key, header, entry));
  }

  /**
   * What an entry is called, with a link where it can be opened.
   *
   * @param whole from the registered path on
   */
  static Markup name(RegistrationKey key, Serial serial, VersionIndex.Item item, boolean whole) {
    Entry entry = item.entry();
    String text =
        Paths.shown(whole ? Paths.below(key, entry.name()) : Paths.last(entry.name()).text());
    return switch (entry.type()) {
      case FOLDER ->
          Link.to("/files", key)
              .with("version", serial)
              .about(entry.name())
              .map(
                  link ->
                      Markup.of(
                          "<a class=\"folder\" href=\"{}\">{}<span aria-hidden=\"true\">/</span></a>",
                          link,
                          text))
              .orElse(
                  Markup.of(
                      "<span class=\"file\">{}<span aria-hidden=\"true\">/</span></span>", text));
      case SYMLINK ->
          Markup.of(
              "<span class=\"link\">{}</span> <span class=\"why\">→ {}</span>",
              text,
              entry.link() == null ? "" : Paths.shown(entry.link().text()));
      default -> Markup.of("<span class=\"file\">{}</span>", text);
    };
  }

  private static String size(VersionIndex.Item item) {
    return switch (item.entry().type()) {
      case FILE -> Listing.size(item.entry().size());
      case FOLDER ->
          item.below() == 0
              ? "empty"
              : Listing.size(item.bytes()) + " in " + Counts.of(item.below(), "entry", "entries");
      default -> "–";
    };
  }

  /** What can be done with an entry; nothing where no address is long enough for its name. */
  static Markup does(boolean mayWrite, RegistrationKey key, VersionHeader header, Entry entry) {
    Optional<Link> content =
        Link.to("/file", key).with("version", header.serial()).about(entry.name());
    Optional<Link> restore =
        Link.to("/restore", key).with("version", header.serial()).about(entry.name());
    if (content.isEmpty() || restore.isEmpty()) {
      return Markup.NONE;
    }
    boolean file =
        (entry.type() == Entry.Type.FILE || entry.type() == Entry.Type.HARD_LINK)
            && entry.warning() != Entry.Warning.UNREADABLE;
    String shown = Paths.shown(Paths.last(entry.name()).text());
    boolean open = header.recipients().isEmpty();
    return Markup.of(
        "<span class=\"row\">{}{}</span>",
        Markup.when(
            file && open,
            Markup.of(
                "<a class=\"quiet button\" href=\"{}\" download aria-label=\"Download {}\">Download</a>",
                content.get(),
                shown)),
        Markup.when(
            open && mayWrite,
            Markup.of(
                "<a class=\"quiet button\" href=\"{}\" aria-label=\"Restore {}\">Restore</a>",
                restore.get(),
                shown)));
  }

  private static Markup pager(Link page, int from, VersionIndex.Listing listing) {
    int until = from + listing.items().size();
    if (from == 0 && until == listing.total()) {
      return Markup.NONE;
    }
    return Markup.of(
        "<nav class=\"pager\" aria-label=\"Pages\">{}<span>{}–{} of {}</span>{}</nav>",
        from > 0
            ? Markup.of(
                "<a class=\"button\" rel=\"prev\" href=\"{}\">Previous</a>",
                page.with("from", Math.max(0, from - ROWS)))
            : Markup.NONE,
        from + 1,
        until,
        String.format(Locale.ROOT, "%,d", listing.total()),
        until < listing.total()
            ? Markup.of(
                "<a class=\"button\" rel=\"next\" href=\"{}\">Next</a>", page.with("from", until))
            : Markup.NONE);
  }
}
