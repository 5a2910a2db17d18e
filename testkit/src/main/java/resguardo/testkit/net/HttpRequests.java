package resguardo.testkit.net;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the requests of HTTP/1.1 among the bytes that a client sends over one connection, whatever
 * pieces they come in: a head may come in several, and one piece may have the end of a request and
 * the beginning of the next. Of bodies it knows those whose head says how long they are. Not for
 * several threads.
 */
final class HttpRequests {
  private static final String BLANK_LINE = "\r\n\r\n";
  private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: *(\\d+)");

  /** What has no end by then is no head: it is another protocol. */
  private static final int LONGEST_HEAD = 64 * 1024;

  private final StringBuilder head = new StringBuilder();
  private long body;
  private boolean foreign;

  /**
   * Takes what came next.
   *
   * @return the head of the request that ends among these bytes, of several the last; empty: none
   *     does
   */
  Optional<String> ended(byte[] bytes, int length) {
    String last = null;
    int at = 0;
    while (at < length && !foreign) {
      if (body > 0) {
        int part = (int) Math.min(body, length - at);
        body -= part;
        at += part;
      } else {
        head.append((char) (bytes[at] & 0xff));
        at++;
        if (!isWhole()) {
          continue;
        }
        Matcher said = LENGTH.matcher(head);
        body = said.find() ? Long.parseLong(said.group(1)) : 0;
      }
      last = body > 0 ? last : taken();
    }
    return Optional.ofNullable(last);
  }

  private boolean isWhole() {
    foreign = head.length() > LONGEST_HEAD;
    int end = head.length() - BLANK_LINE.length();
    return end >= 0 && head.indexOf(BLANK_LINE, end) >= 0;
  }

  private String taken() {
    String whole = head.toString();
    head.setLength(0);
    return whole;
  }
}
