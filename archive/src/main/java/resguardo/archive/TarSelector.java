package resguardo.archive;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import resguardo.core.RawPath;
import resguardo.core.Sha256;

/**
 * Makes a smaller archive of one that {@link TarGzWriter} wrote: one entry, with all that is below
 * it. The blocks of what is selected are copied as they are.
 */
public final class TarSelector {
  private static final int BLOCK = TarHeaders.BLOCK;
  private static final int NAME_END = 100;
  private static final int SIZE_AT = 124;
  private static final int SIZE_END = 136;
  private static final int TYPE_AT = 156;
  private static final int LINK_AT = 157;
  private static final byte PAX = 'x';
  private static final byte HARD_LINK = '1';

  /** More than any header that we write has: names and links of 16 KiB, and some numbers. */
  private static final int LARGEST_PAX = 1024 * 1024;

  private static final int BUFFER = 64 * 1024;

  private final InputStream tar;
  private final RawPath wanted;
  private final GzipMembers out;

  private TarSelector(InputStream tar, RawPath wanted, GzipMembers out) {
    this.tar = tar;
    this.wanted = wanted;
    this.out = out;
  }

  /** What was made. */
  public record Selected(long archiveBytes, Sha256 archiveDigest) {}

  /**
   * Reads an archive to its end and gives on what is selected.
   *
   * @param archive a {@code .tgz} of this format
   * @param wanted the name of an entry in it
   * @throws IOException when the archive cannot be read, or an entry that is wanted is only another
   *     name of one that is not
   */
  public static Selected select(
      InputStream archive,
      RawPath wanted,
      MemberDeflater deflater,
      ExecutorService threads,
      ArchiveSink sink)
      throws IOException, InterruptedException {
    GzipMembers out = new GzipMembers(deflater, threads, sink);
    new TarSelector(new GZIPInputStream(archive, BUFFER), wanted, out).run();
    out.write(new byte[2 * BLOCK], 0, 2 * BLOCK);
    out.finish();
    return new Selected(out.written(), out.digest());
  }

  private void run() throws IOException, InterruptedException {
    byte[] block = new byte[BLOCK];
    byte[] pax = new byte[0];
    for (read(block); !isZero(block); read(block)) {
      if (block[TYPE_AT] == PAX) {
        pax = paxWithHeader(block);
        continue;
      }
      RawPath name = name(block, pax);
      long size = size(block, pax);
      boolean selected = isWanted(name);
      if (selected && block[TYPE_AT] == HARD_LINK && !isWanted(link(block, pax))) {
        throw new IOException(name + " is another name of " + link(block, pax) + ": ask for that");
      }
      if (selected) {
        out.write(pax, 0, pax.length);
        out.write(block, 0, BLOCK);
      }
      content(size + TarHeaders.padding(size), selected);
      pax = new byte[0];
    }
    tar.transferTo(
        java.io.OutputStream.nullOutputStream()); // to its end, so that its digest is known
  }

  private byte[] paxWithHeader(byte[] block) throws IOException {
    long size = size(block, new byte[0]);
    if (size > LARGEST_PAX) {
      throw new IOException("a header of " + size + " bytes");
    }
    byte[] all = Arrays.copyOf(block, BLOCK + (int) size + TarHeaders.padding(size));
    int rest = all.length - BLOCK;
    if (tar.readNBytes(all, BLOCK, rest) != rest) {
      throw new EOFException("the archive ends within a header");
    }
    return all;
  }

  private boolean isWanted(RawPath name) {
    byte[] a = wanted.bytes();
    byte[] b = name.bytes();
    return b.length >= a.length
        && Arrays.equals(a, 0, a.length, b, 0, a.length)
        && (b.length == a.length || a.length == 0 || b[a.length] == '/');
  }

  private void content(long length, boolean selected) throws IOException, InterruptedException {
    byte[] buffer = new byte[BUFFER];
    for (long left = length; left > 0; ) {
      int read = tar.read(buffer, 0, (int) Math.min(left, buffer.length));
      if (read < 0) {
        throw new EOFException("the archive ends within an entry");
      }
      if (selected) {
        out.write(buffer, 0, read);
      }
      left -= read;
    }
  }

  private void read(byte[] block) throws IOException {
    if (tar.readNBytes(block, 0, BLOCK) != BLOCK) {
      throw new EOFException("the archive ends without its end");
    }
  }

  private static boolean isZero(byte[] block) {
    return Arrays.equals(block, new byte[BLOCK]);
  }

  private static RawPath name(byte[] block, byte[] pax) {
    byte @Nullable [] longName = record(pax, "path");
    byte[] name = longName != null ? longName : field(block, 0, NAME_END);
    boolean folder = name.length > 1 && name[name.length - 1] == '/';
    return RawPath.ofBytes(folder ? Arrays.copyOf(name, name.length - 1) : name);
  }

  private static RawPath link(byte[] block, byte[] pax) {
    byte @Nullable [] longName = record(pax, "linkpath");
    return RawPath.ofBytes(longName != null ? longName : field(block, LINK_AT, LINK_AT + NAME_END));
  }

  private static long size(byte[] block, byte[] pax) throws IOException {
    byte @Nullable [] large = record(pax, "size");
    String text =
        new String(
                large != null ? large : field(block, SIZE_AT, SIZE_END),
                StandardCharsets.ISO_8859_1)
            .strip();
    try {
      return text.isEmpty() ? 0 : Long.parseLong(text, large != null ? 10 : 8);
    } catch (NumberFormatException e) {
      throw new IOException("an entry whose size cannot be read", e);
    }
  }

  private static byte[] field(byte[] block, int from, int to) {
    int end = from;
    while (end < to && block[end] != 0) {
      end++;
    }
    return Arrays.copyOfRange(block, from, end);
  }

  /** The value of a record {@code <length> <key>=<value>\n}; absent when there is none. */
  private static byte @Nullable [] record(byte[] pax, String key) {
    int at = BLOCK;
    while (at < pax.length && pax[at] >= '0' && pax[at] <= '9') {
      int length = 0;
      int digit = at;
      for (; digit < pax.length && pax[digit] != ' '; digit++) {
        length = length * 10 + pax[digit] - '0';
      }
      int equals = digit + 1 + key.length();
      if (length <= 0 || at + length > pax.length) {
        return null;
      }
      String found =
          new String(
              pax,
              digit + 1,
              Math.min(key.length() + 1, at + length - digit - 1),
              StandardCharsets.ISO_8859_1);
      if (found.equals(key + "=")) {
        return Arrays.copyOfRange(pax, equals + 1, at + length - 1);
      }
      at += length;
    }
    return null;
  }
}
