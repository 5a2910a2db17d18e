package resguardo.agent.ignore;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jgit.ignore.FastIgnoreRule;
import resguardo.archive.SourceFile;
import resguardo.core.IgnorePattern;
import resguardo.core.RawPath;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.stream.LineSplitter;

/**
 * A file of rules in a set: they count in its folder and below. It is itself never left out, so
 * that what comes back has its rules too.
 *
 * @param rules that count in its folder, those from above among them
 * @param complete whether all that it says is among them: not when it cannot be read, is too large,
 *     or has a pattern that cannot be used
 */
public record IgnoreFile(IgnoreRules rules, boolean complete) {
  /** What it is called. */
  public static final RawPath NAME = RawPath.parse(".resguardoignore");

  /** In bytes. A larger one is a mistake, or is meant to hurt. */
  static final int LARGEST = 1024 * 1024;

  /**
   * Of one pattern, in bytes. The library's way to look at one goes deeper into the stack with each
   * byte; no name that a longer one is needed for exists.
   */
  static final int LONGEST = 1024;

  /** What some editors begin a file in UTF-8 with, taken as Latin-1. */
  private static final String BYTE_ORDER_MARK = "\u00EF\u00BB\u00BF";

  private static final byte[] END_OF_LAST = {'\n'};

  /**
   * Reads one.
   *
   * @param file only a regular one is read: a link is not followed, and a FIFO would never end
   * @param folder in which it lies, as it is called in the archive
   * @param above the rules that count there without it
   */
  public static IgnoreFile read(Path file, RawPath folder, IgnoreRules above) {
    Lines lines = new Lines(above.room(), above.bytesRoom(), above.starsRoom());
    try (SourceFile open = SourceFile.open(file)) {
      byte[] bytes = open.read(LARGEST);
      if (bytes.length > LARGEST || !Files.isRegularFile(open.path())) {
        return notUsed(above);
      }
      LineSplitter splitter = new LineSplitter(LARGEST, lines::take);
      splitter.take(bytes, bytes.length);
      splitter.take(END_OF_LAST, END_OF_LAST.length);
      return new IgnoreFile(
          above.with(lines.rules, lines.bytes, lines.stars, folder), lines.complete);
    } catch (IOException | MalformedMessageException unreadable) {
      return notUsed(above);
    }
  }

  private static IgnoreFile notUsed(IgnoreRules above) {
    return new IgnoreFile(above, false);
  }

  /** Takes the lines of a file for rules. */
  private static final class Lines {
    private final List<FastIgnoreRule> rules = new ArrayList<>();
    private final int room;
    private final int bytesRoom;
    private final int starsRoom;
    private int bytes;
    private int stars;
    private boolean first = true;
    private boolean complete = true;

    Lines(int room, int bytesRoom, int starsRoom) {
      this.room = room;
      this.starsRoom = starsRoom;
      this.bytesRoom = bytesRoom;
    }

    void take(byte[] line) throws MalformedMessageException {
      String text = IgnoreRules.latin1(line);
      String pattern = first && text.startsWith(BYTE_ORDER_MARK) ? text.substring(3) : text;
      first = false;
      if (pattern.isBlank() || pattern.startsWith("#")) {
        return;
      }
      bytes += line.length;
      if (rules.size() == room || bytes > bytesRoom) {
        throw new MalformedMessageException("too many rules");
      }
      complete &=
          add(pattern.endsWith("\r") ? pattern.substring(0, pattern.length() - 1) : pattern);
    }

    private boolean add(String pattern) throws MalformedMessageException {
      try {
        IgnorePattern.check(pattern);
        FastIgnoreRule rule = pattern.length() > LONGEST ? null : LinearRule.of(pattern);
        stars += LinearRule.cost(pattern, rule);
        if (stars > starsRoom) {
          throw new MalformedMessageException("too many rules of several asterisks");
        }
        if (rule == null) {
          return false;
        }
        rules.add(rule);
        return !rule.isEmpty();
      } catch (IllegalArgumentException cannotBeUsed) {
        return false;
      }
    }
  }
}
