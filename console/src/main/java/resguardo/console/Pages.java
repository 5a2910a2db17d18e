package resguardo.console;

import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.core.Permission;

/**
 * Which pages there are, who may see them, and what makes them: the console's table of contents.
 */
final class Pages {
  private final Layout layout;
  private final Map<String, Page> pages = new LinkedHashMap<>();

  /** Serves a request. */
  interface Serving {
    void serve(Exchange exchange) throws Exception;
  }

  /** What a page says. */
  interface Saying {
    Markup body(Exchange exchange) throws Exception;
  }

  /**
   * A page.
   *
   * @param needs what somebody has to be allowed who asks for it
   * @param get what serves who looks
   * @param post what serves who has pressed its button; absent: it has none
   */
  record Page(Permission needs, Serving get, @Nullable Serving post) {}

  Pages(
      Layout layout,
      Operator operator,
      Fleet fleet,
      Sizes sizes,
      Manifests manifests,
      Downloads downloads,
      Restores restores,
      Clock clock) {
    this.layout = layout;
    FilesPage files = new FilesPage(operator, manifests);
    WorkPages work = new WorkPages(operator, restores, clock);
    Actions actions = new Actions(operator, fleet, clock);
    RegisterPages register = new RegisterPages(operator, actions);
    RestorePages restore = new RestorePages(operator, restores, clock);

    look("/", Layout.Part.OVERVIEW, "Overview", new OverviewPage(fleet, sizes, clock)::body);
    look("/set", Layout.Part.OVERVIEW, "Registration", new SetPage(operator, sizes, clock)::body);
    look("/files", Layout.Part.OVERVIEW, "Files", files::body);
    look("/diff", Layout.Part.OVERVIEW, "What changed", new DiffPage(operator)::body);
    look("/nodes", Layout.Part.NODES, "Nodes", work::nodes);
    look("/jobs", Layout.Part.JOBS, "Jobs", work::jobs);
    look("/dead", Layout.Part.DEAD, "Dead letters", work::dead);
    look("/restoring", Layout.Part.JOBS, "Restore", restore::state);
    pages.put("/find", new Page(Permission.READ, files::find, null));
    pages.put("/file", new Page(Permission.READ, downloads::file, null));
    pages.put("/archive", new Page(Permission.READ, downloads::archive, null));

    act("/run", "Run now", actions::askRun, actions::run);
    act("/pause", "Pause", actions::askPause, actions::pause);
    act("/resume", "Resume", actions::askResume, actions::resume);
    act("/drill", "Drill", actions::askDrill, actions::drill);
    act("/unregister", "Unregister", actions::askUnregister, actions::unregister);
    act("/accept", "Accept", actions::askAccept, actions::accept);
    act(Layout.Part.DEAD, "/dead/settle", "Dead letters", actions::askSettle, actions::settle);
    act("/register", "Register", register::ask, register::register);
    act("/register/confirm", "Register", register::confirm, null);
    act("/restore", "Restore", restore::ask, restore::begin);
    act("/restore/confirm", "Restore", restore::confirm, null);
  }

  private void look(String at, Layout.Part part, String title, Saying saying) {
    pages.put(at, new Page(Permission.READ, said(part, title, saying), null));
  }

  private void act(String at, String title, Saying asking, @Nullable Serving doing) {
    act(Layout.Part.OVERVIEW, at, title, asking, doing);
  }

  private void act(
      Layout.Part part, String at, String title, Saying asking, @Nullable Serving doing) {
    pages.put(at, new Page(Permission.WRITE, said(part, title, asking), doing));
  }

  private Serving said(Layout.Part part, String title, Saying saying) {
    return exchange ->
        exchange.answer(200, layout.page(exchange.visitor(), part, title, saying.body(exchange)));
  }

  /** The page at this address; empty when there is none. */
  Optional<Page> at(String address) {
    return Optional.ofNullable(pages.get(address));
  }

  /** All addresses. */
  java.util.Set<String> addresses() {
    return pages.keySet();
  }
}
