package resguardo.core.version;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import resguardo.core.RawPath;
import resguardo.core.Sha256;

/**
 * Reads lines that are exactly as {@link LineWriter} writes them and have nothing unusual: ASCII
 * without escapes, no attributes, holes, devices or warnings. It is several times as fast as the
 * codec for any object, and says nothing of what it does not take: that one does.
 */
final class LineReader {
  /** More digits might not fit into a long. */
  private static final int MOST_DIGITS = 18;

  private static final int DIGEST = 64;

  private final byte[] line;
  private int at;

  private LineReader(byte[] line) {
    this.line = line;
  }

  /** A line that is not so simple, or not right. */
  private static final class NotSimpleException extends RuntimeException {
    private static final long serialVersionUID = 1;

    static final NotSimpleException ONE = new NotSimpleException();

    NotSimpleException() {
      super("not simple", null, false, false);
    }
  }

  /** What it says; absent when that is not found out here. */
  static @Nullable Placed read(byte[] line) {
    try {
      return new LineReader(line).placed();
    } catch (NotSimpleException | IllegalArgumentException | ArithmeticException notHere) {
      return null;
    }
  }

  /**
   * Where an entry lies, whatever it is; absent when that is not found out here.
   *
   * @param from where the place begins in the line, after its tab
   */
  static @Nullable Place place(byte[] line, int from) {
    try {
      LineReader reader = new LineReader(line);
      reader.at = from;
      return reader.lastPlace();
    } catch (NotSimpleException | IllegalArgumentException | ArithmeticException notHere) {
      return null;
    }
  }

  private Placed placed() {
    Entry entry = entry();
    if (at == line.length) {
      return new Placed(entry, Place.NONE);
    }
    expect("\t");
    return new Placed(entry, lastPlace());
  }

  private Place lastPlace() {
    expect("{");
    Place place = place();
    if (at != line.length || place.isNone()) {
      throw NotSimpleException.ONE;
    }
    return place;
  }

  private Entry entry() {
    expect("{\"n\":");
    RawPath name = name();
    expect(",\"t\":\"");
    Entry.Type type = type();
    expect("\",\"m\":");
    int mode = Math.toIntExact(number());
    expect(",\"u\":");
    long uid = number();
    expect(",\"g\":");
    long gid = number();
    String user = found(",\"un\":") ? text() : null;
    String group = found(",\"gn\":") ? text() : null;
    expect(",\"s\":");
    long seconds = number();
    expect(",\"ns\":");
    int nanos = Math.toIntExact(number());
    expect(",\"z\":");
    long size = number();
    Sha256 digest = found(",\"d\":") ? digest() : null;
    RawPath link = found(",\"l\":") ? name() : null;
    expect("}");
    return new Entry(
        name, type, mode, uid, gid, user, group, seconds, nanos, size, digest, link, null, null);
  }

  private Place place() {
    Piece block = null;
    Piece content = null;
    List<Chunk> chunks = List.of();
    if (found("\"b\":")) {
      block = piece();
    }
    if (found(block == null ? "\"c\":" : ",\"c\":")) {
      content = piece();
    }
    if (found(block == null && content == null ? "\"k\":" : ",\"k\":")) {
      chunks = chunks();
    }
    expect("}");
    return new Place(block, content, chunks);
  }

  private Piece piece() {
    expect("[");
    int archive = first();
    long offset = next();
    int length = Math.toIntExact(next());
    int raw = Math.toIntExact(next());
    int start = Math.toIntExact(next());
    expect("]");
    return new Piece(archive, offset, length, raw, start);
  }

  private List<Chunk> chunks() {
    ChunkRows chunks = new ChunkRows();
    expect("[");
    do {
      expect("[");
      int archive = first();
      long offset = next();
      int length = Math.toIntExact(next());
      int raw = Math.toIntExact(next());
      expect(",");
      chunks.add(new Chunk(archive, offset, length, raw, digest()));
      expect("]");
    } while (found(","));
    expect("]");
    return chunks.toList();
  }

  private int first() {
    return Math.toIntExact(number());
  }

  private long next() {
    expect(",");
    return number();
  }

  private Entry.Type type() {
    return switch (at < line.length ? line[at++] : 0) {
      case 'f' -> Entry.Type.FILE;
      case 'd' -> Entry.Type.FOLDER;
      case 'l' -> Entry.Type.SYMLINK;
      case 'h' -> Entry.Type.HARD_LINK;
      case 'p' -> Entry.Type.FIFO;
      case 's' -> Entry.Type.SOCKET;
      default -> throw NotSimpleException.ONE;
    };
  }

  private RawPath name() {
    int end = endOfText();
    byte[] bytes = Arrays.copyOfRange(line, at, end);
    if (bytes.length > 0 && bytes[0] == '%') {
      throw NotSimpleException.ONE; // it may be of bytes
    }
    at = end + 1;
    return RawPath.ofBytes(bytes);
  }

  private String text() {
    return text(endOfText());
  }

  private Sha256 digest() {
    int end = endOfText();
    if (end - at != DIGEST) {
      throw NotSimpleException.ONE;
    }
    return new Sha256(text(end));
  }

  private String text(int end) {
    String text = new String(line, at, end - at, StandardCharsets.ISO_8859_1);
    at = end + 1;
    return text;
  }

  /** Where the text ends that begins here, with a quote; what is in it is plain. */
  private int endOfText() {
    expect("\"");
    int end = at;
    while (end < line.length && LineBytes.isPlain(line[end])) {
      end++;
    }
    if (end == line.length || line[end] != '"') {
      throw NotSimpleException.ONE;
    }
    return end;
  }

  private long number() {
    boolean negative = found("-");
    int digits = at;
    long number = 0;
    while (at < line.length && line[at] >= '0' && line[at] <= '9') {
      number = number * 10 + line[at++] - '0';
    }
    int many = at - digits;
    boolean zeroFirst = many > 0 && line[digits] == '0' && (many > 1 || negative);
    if (many == 0 || many > MOST_DIGITS || zeroFirst) {
      throw NotSimpleException.ONE;
    }
    return negative ? -number : number;
  }

  private boolean found(String what) {
    int length = what.length();
    if (line.length - at < length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (line[at + i] != what.charAt(i)) {
        return false;
      }
    }
    at += length;
    return true;
  }

  private void expect(String what) {
    if (!found(what)) {
      throw NotSimpleException.ONE;
    }
  }
}
