package resguardo.archive;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Base64;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.zip.ZipEncoding;
import org.apache.commons.compress.archivers.zip.ZipEncodingHelper;
import org.jspecify.annotations.Nullable;
import resguardo.core.RawPath;
import resguardo.core.version.Entry;

/**
 * The tar header of an entry: a ustar block, before it a PAX header with what the block cannot say.
 * Names are bytes here: they are passed through the library as ISO 8859-1, in which each byte is
 * one character.
 */
final class TarHeaders {
  static final int BLOCK = 512;

  private static final int LONGEST_NAME = 100;
  private static final int LONGEST_OWNER = 32;

  private static final int NANOS = 1_000_000_000;

  /** Numbers of eight octets, one of them the end: uid, gid. */
  private static final long LARGEST_ID = 07777777;

  /** Numbers of twelve octets: size, time. */
  private static final long LARGEST_SIZE = 077777777777L;

  /**
   * What a PAX header is called; the name is shown by tars that do not know PAX, and is the same
   * for all (P5).
   */
  private static final String PAX_NAME = "./PaxHeaders/resguardo";

  private static final ZipEncoding BYTES = ZipEncodingHelper.getZipEncoding("ISO-8859-1");

  private TarHeaders() {}

  /**
   * All header blocks of an entry that tar has a form for; of a sparse file with the map, after
   * which comes its data.
   */
  static byte[] of(Entry entry) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(BLOCK * 3);
    byte[] records = paxRecords(entry);
    if (records.length > 0) {
      TarArchiveEntry pax =
          new TarArchiveEntry(PAX_NAME, TarConstants.LF_PAX_EXTENDED_HEADER_LC, true);
      plain(pax);
      pax.setSize(records.length);
      out.writeBytes(block(pax, false));
      out.writeBytes(records);
      out.writeBytes(new byte[padding(records.length)]);
    }
    byte[] map = map(entry);
    out.writeBytes(block(ustar(entry, map.length + entry.stored()), entry.data() != null));
    out.writeBytes(map);
    return out.toByteArray();
  }

  /** How many zero bytes fill the last block. */
  static int padding(long size) {
    return (int) ((BLOCK - size % BLOCK) % BLOCK);
  }

  private static byte[] map(Entry entry) {
    return entry.data() == null ? new byte[0] : SparseMap.blocks(entry, entry.data());
  }

  private static TarArchiveEntry ustar(Entry entry, long stored) {
    byte[] name = entry.data() == null ? memberName(entry) : SparseMap.standIn(entry.name());
    TarArchiveEntry tar = new TarArchiveEntry(cut(name), flag(entry.type()), true);
    plain(tar);
    tar.setMode(entry.mode());
    tar.setUserId(entry.uid());
    tar.setGroupId(entry.gid());
    tar.setUserName(fits(entry.user()) ? orEmpty(entry.user()) : "");
    tar.setGroupName(fits(entry.group()) ? orEmpty(entry.group()) : "");
    tar.setLastModifiedTime(FileTime.from(Instant.ofEpochSecond(entry.mtimeSeconds())));
    tar.setSize(entry.type() == Entry.Type.FILE ? stored : 0);
    if (entry.link() != null) {
      tar.setLinkName(cut(entry.link().bytes()));
    }
    if (entry.device() != null) {
      tar.setDevMajor(entry.device().major());
      tar.setDevMinor(entry.device().minor());
    }
    return tar;
  }

  /** Takes off what the library fills in from the machine it runs on. */
  private static void plain(TarArchiveEntry tar) {
    tar.setUserName("");
    tar.setGroupName("");
    tar.setLastModifiedTime(FileTime.fromMillis(0));
    tar.setMode(0644);
  }

  private static byte flag(Entry.Type type) {
    return switch (type) {
      case FILE -> TarConstants.LF_NORMAL;
      case FOLDER -> TarConstants.LF_DIR;
      case SYMLINK -> TarConstants.LF_SYMLINK;
      case HARD_LINK -> TarConstants.LF_LINK;
      case FIFO -> TarConstants.LF_FIFO;
      case CHARACTER_DEVICE -> TarConstants.LF_CHR;
      case BLOCK_DEVICE -> TarConstants.LF_BLK;
      case SOCKET -> throw new IllegalArgumentException("tar has no form for a socket");
    };
  }

  private static byte[] block(TarArchiveEntry tar, boolean binarySize) {
    byte[] block = new byte[BLOCK];
    try {
      // Sizes are written as binary numbers only where a record cannot say them.
      tar.writeEntryHeader(block, BYTES, binarySize);
    } catch (IOException e) {
      throw new UncheckedIOException("memory can be written", e);
    }
    return block;
  }

  private static byte[] paxRecords(Entry entry) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] name = memberName(entry);
    if (name.length > LONGEST_NAME && entry.data() == null) {
      PaxRecords.add(out, "path", name);
    }
    if (entry.link() != null && entry.link().length() > LONGEST_NAME) {
      PaxRecords.add(out, "linkpath", entry.link().bytes());
    }
    if (entry.mtimeNanos() != 0
        || entry.mtimeSeconds() < 0
        || entry.mtimeSeconds() > LARGEST_SIZE) {
      PaxRecords.add(out, "mtime", ascii(time(entry.mtimeSeconds(), entry.mtimeNanos())));
    }
    if (entry.data() != null) {
      // Not with a size too: Python takes that for the size of the file.
      SparseMap.addRecords(out, entry);
    } else if (entry.size() > LARGEST_SIZE) {
      PaxRecords.add(out, "size", ascii(String.valueOf(entry.size())));
    }
    if (entry.uid() > LARGEST_ID) {
      PaxRecords.add(out, "uid", ascii(String.valueOf(entry.uid())));
    }
    if (entry.gid() > LARGEST_ID) {
      PaxRecords.add(out, "gid", ascii(String.valueOf(entry.gid())));
    }
    if (!fits(entry.user())) {
      PaxRecords.add(out, "uname", orEmpty(entry.user()).getBytes(StandardCharsets.UTF_8));
    }
    if (!fits(entry.group())) {
      PaxRecords.add(out, "gname", orEmpty(entry.group()).getBytes(StandardCharsets.UTF_8));
    }
    attributes(entry, out);
    return out.toByteArray();
  }

  private static void attributes(Entry entry, ByteArrayOutputStream out) {
    if (entry.attributes() != null) {
      entry
          .attributes()
          .forEach(
              (name, value) ->
                  PaxRecords.addAttribute(
                      out, RawPath.parse(name), Base64.getDecoder().decode(value)));
    }
  }

  /**
   * Seconds and their fraction as a decimal number; before 1970 the fraction counts away from it.
   */
  static String time(long seconds, int nanos) {
    boolean negative = seconds < 0;
    long whole = negative && nanos > 0 ? seconds + 1 : seconds;
    int fraction = negative && nanos > 0 ? NANOS - nanos : nanos;
    String sign = negative && whole == 0 ? "-" : "";
    return fraction == 0
        ? String.valueOf(whole)
        : sign + whole + "." + String.valueOf(NANOS + fraction).substring(1);
  }

  private static boolean fits(@Nullable String owner) {
    return owner == null || (owner.length() < LONGEST_OWNER && isAscii(owner));
  }

  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 0x80) {
        return false;
      }
    }
    return true;
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  /** The name with the slash that tar puts after a folder's; the root folder is {@code ./}. */
  private static byte[] memberName(Entry entry) {
    byte[] name = entry.name().length() == 0 ? ascii(".") : entry.name().bytes();
    if (entry.type() != Entry.Type.FOLDER) {
      return name;
    }
    byte[] folder = java.util.Arrays.copyOf(name, name.length + 1);
    folder[name.length] = '/';
    return folder;
  }

  private static String cut(byte[] name) {
    return new String(name, 0, Math.min(name.length, LONGEST_NAME), StandardCharsets.ISO_8859_1);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
