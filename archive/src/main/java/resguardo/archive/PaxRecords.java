package resguardo.archive;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import resguardo.core.RawPath;

/**
 * The records of a PAX header, {@code <length> <key>=<value>\n} each. Values are bytes; of a key,
 * each character is one byte.
 */
final class PaxRecords {
  private static final String ATTRIBUTE = "SCHILY.xattr.";
  private static final String ACL_ACCESS = "SCHILY.acl.access";
  private static final String ACL_DEFAULT = "SCHILY.acl.default";

  private final Map<String, byte[]> records;

  private PaxRecords(Map<String, byte[]> records) {
    this.records = records;
  }

  /** Of an entry that has no such header. */
  static final PaxRecords NONE = new PaxRecords(Map.of());

  /**
   * Reads a header; of a key that is there twice, the last counts.
   *
   * @throws IOException when it is none
   */
  static PaxRecords parse(byte[] header) throws IOException {
    Map<String, byte[]> records = new LinkedHashMap<>();
    for (int at = 0; at < header.length; ) {
      int end = indexOf(header, (byte) ' ', at);
      long length = TarReader.number(Arrays.copyOfRange(header, at, end), 10);
      int equals = indexOf(header, (byte) '=', end);
      int next = (int) Math.min(at + length, (long) header.length + 1);
      if (length < 0 || next > header.length || next <= equals || header[next - 1] != '\n') {
        throw new IOException("a PAX header that is damaged");
      }
      String key = new String(header, end + 1, equals - end - 1, StandardCharsets.ISO_8859_1);
      records.put(key, Arrays.copyOfRange(header, equals + 1, next - 1));
      at = next;
    }
    return new PaxRecords(records);
  }

  /** These, and of others what these do not say. */
  PaxRecords over(PaxRecords others) {
    Map<String, byte[]> all = new LinkedHashMap<>(others.records);
    all.putAll(records);
    return new PaxRecords(all);
  }

  /**
   * The same of headers that follow each other, each of which adds to those before.
   *
   * @throws IOException when they have more together than one may have
   */
  PaxRecords joined(PaxRecords before, int most) throws IOException {
    PaxRecords all = over(before);
    long bytes = 0;
    for (Map.Entry<String, byte[]> one : all.records.entrySet()) {
      bytes += one.getKey().length() + one.getValue().length;
    }
    if (bytes > most) {
      throw new IOException("headers of " + bytes + " bytes together");
    }
    return all;
  }

  private static int indexOf(byte[] header, byte wanted, int from) throws IOException {
    for (int i = from; i < header.length; i++) {
      if (header[i] == wanted) {
        return i;
      }
    }
    throw new IOException("a PAX header that is damaged");
  }

  /** The value of a record; absent when there is none. */
  byte @Nullable [] get(String key) {
    return records.get(key);
  }

  /** The extended attributes that it names, ACLs among them. */
  SortedMap<RawPath, byte[]> attributes() throws IOException {
    SortedMap<RawPath, byte[]> attributes = new TreeMap<>();
    for (Map.Entry<String, byte[]> one : records.entrySet()) {
      String key = one.getKey();
      if (key.startsWith(ATTRIBUTE)) {
        attributes.put(decoded(key.substring(ATTRIBUTE.length())), one.getValue());
      } else if (key.equals(ACL_ACCESS)) {
        attributes.put(RawPath.parse(AclText.ACCESS), AclText.value(one.getValue()));
      } else if (key.equals(ACL_DEFAULT)) {
        attributes.put(RawPath.parse(AclText.DEFAULT), AclText.value(one.getValue()));
      }
    }
    return attributes;
  }

  private static RawPath decoded(String name) throws IOException {
    String text = name.replace("%3D", "=").replace("%25", "%");
    if (text.indexOf(0) >= 0 || text.isEmpty()) {
      throw new IOException("an extended attribute without a name");
    }
    return RawPath.ofBytes(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Adds a record. It says its own length, its digits included. */
  static void add(ByteArrayOutputStream out, String key, byte[] value) {
    int rest = key.length() + value.length + 3;
    int length = rest + String.valueOf(rest).length();
    length = rest + String.valueOf(length).length();
    out.writeBytes((length + " " + key + "=").getBytes(StandardCharsets.ISO_8859_1));
    out.writeBytes(value);
    out.write('\n');
  }

  /** Adds an extended attribute, as GNU tar and bsdtar write and read them. */
  static void addAttribute(ByteArrayOutputStream out, RawPath name, byte[] value) {
    String text = new String(name.bytes(), StandardCharsets.ISO_8859_1);
    String acl =
        text.equals(AclText.ACCESS) || text.equals(AclText.DEFAULT) ? AclText.text(value) : null;
    if (acl != null) {
      add(
          out,
          text.equals(AclText.ACCESS) ? ACL_ACCESS : ACL_DEFAULT,
          acl.getBytes(StandardCharsets.US_ASCII));
    } else {
      // GNU tar writes these two so; bsdtar takes the name as it stands.
      add(out, ATTRIBUTE + text.replace("%", "%25").replace("=", "%3D"), value);
    }
  }
}
