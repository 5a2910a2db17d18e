package resguardo.core.version;

import java.util.Arrays;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.MalformedMessageException;

/**
 * One entry as one line and back: the entry as JSON and, where its bytes lie anywhere, a tab and
 * the place as JSON. JSON has no tab of its own. Equal entries give equal bytes before the tab: the
 * fingerprint of a set is made over them.
 */
public final class EntryCodec {
  /**
   * A path of 16 KiB, all escaped, and a link of the same; 768 KiB of extended attributes in
   * base64; a map of some thousand parts, 40 bytes each; with room for the rest.
   */
  private static final int LONGEST_ENTRY = 2 * 1024 * 1024;

  /** Of a place that is not as it is written here: to read any JSON takes ten times its length. */
  private static final int LONGEST_PLACE = 1024 * 1024;

  /** More than the longest line: the chunks of a file of half a terabyte, some 100 bytes each. */
  public static final int LONGEST_LINE = 34 * 1024 * 1024;

  private static final byte TAB = '\t';

  private EntryCodec() {}

  /** What stands of this entry before the tab, without a newline. */
  public static byte[] write(Entry entry) {
    return LineWriter.entry(entry, new LineBytes()).toBytes();
  }

  /** The line of this entry, without the newline. */
  public static byte[] write(Placed placed) {
    LineBytes line = LineWriter.entry(placed.entry(), new LineBytes());
    if (!placed.place().isNone()) {
      LineWriter.place(placed.place(), line.plain("\t"));
    }
    return line.toBytes();
  }

  /** How many bytes of a line are the entry's. */
  public static int entryLength(byte[] line) {
    for (int i = 0; i < line.length; i++) {
      if (line[i] == TAB) {
        return i;
      }
    }
    return line.length;
  }

  /**
   * What a line says.
   *
   * @param line byte for byte as {@link #write} makes it
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  public record Line(Placed placed, byte[] line) {}

  /**
   * What this line says, and the line as it is to stand in a manifest.
   *
   * @throws MalformedMessageException when it is not one
   */
  public static Line asWritten(byte[] line) throws MalformedMessageException {
    Line written = rewritten(line);
    int entry = entryLength(written.line());
    if (entry > LONGEST_ENTRY) {
      // What is escaped may be longer than it came, and nobody could read it then.
      throw new MalformedMessageException("an entry that is written in " + entry + " bytes");
    }
    return written;
  }

  private static Line rewritten(byte[] line) throws MalformedMessageException {
    Placed simple = LineReader.read(line);
    if (simple != null) {
      return new Line(simple, line);
    }
    int end = entryLength(line);
    Place place = end == line.length ? null : LineReader.place(line, end + 1);
    if (place == null) {
      Placed placed = read(line);
      return new Line(placed, write(placed));
    }
    Entry entry = entry(line, end);
    byte[] before = write(entry);
    byte[] written = Arrays.copyOf(before, before.length + line.length - end);
    System.arraycopy(line, end, written, before.length, line.length - end);
    return new Line(new Placed(entry, place), written);
  }

  /**
   * The entry of this line.
   *
   * @throws MalformedMessageException when it is not one
   */
  public static Placed read(byte[] line) throws MalformedMessageException {
    Placed simple = LineReader.read(line);
    if (simple != null) {
      return simple;
    }
    int end = entryLength(line);
    Entry entry = entry(line, end);
    if (end == line.length) {
      return new Placed(entry, Place.NONE);
    }
    Place place = LineReader.place(line, end + 1);
    if (place != null) {
      return new Placed(entry, place);
    }
    byte[] other = Arrays.copyOfRange(line, end + 1, line.length);
    return new Placed(entry, Json.read(other, Place.class, LONGEST_PLACE));
  }

  private static Entry entry(byte[] line, int end) throws MalformedMessageException {
    return Json.read(Arrays.copyOf(line, end), Entry.class, LONGEST_ENTRY);
  }
}
