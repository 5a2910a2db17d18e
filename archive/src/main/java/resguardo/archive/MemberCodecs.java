package resguardo.archive;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import resguardo.core.BackupOptions.Codec;
import resguardo.core.stream.GzipMembers;

/**
 * Takes apart what deflaters made, by whichever codec: both say which they are in their first
 * bytes. What comes out is never more than the reader has room for.
 */
public final class MemberCodecs {
  private static final byte[] GZIP = {0x1f, (byte) 0x8b};
  private static final byte[] ZSTD = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd};

  /** By deflate, and with no flags: other headers are longer. */
  private static final byte[] PLAIN_GZIP = {0x1f, (byte) 0x8b, 8, 0};

  private static final int GZIP_TRAILER = 8;

  /**
   * 8 MiB, as a power of two: twice of what a member may hold. A stream that asks for more is
   * refused.
   */
  private static final int LARGEST_WINDOW = 23;

  private MemberCodecs() {}

  /**
   * Which codec made this.
   *
   * @param packed at least its first four bytes
   * @throws IOException when neither did
   */
  static Codec of(byte[] packed) throws IOException {
    if (startsWith(packed, GZIP)) {
      return Codec.GZIP;
    } else if (startsWith(packed, ZSTD)) {
      return Codec.ZSTD;
    }
    throw new IOException("neither gzip nor zstd");
  }

  private static boolean startsWith(byte[] packed, byte[] magic) {
    return packed.length >= magic.length
        && Arrays.equals(packed, 0, magic.length, magic, 0, magic.length);
  }

  /**
   * What a member holds.
   *
   * @param raw how many bytes that is
   * @throws IOException when it holds fewer or more, or others than its checksum is of, or is none
   */
  static byte[] inflate(byte[] member, int raw) throws IOException {
    return of(member) == Codec.GZIP ? inflateGzip(member, raw) : inflateZstd(member, raw);
  }

  /**
   * Looks whether a member is as its deflater made it: both codecs add up what went in. Costs what
   * it costs to inflate it.
   *
   * @param member not encrypted
   * @param raw how many bytes it holds
   * @throws IOException when it is not
   */
  public static void check(byte[] member, int raw) throws IOException {
    inflate(member, raw);
  }

  private static byte[] inflateZstd(byte[] member, int raw) throws IOException {
    byte[] out = new byte[raw];
    try {
      long size = Zstd.decompressByteArray(out, 0, raw, member, 0, member.length);
      if (Zstd.isError(size)) {
        throw new IOException("a member that cannot be inflated: " + Zstd.getErrorName(size));
      } else if (size != raw) {
        throw new IOException("a member that holds " + size + " bytes instead of " + raw);
      }
      return out;
    } catch (ZstdException e) {
      throw new IOException("a member that cannot be inflated: " + e.getMessage());
    }
  }

  private static byte[] inflateGzip(byte[] member, int raw) throws IOException {
    int header = JdkDeflater.HEADER.length;
    if (member.length < header + GZIP_TRAILER) {
      throw new IOException("a member of " + member.length + " bytes");
    } else if (!startsWith(member, PLAIN_GZIP)) {
      throw new IOException("a member with a header that none of ours has");
    }
    Inflater inflater = new Inflater(true);
    try {
      inflater.setInput(member, header, member.length - header);
      byte[] out = new byte[raw];
      int filled = 0;
      while (filled < raw && !inflater.finished()) {
        int more = inflater.inflate(out, filled, raw - filled);
        if (more == 0) {
          break;
        }
        filled += more;
      }
      if (filled != raw) {
        throw new IOException("a member that holds " + filled + " bytes instead of " + raw);
      } else if (inflater.inflate(new byte[1]) > 0) {
        throw new IOException("a member that holds more than " + raw + " bytes");
      } else if (!inflater.finished() || inflater.getRemaining() != GZIP_TRAILER) {
        // What comes after it would be another member to whoever reads the archive as a whole.
        throw new IOException("a member that ends elsewhere than it should");
      }
      compareWithTrailer(member, out);
      return out;
    } catch (DataFormatException e) {
      throw new IOException("a member that cannot be inflated: " + e.getMessage());
    } finally {
      inflater.end();
    }
  }

  /** As zstd does itself; the deflate within knows of no checksum. */
  private static void compareWithTrailer(byte[] member, byte[] held) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(held);
    ByteBuffer trailer = ByteBuffer.wrap(member).order(ByteOrder.LITTLE_ENDIAN);
    if (trailer.getInt(member.length - GZIP_TRAILER) != (int) crc.getValue()
        || trailer.getInt(member.length - Integer.BYTES) != held.length) {
      throw new IOException("a member that holds other bytes than its checksum is of");
    }
  }

  /**
   * The tar of a packed archive, as its bytes come.
   *
   * @param packed closed with the result
   * @param buffer of packed bytes
   * @throws IOException when it begins as neither gzip nor zstd does
   */
  public static InputStream unpacked(InputStream packed, int buffer) throws IOException {
    BufferedInputStream in = new BufferedInputStream(packed, buffer);
    in.mark(ZSTD.length);
    Codec codec = of(in.readNBytes(ZSTD.length));
    in.reset();
    return codec == Codec.GZIP
        ? GzipMembers.unpacked(in, buffer)
        : new ZstdInputStream(in).setLongMax(LARGEST_WINDOW);
  }
}
