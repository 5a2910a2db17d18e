package resguardo.console;

import java.nio.charset.StandardCharsets;
import resguardo.core.RawPath;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;

/** What files are called that are saved from here. */
final class FileNames {
  private static final int LONGEST = 150;
  private static final String PLAIN = "!#$&+-.^_`|~";

  private FileNames() {}

  /** {@code alpha-srv-data-000042.tgz}. */
  static String archive(RegistrationKey key, Serial serial) {
    return archive(key, key.path().memberName(), serial);
  }

  /** The same of a folder of it. */
  static String archive(RegistrationKey key, RawPath folder, Serial serial) {
    String path = plain(folder.text().replace('/', '-'));
    String name = path.isEmpty() || path.equals("file") ? "" : "-" + path;
    return key.node() + name + "-" + serial.text() + ".tgz";
  }

  /** The name of a file, without what another system would take for something else. */
  static String of(RawPath name) {
    return plain(Paths.last(name).text());
  }

  /** No control and no invisible characters, no slashes, no dot at the beginning or the end. */
  private static String plain(String name) {
    StringBuilder out = new StringBuilder();
    name.codePoints()
        .forEach(
            c -> {
              boolean bad =
                  Character.isISOControl(c)
                      || Character.getType(c) == Character.FORMAT
                      || Character.getType(c) == Character.SURROGATE
                      || "\\/:*?\"<>|".indexOf(c) >= 0;
              out.appendCodePoint(bad ? '_' : c);
            });
    String text = out.toString().strip();
    if (text.codePointCount(0, text.length()) > LONGEST) {
      // The end says what it is.
      int from = text.offsetByCodePoints(text.length(), -LONGEST);
      text = text.substring(from);
    }
    text = text.replaceAll("^[. ]+|[. ]+$", "");
    return text.isEmpty() ? "file" : text;
  }

  /** The header that says that it is to be saved, under this name (RFC 6266). */
  static String attachment(String name) {
    StringBuilder ascii = new StringBuilder();
    StringBuilder encoded = new StringBuilder();
    name.codePoints()
        .forEach(
            c ->
                ascii.append(
                    c >= ' ' && c < 0x7f && c != '"' && c != '\\' && c != '%' ? (char) c : '_'));
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      boolean plain = c < 0x80 && (Character.isLetterOrDigit(c) || PLAIN.indexOf(c) >= 0);
      encoded.append(plain ? String.valueOf(c) : String.format("%%%02X", (int) c));
    }
    return "attachment; filename=\"" + ascii + "\"; filename*=UTF-8''" + encoded;
  }
}
