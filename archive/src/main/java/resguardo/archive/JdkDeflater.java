package resguardo.archive;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import resguardo.core.BackupOptions;
import resguardo.core.version.ArchiveForm;

/** The zlib that every Java has. */
public final class JdkDeflater implements MemberDeflater {
  /** Magic, deflate, no flags, no time, no hint, unknown system: RFC 1952, section 2.3. */
  static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff};

  static final int TRAILER = 8;

  private final int level;

  /**
   * @param level 1 (fast) to 9 (small)
   */
  public JdkDeflater(int level) {
    if (level < 1 || level > 9) {
      throw new IllegalArgumentException("a level is 1 to 9: " + level);
    }
    this.level = level;
  }

  @Override
  public ArchiveForm form() {
    return new ArchiveForm(BackupOptions.Codec.GZIP, "jdk-zlib", level);
  }

  @Override
  public byte[] member(byte[] block, int length) {
    Deflater deflater = new Deflater(level, true);
    try {
      deflater.setInput(block, 0, length);
      deflater.finish();
      byte[] out = Arrays.copyOf(HEADER, HEADER.length + bound(length) + TRAILER);
      int end = HEADER.length;
      while (!deflater.finished()) {
        end += deflater.deflate(out, end, out.length - TRAILER - end);
      }
      CRC32 crc = new CRC32();
      crc.update(block, 0, length);
      ByteBuffer.wrap(out, end, TRAILER)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putInt((int) crc.getValue())
          .putInt(length);
      return Arrays.copyOf(out, end + TRAILER);
    } finally {
      deflater.end();
    }
  }

  /** The most that deflate makes of so many bytes: zlib's deflateBound for any parameters. */
  private static int bound(int length) {
    return length + ((length + 7) >> 3) + ((length + 63) >> 6) + 11;
  }
}
