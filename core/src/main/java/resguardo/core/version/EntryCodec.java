package resguardo.core.version;

import java.util.Arrays;
import java.util.Optional;
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

  /** The chunks of a file of 250 GiB, some 120 bytes each. */
  private static final int LONGEST_PLACE = 32 * 1024 * 1024;

  /** More than the longest line. */
  public static final int LONGEST_LINE = LONGEST_ENTRY + 1 + LONGEST_PLACE;

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
   * The entry of a line that is byte for byte what {@link #write} makes of it. Empty says nothing:
   * only lines without anything unusual are looked at here.
   */
  public static Optional<Placed> asWritten(byte[] line) {
    return Optional.ofNullable(LineReader.read(line));
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
    Entry entry = Json.read(Arrays.copyOf(line, end), Entry.class, LONGEST_ENTRY);
    if (end == line.length) {
      return new Placed(entry, Place.NONE);
    }
    byte[] place = Arrays.copyOfRange(line, end + 1, line.length);
    return new Placed(entry, Json.read(place, Place.class, LONGEST_PLACE));
  }
}
