package resguardo.core.version;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import resguardo.core.protocol.Json;

/** Writes an entry and its place as {@link EntryCodec} says. */
final class LineWriter {
  private LineWriter() {}

  static LineBytes entry(Entry entry, LineBytes out) {
    out.plain("{\"n\":").name(entry.name().bytes()).plain(",\"t\":\"");
    out.plain(letter(entry.type())).plain("\",\"m\":").number(entry.mode());
    out.plain(",\"u\":").number(entry.uid()).plain(",\"g\":").number(entry.gid());
    text(",\"un\":", entry.user(), out);
    text(",\"gn\":", entry.group(), out);
    out.plain(",\"s\":").number(entry.mtimeSeconds()).plain(",\"ns\":").number(entry.mtimeNanos());
    out.plain(",\"z\":").number(entry.size());
    if (entry.digest() != null) {
      out.plain(",\"d\":\"").plain(entry.digest().hex()).plain("\"");
    }
    if (entry.link() != null) {
      out.plain(",\"l\":").name(entry.link().bytes());
    }
    seldom(entry, out);
    return out.plain("}");
  }

  private static void text(String key, @Nullable String text, LineBytes out) {
    if (text != null) {
      out.plain(key).text(text);
    }
  }

  private static void seldom(Entry entry, LineBytes out) {
    Entry.Device device = entry.device();
    if (device != null) {
      out.plain(",\"dev\":{\"major\":").number(device.major());
      out.plain(",\"minor\":").number(device.minor()).plain("}");
    }
    if (entry.warning() != null) {
      out.plain(",\"w\":").bytes(Json.write(entry.warning()));
    }
    if (entry.attributes() != null) {
      String between = ",\"x\":{";
      for (Map.Entry<String, String> one : entry.attributes().entrySet()) {
        out.plain(between).text(one.getKey()).plain(":").text(one.getValue());
        between = ",";
      }
      out.plain("}");
    }
    if (entry.data() != null) {
      String between = ",\"sp\":[";
      for (Extent one : entry.data()) {
        out.plain(between).plain("[").number(one.offset()).plain(",").number(one.length());
        between = "],";
      }
      out.plain(entry.data().isEmpty() ? between : "]").plain("]");
    }
  }

  /** How a type is written; the order of the types is that of {@link Entry.Type}. */
  private static String letter(Entry.Type type) {
    return switch (type) {
      case FILE -> "f";
      case FOLDER -> "d";
      case SYMLINK -> "l";
      case HARD_LINK -> "h";
      case FIFO -> "p";
      case SOCKET -> "s";
      case CHARACTER_DEVICE -> "c";
      case BLOCK_DEVICE -> "b";
    };
  }

  static LineBytes place(Place place, LineBytes out) {
    String between = "{";
    if (place.block() != null) {
      piece(between + "\"b\":[", place.block(), out);
      between = ",";
    }
    if (place.content() != null) {
      piece(between + "\"c\":[", place.content(), out);
      between = ",";
    }
    if (!place.chunks().isEmpty()) {
      chunks(between + "\"k\":", place.chunks(), out);
    }
    return out.plain("}");
  }

  private static void piece(String key, Piece piece, LineBytes out) {
    out.plain(key).number(piece.archive()).plain(",").number(piece.offset()).plain(",");
    out.number(piece.length()).plain(",").number(piece.raw()).plain(",").number(piece.start());
    out.plain("]");
  }

  private static void chunks(String key, List<Chunk> chunks, LineBytes out) {
    String between = key + "[[";
    for (Chunk chunk : chunks) {
      out.plain(between).number(chunk.archive()).plain(",").number(chunk.offset()).plain(",");
      out.number(chunk.length()).plain(",").number(chunk.raw()).plain(",\"");
      out.plain(chunk.digest().hex()).plain("\"]");
      between = ",[";
    }
    out.plain("]");
  }
}
