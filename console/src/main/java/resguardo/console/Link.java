package resguardo.console;

import com.google.errorprone.annotations.CompileTimeConstant;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.core.RawPath;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;

/** An address of this console: a page that stands here as a constant, and values of its query. */
final class Link {
  /** The server takes 128 KiB of headers, and browsers send an address with the next request. */
  static final int LONGEST = 60 * 1024;

  private final String text;

  private Link(String text) {
    this.text = text;
  }

  /** A page. */
  static Link to(@CompileTimeConstant final String page) {
    return new Link(page);
  }

  /** A page about a registration. */
  static Link to(@CompileTimeConstant final String page, RegistrationKey key) {
    return new Link(page).with("node", key.node().value()).with("path", key.path().raw());
  }

  /** The same with one more value. */
  Link with(@CompileTimeConstant final String name, String value) {
    char between = text.indexOf('?') < 0 ? '?' : '&';
    return new Link(text + between + name + '=' + URLEncoder.encode(value, StandardCharsets.UTF_8));
  }

  /** The same with one more value, where there is one. */
  Link withAny(@CompileTimeConstant final String name, @Nullable String value) {
    return value == null || value.isEmpty() ? this : with(name, value);
  }

  Link with(@CompileTimeConstant final String name, long value) {
    return with(name, String.valueOf(value));
  }

  Link with(@CompileTimeConstant final String name, Serial value) {
    return with(name, value.value());
  }

  Link with(@CompileTimeConstant final String name, RawPath value) {
    return with(name, Paths.value(value));
  }

  /** The same about an entry; empty where the address would be longer than the server takes. */
  Optional<Link> about(RawPath entry) {
    return Optional.of(entry)
        .filter(name -> name.length() < LONGEST)
        .map(name -> with("entry", name))
        .filter(link -> link.text.length() <= LONGEST);
  }

  @Override
  public String toString() {
    return text;
  }
}
