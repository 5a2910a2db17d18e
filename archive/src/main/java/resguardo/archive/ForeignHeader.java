package resguardo.archive;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import resguardo.archive.ForeignTar.RefusedException;
import resguardo.core.RawPath;
import resguardo.core.version.Entry;

/** What an entry's own header in a tar, and those before it, say. */
final class ForeignHeader {
  private static final int TYPE = ForeignTar.TYPE;

  /** In bytes: eight times what Linux takes at once. */
  static final int LONGEST_NAME = 32 * 1024;

  private static final long LARGEST_ID = 0xffff_ffffL;

  record Attributes(@Nullable SortedMap<String, String> values, boolean complete) {}

  private final byte[] block;
  private final PaxRecords pax;
  private final ForeignTar.Before before;

  ForeignHeader(byte[] block, PaxRecords pax, ForeignTar.Before before) {
    this.block = block;
    this.pax = pax;
    this.before = before;
  }

  Entry.Type type() throws RefusedException {
    char flag = (char) block[TYPE];
    return switch (flag) {
      case 0, '0', '7', 'S' -> endsInSlash() ? Entry.Type.FOLDER : Entry.Type.FILE;
      case '1' -> Entry.Type.HARD_LINK;
      case '2' -> Entry.Type.SYMLINK;
      case '3' -> Entry.Type.CHARACTER_DEVICE;
      case '4' -> Entry.Type.BLOCK_DEVICE;
      case '5', 'D' -> Entry.Type.FOLDER;
      case '6' -> Entry.Type.FIFO;
      case 'M' -> throw new RefusedException("it is a later part of several: " + shownName());
      default ->
          throw new RefusedException(
              shownName() + " is of a type that is not known: " + (int) flag);
    };
  }

  /** So folders were written before there was a type for them. */
  private boolean endsInSlash() throws RefusedException {
    byte[] name = name();
    return block[TYPE] != 'S' && name.length > 0 && name[name.length - 1] == '/';
  }

  /** Every copy of a longer one costs, and each of its parts makes one. */
  byte[] name() throws RefusedException {
    byte[] name = anyName();
    if (name.length > LONGEST_NAME) {
      throw new RefusedException("a name of " + name.length + " bytes");
    }
    return name;
  }

  private byte[] anyName() {
    byte[] given = given("path");
    if (given != null) {
      return given;
    } else if (before.name != null) {
      return before.name;
    }
    byte[] name = ForeignTar.field(block, 0, 100);
    byte[] prefix = isUstar() ? ForeignTar.field(block, 345, 500) : new byte[0];
    return prefix.length == 0
        ? name
        : RawPath.ofBytes(prefix).resolve(RawPath.ofBytes(name)).bytes();
  }

  /** GNU has other things where ustar has the beginning of a name. */
  private boolean isUstar() {
    return Arrays.equals(block, 257, 263, "ustar\0".getBytes(StandardCharsets.US_ASCII), 0, 6);
  }

  String shownName() throws RefusedException {
    return RawPath.ofBytes(name()).toString();
  }

  @Nullable RawPath link(Entry.Type type) throws RefusedException {
    if (type != Entry.Type.SYMLINK && type != Entry.Type.HARD_LINK) {
      return null;
    }
    byte[] given = given("linkpath");
    byte[] link =
        given != null
            ? given
            : before.link != null ? before.link : ForeignTar.field(block, 157, 257);
    if (link.length == 0) {
      throw new RefusedException(shownName() + " is a link that points nowhere");
    }
    return type == Entry.Type.SYMLINK ? RawPath.ofBytes(link) : ForeignTar.clean(link);
  }

  int mode() throws IOException {
    return (int) (number(block, 100, 108) & 07777);
  }

  long id(String key, int from, int to) throws IOException {
    long id = number(key, from, to);
    if (id < 0 || id > LARGEST_ID) {
      throw new RefusedException(shownName() + " has an owner that cannot be: " + id);
    }
    return id;
  }

  long number(String key, int from, int to) throws IOException {
    byte[] given = given(key);
    return given == null ? number(block, from, to) : TarReader.number(given, 10);
  }

  /** Octal digits, or binary, as GNU writes what they cannot say. */
  static long number(byte[] block, int from, int to) throws IOException {
    byte first = block[from];
    if ((first & 0x80) == 0) {
      return TarReader.number(ForeignTar.field(block, from, to), 8);
    }
    byte[] bytes = Arrays.copyOfRange(block, from, to);
    bytes[0] = (byte) ((first & 0x40) == 0 ? first & 0x7f : first);
    try {
      return new BigInteger(bytes).longValueExact();
    } catch (ArithmeticException e) {
      throw new RefusedException("a number in a header that no file has");
    }
  }

  BigDecimal time() throws IOException {
    byte[] given = given("mtime");
    if (given == null) {
      return BigDecimal.valueOf(number(block, 136, 148));
    }
    try {
      BigDecimal time = TarReader.decimal(given);
      time.setScale(0, RoundingMode.FLOOR).longValueExact();
      return time;
    } catch (ArithmeticException | NumberFormatException e) {
      throw new RefusedException(shownName() + " has a time that is none");
    }
  }

  /** Absent where there is none, or none that a user or group could have. */
  @Nullable String owner(String key, int from, int to) {
    byte[] given = given(key);
    byte[] bytes = given == null ? ForeignTar.field(block, from, to) : given;
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return text.isEmpty() || !Entry.isOwner(text) ? null : text;
    } catch (CharacterCodingException notText) {
      return null;
    }
  }

  Entry.Device device() throws IOException {
    return new Entry.Device((int) number(block, 329, 337), (int) number(block, 337, 345));
  }

  /** Those that can be kept; what ACLs are written with names is not known here. */
  Attributes attributes(Entry.Type type) {
    if (type == Entry.Type.HARD_LINK) {
      return new Attributes(null, true);
    }
    try {
      SortedMap<String, String> values = new TreeMap<>();
      int bytes = 0;
      for (Map.Entry<RawPath, byte[]> one : pax.attributes().entrySet()) {
        bytes += one.getKey().length() + one.getValue().length;
        values.put(one.getKey().text(), Base64.getEncoder().encodeToString(one.getValue()));
      }
      return bytes > ExtendedAttributes.MOST_BYTES
          ? new Attributes(null, false)
          : new Attributes(values, true);
    } catch (IOException notOurs) {
      return new Attributes(null, false);
    }
  }

  /** Of a record without a value there is none. */
  private byte @Nullable [] given(String key) {
    byte[] given = pax.get(key);
    return given == null || given.length == 0 ? null : given;
  }
}
