package resguardo.admin;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import resguardo.core.Texts;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Json;
import resguardo.core.version.VersionHeader;

/** What was done, for people or for programs. */
final class Says {
  private Says() {}

  static void done(PrintWriter out, boolean json, Answer answer) {
    if (json) {
      json(out, answer);
    } else if (answer instanceof Answer.Done done) {
      out.println(Texts.whole(done.what()));
    }
  }

  /** A value on one line of JSON, as {@code docs/protocol.md} describes it. */
  static void json(PrintWriter out, Object value) {
    byte[] line = Json.write(value);
    out.println(line(line, line.length));
  }

  /**
   * A line of JSON that a node may have a part in. What a terminal would take for more than text is
   * written as JSON may write any character.
   */
  static String line(byte[] json, int length) {
    return Texts.whole(new String(json, 0, length, StandardCharsets.UTF_8));
  }

  /**
   * That a version which is taken out was suspicious; on stderr, as it is no part of what is asked
   * for. Whether an operator has accepted it since is not in the version.
   */
  static void suspicious(PrintWriter err, VersionHeader version) {
    if (version.alarm() != null) {
      err.println(
          "Version "
              + version.serial()
              + " was suspicious when it was committed: "
              + version.alarm().text()
              + ".");
    }
  }
}
