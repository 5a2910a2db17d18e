package resguardo.console;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import resguardo.admin.Difference;
import resguardo.admin.EntrySpool;
import resguardo.admin.Listing;
import resguardo.admin.ManifestLines;
import resguardo.admin.VersionDiff;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.protocol.VersionChoice.Numbered;
import resguardo.core.version.Entry;

/** What changed from one version to another. */
final class DiffPage {
  /** More nobody reads; all are counted. */
  private static final int SHOWN = 500;

  private final Operator operator;

  DiffPage(Operator operator) {
    this.operator = operator;
  }

  /** What is shown, and how many there are. */
  private static final class Found {
    private final List<Difference> shown = new ArrayList<>();
    private final Map<Difference.Change, Long> counts = new EnumMap<>(Difference.Change.class);
    private final PageRoom room = new PageRoom();
    private boolean full;
    private long more;
    private long less;

    void take(Difference difference) {
      counts.merge(difference.change(), 1L, Long::sum);
      if (difference.change() != Difference.Change.METADATA) {
        more = SizeSum.of(more, size(difference.after()));
        less = SizeSum.of(less, size(difference.before()));
      }
      full |= shown.size() == SHOWN || !room.takes(difference.before(), difference.after());
      if (!full) {
        shown.add(difference);
      }
    }

    long count(Difference.Change change) {
      return counts.getOrDefault(change, 0L);
    }

    long count() {
      return counts.values().stream().mapToLong(Long::longValue).sum();
    }
  }

  private static long size(@Nullable Entry entry) {
    return entry == null ? 0 : entry.size();
  }

  /** The page. */
  Markup body(Exchange exchange) throws Exception {
    RegistrationKey key = exchange.key();
    Serial one = serial(exchange.number("from").orElse(0L));
    Serial other = serial(exchange.number("to").orElse(0L));
    if (one.equals(other)) {
      throw Refusal.badRequest("A version is compared with another one.");
    }
    boolean inOrder = one.compareTo(other) < 0;
    Serial older = inOrder ? one : other;
    Serial newer = inOrder ? other : one;
    Found found = compare(exchange.visitor(), key, older, newer);
    return Markup.of(
        """
        {}
        <h1>What changed <span class="on">from version {} to {}</span></h1>
        <ul class="tiles small">{}{}{}{}</ul>
        <p class="asof">{} of content came, {} went.</p>
        {}
        """,
        Layout.trail(Layout.trailOf(key), "Versions " + older + " and " + newer),
        Layout.link(Link.to("/files", key).with("version", older), older.text()),
        Layout.link(Link.to("/files", key).with("version", newer), newer.text()),
        tile("new", found.count(Difference.Change.NEW)),
        tile("gone", found.count(Difference.Change.GONE)),
        tile("other content", found.count(Difference.Change.CONTENT)),
        tile("other metadata", found.count(Difference.Change.METADATA)),
        Listing.size(found.more),
        Listing.size(found.less),
        found.shown.isEmpty()
            ? Markup.of("<div class=\"empty\"><p>Nothing.</p></div>")
            : table(key, older, newer, found));
  }

  private static Serial serial(long number) throws Refusal {
    if (number < 1) {
      throw Refusal.badRequest("Two versions are to be chosen.");
    }
    return new Serial(number);
  }

  private Found compare(Visitor visitor, RegistrationKey key, Serial older, Serial newer)
      throws Exception {
    Found found = new Found();
    String doing = "compare versions of " + key;
    try (EntrySpool before = new EntrySpool()) {
      // One after the other: there may be no worker free that would send both at once.
      ManifestLines.read(
          operator.query(visitor.name(), doing),
          key,
          new Numbered(older),
          null,
          new BoundedLines(before::add));
      before.complete();
      VersionDiff diff = new VersionDiff(before::next, found::take);
      ManifestLines.read(
          operator.query(visitor.name(), doing),
          key,
          new Numbered(newer),
          null,
          new BoundedLines(diff::newer));
      diff.end();
      return found;
    } catch (TooLargeException e) {
      throw e.refusal();
    } catch (MalformedMessageException e) {
      throw new IOException("an entry that cannot be read: " + e.getMessage(), e);
    }
  }

  private static Markup tile(String what, long count) {
    return Markup.of(
        "<li class=\"tile\"><span><b>{}</b> <span>{}</span></span></li>",
        Counts.number(count),
        what);
  }

  private static Markup table(RegistrationKey key, Serial older, Serial newer, Found found) {
    return Markup.of(
        """
        <table class="cards"><caption class="unseen">Differences</caption>
        <thead><tr><th scope="col">What</th><th scope="col">Name</th><th scope="col" class="number">Before</th><th scope="col" class="number">After</th><th scope="col"><span class="unseen">What to do</span></th></tr></thead>
        <tbody>{}</tbody></table>{}
        """,
        found.shown.stream().map(one -> row(key, older, newer, one)).toList(),
        Markup.when(
            found.count() > found.shown.size(),
            Markup.of(
                "<p class=\"asof\">These are the first {} of {}.</p>",
                found.shown.size(),
                Counts.number(found.count()))));
  }

  private static Markup row(RegistrationKey key, Serial older, Serial newer, Difference one) {
    Entry now = one.after() != null ? one.after() : one.before();
    if (now == null) {
      return Markup.NONE;
    }
    return Markup.of(
        "<tr><td data-label=\"What\">{}</td><th scope=\"row\" class=\"name\">{}</th><td data-label=\"Before\" class=\"number\">{}</td><td data-label=\"After\" class=\"number\">{}</td><td class=\"act\">{}</td></tr>",
        badge(one.change()),
        Paths.shown(Paths.below(key, now.name())),
        sized(one.before()),
        sized(one.after()),
        files(key, older, newer, one));
  }

  private static String sized(@Nullable Entry entry) {
    return entry == null ? "–" : entry.type() == Entry.Type.FILE ? Listing.size(entry.size()) : "";
  }

  private static Markup files(RegistrationKey key, Serial older, Serial newer, Difference one) {
    return Markup.of(
        "<span class=\"row\">{}{}</span>",
        download(key, older, one.before(), "Save before"),
        download(key, newer, one.after(), "Save after"));
  }

  private static Markup download(
      RegistrationKey key, Serial serial, @Nullable Entry entry, String which) {
    if (entry == null || entry.type() != Entry.Type.FILE) {
      return Markup.NONE;
    }
    return Link.to("/file", key)
        .with("version", serial)
        .about(entry.name())
        .map(
            link ->
                Markup.of(
                    "<a class=\"quiet button\" href=\"{}\" download aria-label=\"{}: {} as of version {}\">{}</a>",
                    link,
                    which,
                    Paths.shown(Paths.last(entry.name()).text()),
                    serial,
                    which))
        .orElse(Markup.NONE);
  }

  private static Markup badge(Difference.Change change) {
    return switch (change) {
      case NEW -> Markup.of("<span class=\"badge good\">new</span>");
      case GONE -> Markup.of("<span class=\"badge bad\">gone</span>");
      case CONTENT -> Markup.of("<span class=\"badge busy\">content</span>");
      case METADATA -> Markup.of("<span class=\"badge off\">metadata</span>");
    };
  }
}
