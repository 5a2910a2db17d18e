package resguardo.console;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.BadMessageException;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.FormFields;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.eclipse.jetty.util.Promise;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.admin.AdminException;

/** Takes requests: who comes, whether it may be, which page serves it, and what goes wrong. */
final class Console extends Handler.Abstract {
  /** Nothing from elsewhere, and nothing that stands in a page itself, is run or shown. */
  static final String POLICY =
      "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self';"
          + " form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

  private static final int MOST_FIELDS = 100;
  private static final int LARGEST_FORM = 256 * 1024;
  private static final long FORM_SECONDS = 10;
  private static final int FORMS_OF_STRANGERS = 4;
  private static final int FORMS_AT_ONCE = 16;
  private static final String FORM = "application/x-www-form-urlencoded";
  private static final String A_YEAR = "public, max-age=31536000, immutable";
  private static final Logger LOG = LoggerFactory.getLogger(Console.class);

  private final Door door;
  private final Pages pages;
  private final Layout layout;
  private final Assets assets;
  private final Semaphore strangers = new Semaphore(FORMS_OF_STRANGERS);
  private final Semaphore known = new Semaphore(FORMS_AT_ONCE);

  Console(Door door, Pages pages, Layout layout, Assets assets) {
    this.door = door;
    this.pages = pages;
    this.layout = layout;
    this.assets = assets;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    try {
      protect(response.getHeaders());
      serve(request, response);
      callback.succeeded();
    } catch (Exception e) {
      fail(e, response, callback);
    }
    return true;
  }

  private static void protect(HttpFields.Mutable headers) {
    headers.put("Content-Security-Policy", POLICY);
    headers.put("X-Content-Type-Options", "nosniff");
    // With none at all browsers would not say where a form of ours comes from.
    headers.put("Referrer-Policy", "same-origin");
    headers.put("Cross-Origin-Opener-Policy", "same-origin");
    headers.put("Cross-Origin-Resource-Policy", "same-origin");
    headers.put("Permissions-Policy", "camera=(), microphone=(), geolocation=()");
    headers.put(HttpHeader.CACHE_CONTROL, "no-store");
  }

  private void serve(Request request, Response response) throws Exception {
    String method = request.getMethod();
    String page = Request.getPathInContext(request);
    if (!door.isForUs(request)) {
      throw new Refusal(
          421,
          "This console is not called by this name.",
          "Start it with --host NAME for each name, with its port, that browsers call it by.");
    }
    boolean post = method.equals("POST");
    if (!post && !method.equals("GET") && !method.equals("HEAD")) {
      throw new Refusal(405, "A page is looked at, or its form is sent.", null);
    }
    Optional<Assets.Asset> asset = assets.at(page);
    if (asset.isPresent()) {
      give(response, asset.get(), method.equals("HEAD"));
    } else if (page.equals("/enter")) {
      enter(request, response, post);
    } else {
      serve(request, response, page, post);
    }
  }

  private static void give(Response response, Assets.Asset asset, boolean head) throws IOException {
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, asset.type());
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, asset.content().length);
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, A_YEAR);
    if (!head) {
      try (OutputStream out = Content.Sink.asOutputStream(response)) {
        out.write(asset.content());
      }
    }
  }

  /** By the address that is printed at the start, or by the form. */
  private void enter(Request request, Response response, boolean post) throws Exception {
    if (post && !door.comesFromHere(request)) {
      throw foreign();
    }
    Fields fields = post ? form(request, strangers) : Request.extractQueryParameters(request);
    if (!door.enter(request, response, fields.getValue("token"))) {
      answer(response, 403, signIn(true));
      return;
    }
    response.setStatus(303);
    response.getHeaders().put(HttpHeader.LOCATION, "/");
  }

  private void serve(Request request, Response response, String at, boolean post) throws Exception {
    Optional<Visitor> visitor = door.visitor(request, response);
    if (visitor.isEmpty()) {
      if (door.isBehindProxy()) {
        throw new Refusal(403, "The proxy in front says of nobody that they may come here.", null);
      }
      answer(response, 401, signIn(false));
      return;
    }
    Fields fields = post ? form(request, known) : Request.extractQueryParameters(request);
    Exchange exchange = new Exchange(request, response, visitor.get(), fields);
    try {
      if (post) {
        refuseForeign(request, visitor.get(), fields);
      }
      if (post && at.equals("/sign-out")) {
        door.leave(request, response);
        response.setStatus(303);
        response.getHeaders().put(HttpHeader.LOCATION, "/");
        return;
      }
      serve(exchange, at, post);
    } catch (AdminException e) {
      refuse(exchange, Layout.refusal(e));
    } catch (IllegalArgumentException e) {
      refuse(exchange, Refusal.badRequest(sentence(e)));
    } catch (Refusal e) {
      refuse(exchange, e);
    }
  }

  /** What a check of a value says, as a sentence. */
  private static String sentence(IllegalArgumentException e) {
    String text = String.valueOf(e.getMessage());
    return text.isEmpty()
        ? "That cannot be."
        : text.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + text.substring(1) + ".";
  }

  private void serve(Exchange exchange, String at, boolean post) throws Exception {
    Pages.Page page =
        pages.at(at).orElseThrow(() -> new Refusal(404, "There is no such page.", null));
    Pages.Serving serving = post ? page.post() : page.get();
    if (serving == null) {
      throw new Refusal(405, "Nothing is sent to this page.", null);
    }
    if (!exchange.visitor().may().covers(page.needs())) {
      throw new Refusal(403, "You may look here, and change nothing.", null);
    }
    serving.serve(exchange);
  }

  /** A form has to come from one of our pages, which has the word of the session. */
  private void refuseForeign(Request request, Visitor visitor, Fields fields) throws Refusal {
    String word = fields.getValue("csrf");
    if (!door.comesFromHere(request)
        || word == null
        || !Access.same(visitor.session().csrf(), word)) {
      throw foreign();
    }
  }

  private static Refusal foreign() {
    return new Refusal(
        403,
        "This did not come from a page of this console, or from one that is too old.",
        "Open the page again and try once more. Nothing was done.");
  }

  /**
   * A form, all of it. Each waits for what comes of it with a thread: they are few, and not for
   * long, so that whoever sends none to the end keeps nobody else out.
   */
  private static Fields form(Request request, Semaphore places) throws Exception {
    String type = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
    if (type == null || !type.toLowerCase(java.util.Locale.ROOT).startsWith(FORM)) {
      throw new Refusal(415, "A form is sent as forms are.", null);
    }
    if (!places.tryAcquire()) {
      throw new Refusal(503, "Too many forms are on their way.", "Send it again in a moment.");
    }
    CompletableFuture<Fields> all = new CompletableFuture<>();
    FormFields.onFields(
        request,
        StandardCharsets.UTF_8,
        MOST_FIELDS,
        LARGEST_FORM,
        Promise.Invocable.toPromise(all));
    try {
      return all.get(FORM_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new Refusal(408, "The form did not come to its end.", null);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } finally {
      places.release();
    }
  }

  private void refuse(Exchange exchange, Refusal refusal) throws Exception {
    if (exchange.isAnswered()) {
      throw refusal;
    }
    exchange.answer(
        refusal.status(),
        layout.page(exchange.visitor(), Layout.Part.NONE, "Not done", Layout.refused(refusal)));
  }

  private Markup signIn(boolean wrong) {
    return layout.bare(
        "Sign in",
        Markup.of(
            """
            <section class="signin"><img src="{}" alt="" width="44" height="44"><h1>Resguardo</h1>{}
            <form method="post" action="/enter"><label for="token">Token</label>
            <input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
            <button class="main">Sign in</button></form>
            <p class="hint">The console printed it when it was started, or read it from a file.</p></section>
            """,
            assets.icon(),
            Markup.when(
                wrong,
                Markup.of("<p class=\"refused\" role=\"alert\">This is not the token.</p>"))));
  }

  private static void answer(Response response, int status, Markup page) throws IOException {
    byte[] body = page.toString().getBytes(StandardCharsets.UTF_8);
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/html; charset=utf-8");
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
    try (OutputStream out = Content.Sink.asOutputStream(response)) {
      out.write(body);
    }
  }

  /**
   * Says what went wrong, where nothing was said yet; otherwise breaks the answer off, so that
   * nobody takes it for whole.
   */
  private void fail(Exception e, Response response, Callback callback) {
    if (e instanceof EofException) {
      LOG.debug("who asked has gone", e);
      callback.failed(e);
      return;
    }
    Refusal refusal = refusal(e);
    if (response.isCommitted()) {
      LOG.warn("an answer was broken off: {}", String.valueOf(e.getMessage()));
      callback.failed(e);
      return;
    }
    try {
      response.getHeaders().remove(HttpHeader.CONTENT_DISPOSITION);
      answer(response, refusal.status(), layout.bare("Not done", Layout.refused(refusal)));
      callback.succeeded();
    } catch (IOException | RuntimeException gone) {
      callback.failed(gone);
    }
  }

  private static Refusal refusal(Exception e) {
    if (e instanceof Refusal refusal) {
      return refusal;
    } else if (e instanceof AdminException told) {
      return Layout.refusal(told);
    } else if (e instanceof IllegalArgumentException wrong) {
      return Refusal.badRequest(sentence(wrong));
    } else if (e instanceof HttpException http) {
      return new Refusal(http.getCode(), "The request cannot be read.", null);
    } else if (e instanceof BadMessageException) {
      return new Refusal(400, "The request cannot be read.", null);
    } else if (e instanceof InterruptedException) {
      Thread.currentThread().interrupt();
      return new Refusal(503, "The console is being stopped.", null);
    }
    LOG.error("a page could not be made", e);
    return new Refusal(500, "This page could not be made: " + reason(e) + ".", "The log has more.");
  }

  private static @Nullable String reason(Exception e) {
    return e instanceof IOException ? e.getMessage() : e.getClass().getSimpleName();
  }
}
