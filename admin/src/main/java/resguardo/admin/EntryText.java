package resguardo.admin;

import java.io.PrintWriter;
import java.time.Instant;
import resguardo.core.RawPath;
import resguardo.core.Texts;
import resguardo.core.version.Entry;

/**
 * Entries as lines for people. There may be a million: they are neither formatted nor flushed one
 * by one.
 */
final class EntryText {
  private static final int SIZE_WIDTH = 14;
  private static final int MODE_DIGITS = 4;
  private static final String GAP = "  ";
  private static final String NONE = "-";

  private final PrintWriter out;
  private final StringBuilder line = new StringBuilder();

  EntryText(PrintWriter out) {
    this.out = out;
  }

  /** Type, mode, size, time, name, where it points, what is wrong with it. */
  void show(Entry entry) {
    line.append(kind(entry.type()));
    right(Integer.toOctalString(entry.mode()), MODE_DIGITS, '0');
    line.append(GAP);
    right(size(entry), SIZE_WIDTH, ' ');
    line.append(GAP).append(Instant.ofEpochSecond(entry.mtimeSeconds()));
    line.append(GAP).append(name(entry.name()));
    if (entry.link() != null) {
      line.append(" -> ").append(name(entry.link()));
    }
    if (entry.warning() != null) {
      line.append("  [").append(entry.warning()).append(']');
    }
    end();
  }

  /** What became of an entry: a mark, its size, its name, and the size that it had. */
  void show(Difference difference) {
    Entry before = difference.before();
    Entry after = difference.after();
    Entry now = after != null ? after : before;
    if (now == null) {
      return;
    }
    line.append(difference.change().mark()).append(GAP);
    right(size(now), SIZE_WIDTH, ' ');
    line.append(GAP).append(name(now.name()));
    if (before != null && after != null && !size(before).equals(size(after))) {
      line.append("  (was ").append(size(before)).append(')');
    }
    end();
  }

  private static String name(RawPath name) {
    return Texts.whole(name.text());
  }

  private static String size(Entry entry) {
    return entry.type() == Entry.Type.FILE ? Long.toString(entry.size()) : NONE;
  }

  private void right(String text, int width, char fill) {
    for (int i = text.length(); i < width; i++) {
      line.append(fill);
    }
    line.append(text);
  }

  private void end() {
    out.append(line.append('\n'));
    line.setLength(0);
  }

  private static char kind(Entry.Type type) {
    return switch (type) {
      case FILE -> '-';
      case FOLDER -> 'd';
      case SYMLINK -> 'l';
      case HARD_LINK -> 'h';
      case FIFO -> 'p';
      case SOCKET -> 's';
      case CHARACTER_DEVICE -> 'c';
      case BLOCK_DEVICE -> 'b';
    };
  }
}
