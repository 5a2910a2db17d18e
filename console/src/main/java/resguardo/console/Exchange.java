package resguardo.console;

import com.google.errorprone.annotations.CompileTimeConstant;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Fields;
import org.jspecify.annotations.Nullable;
import resguardo.core.NodeName;
import resguardo.core.RawPath;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.SourcePath;

/** A request of a browser, and what is said back. For one thread. */
final class Exchange {
  private final Request request;
  private final Response response;
  private final Visitor visitor;
  private final Fields values;

  /**
   * @param values of its query, or of its form
   */
  Exchange(Request request, Response response, Visitor visitor, Fields values) {
    this.request = request;
    this.response = response;
    this.visitor = visitor;
    this.values = values;
  }

  /** Who makes it. */
  Visitor visitor() {
    return visitor;
  }

  /** The page that is asked for. */
  String page() {
    return Request.getPathInContext(request);
  }

  /** A value; empty when it was not given, or is empty. */
  Optional<String> value(@CompileTimeConstant final String name) {
    String value = values.getValue(name);
    return value == null || value.isBlank() ? Optional.empty() : Optional.of(value.strip());
  }

  /** All values of this name. */
  List<String> values(@CompileTimeConstant final String name) {
    return values.getValuesOrEmpty(name);
  }

  /** A value that has to be there. */
  String needed(@CompileTimeConstant final String name) throws Refusal {
    return value(name).orElseThrow(() -> Refusal.badRequest("There is no " + name + "."));
  }

  /** A number. */
  Optional<Long> number(@CompileTimeConstant final String name) throws Refusal {
    try {
      return value(name).map(Long::parseLong);
    } catch (NumberFormatException e) {
      throw Refusal.badRequest("This is no whole number: " + name + ".");
    }
  }

  /** Which registration it is about. */
  RegistrationKey key() throws Refusal {
    NodeName node = new NodeName(needed("node"));
    return new RegistrationKey(node, SourcePath.parse(path("path")));
  }

  /** Which version it is about; empty: the latest. */
  Optional<Serial> version() throws Refusal {
    return number("version").map(Serial::new);
  }

  /** A path, as it is: blanks are part of it. */
  private String path(@CompileTimeConstant final String name) throws Refusal {
    String value = values.getValue(name);
    if (value == null || value.isEmpty()) {
      throw Refusal.badRequest("There is no " + name + ".");
    }
    return value;
  }

  /** The name of an entry; empty when none was given. */
  Optional<RawPath> entry() {
    String value = values.getValue("entry");
    return value == null || value.isEmpty() ? Optional.empty() : Optional.of(RawPath.parse(value));
  }

  /** Answers with a page. */
  void answer(int status, Markup page) throws IOException {
    byte[] body = page.toString().getBytes(StandardCharsets.UTF_8);
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/html; charset=utf-8");
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
    write(body);
  }

  private void write(byte[] body) throws IOException {
    if (!request.getMethod().equals("HEAD")) {
      try (OutputStream out = Content.Sink.asOutputStream(response)) {
        out.write(body);
      }
    }
  }

  /** Sends the browser on. */
  void goTo(Link page) {
    response.setStatus(303);
    response.getHeaders().put(HttpHeader.LOCATION, page.toString());
  }

  /** Whether anything of the answer is on its way already. */
  boolean isAnswered() {
    return response.isCommitted();
  }

  /**
   * Answers with a file, which a browser saves and never shows, whatever it holds.
   *
   * @param name for it
   * @param length in bytes; absent: not known
   */
  OutputStream file(String name, @Nullable Long length) {
    response.setStatus(200);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/octet-stream");
    response.getHeaders().put(HttpHeader.CONTENT_DISPOSITION, FileNames.attachment(name));
    response.getHeaders().put("Content-Security-Policy", "default-src 'none'; sandbox");
    if (length != null) {
      response.getHeaders().put(HttpHeader.CONTENT_LENGTH, (long) length);
    }
    return Content.Sink.asOutputStream(response);
  }

  /** Whether only what would be said is asked for, and not the content. */
  boolean isHead() {
    return Objects.equals(request.getMethod(), "HEAD");
  }
}
