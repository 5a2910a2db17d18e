package resguardo.archive;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import resguardo.core.Sha256;

/**
 * Cuts content where its own bytes say so, so that an insertion moves no cut but those beside it:
 * FastCDC (Xia et al., USENIX ATC 2016) with its normalized chunking. Where it cuts is no part of
 * the format: a reader takes chunks of any size.
 */
final class Chunker {
  /** Files up to here have chunks of 1 MiB on average, larger ones of 2 MiB. */
  private static final long LARGE = 64L << 30;

  private static final int AVERAGE = 1024 * 1024;
  private static final long[] GEAR = gear();

  private final int smallest;
  private final int average;
  private final int largest;
  private final long hard;
  private final long easy;

  /** For a file of this size. */
  Chunker(long size) {
    average = size <= LARGE ? AVERAGE : 2 * AVERAGE;
    smallest = average / 2;
    largest = average * 2;
    int bits = 31 - Integer.numberOfLeadingZeros(average);
    // Two bits more before the average and two fewer after it: most chunks come out near it. The
    // high bits of the hash depend on the most bytes.
    hard = mask(bits + 2);
    easy = mask(bits - 2);
  }

  private static long mask(int bits) {
    return -1L << (Long.SIZE - bits);
  }

  private static long[] gear() {
    long[] gear = new long[256];
    for (int i = 0; i < gear.length; i++) {
      byte[] digest = Sha256.newDigest().digest(("gear " + i).getBytes(StandardCharsets.US_ASCII));
      gear[i] = ByteBuffer.wrap(digest).getLong();
    }
    return gear;
  }

  /** What most chunks are a little longer than. */
  int average() {
    return average;
  }

  /** No chunk is longer. */
  int largest() {
    return largest;
  }

  /**
   * The length of the first chunk.
   *
   * @param length how many bytes there are: {@link #largest}, or fewer at the end of the content
   */
  int cut(byte[] bytes, int length) {
    if (length <= smallest) {
      return length;
    }
    long hash = 0;
    int i = smallest;
    int middle = Math.min(average, length);
    for (; i < middle; i++) {
      hash = (hash << 1) + GEAR[bytes[i] & 0xff];
      if ((hash & hard) == 0) {
        return i + 1;
      }
    }
    int end = Math.min(largest, length);
    for (; i < end; i++) {
      hash = (hash << 1) + GEAR[bytes[i] & 0xff];
      if ((hash & easy) == 0) {
        return i + 1;
      }
    }
    return end;
  }
}
