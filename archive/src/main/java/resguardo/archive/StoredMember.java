package resguardo.archive;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;

/**
 * A gzip member of stored blocks, for what does not become smaller: compressing it would cost time
 * and save nothing.
 */
final class StoredMember {
  /** A stored block of deflate has a length of 16 bits: RFC 1951, section 3.2.4. */
  private static final int LARGEST_BLOCK = 65_535;

  private static final int BLOCK_HEADER = 5;

  /** What is looked at of a block, at three places, to judge the whole. */
  private static final int SAMPLE = 4 * 1024;

  private static final int SAMPLES = 3;

  /** Below this a sample says little: all is compressed. */
  private static final int SMALL = 64 * 1024;

  /** A sample that does not shrink by one part in this many is taken for incompressible. */
  private static final int SHRINKS = 32;

  private StoredMember() {}

  /** The member that the deflater makes, or a stored one where that would not help. */
  static byte[] orDeflated(MemberDeflater deflater, byte[] block, int length) {
    return length >= SMALL && isIncompressible(deflater, block, length)
        ? of(block, length)
        : deflater.member(block, length);
  }

  private static boolean isIncompressible(MemberDeflater deflater, byte[] block, int length) {
    byte[] sample = new byte[SAMPLE * SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
      System.arraycopy(block, (length - SAMPLE) / (SAMPLES - 1) * i, sample, i * SAMPLE, SAMPLE);
    }
    return deflater.member(sample, sample.length).length > sample.length - sample.length / SHRINKS;
  }

  private static byte[] of(byte[] block, int length) {
    int blocks = Math.max(1, (length + LARGEST_BLOCK - 1) / LARGEST_BLOCK);
    ByteBuffer out =
        ByteBuffer.allocate(
                JdkDeflater.HEADER.length + length + blocks * BLOCK_HEADER + JdkDeflater.TRAILER)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put(JdkDeflater.HEADER);
    for (int i = 0; i < blocks; i++) {
      int from = i * LARGEST_BLOCK;
      int part = Math.min(LARGEST_BLOCK, length - from);
      out.put((byte) (i == blocks - 1 ? 1 : 0)).putShort((short) part).putShort((short) ~part);
      out.put(block, from, part);
    }
    CRC32 crc = new CRC32();
    crc.update(block, 0, length);
    return out.putInt((int) crc.getValue()).putInt(length).array();
  }
}
