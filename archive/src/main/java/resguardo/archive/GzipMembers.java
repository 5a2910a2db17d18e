package resguardo.archive;

import java.io.IOException;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import resguardo.core.Sha256;

/**
 * Bytes in, gzip members out: blocks are compressed beside each other and given on in order. How
 * many threads there are changes nothing of what comes out.
 */
final class GzipMembers {
  /**
   * Small enough that one file is read by inflating little more than it, large enough to compress
   * well (within 0.2 %).
   */
  static final int BLOCK = 256 * 1024;

  /** Blocks under way: some for each thread of a small machine, and 2 MiB at the most. */
  private static final int AHEAD = 4;

  private final MemberDeflater deflater;
  private final ExecutorService threads;
  private final ArchiveSink sink;
  private final Deque<Future<byte[]>> underWay = new ArrayDeque<>();
  private final MessageDigest digest = Sha256.newDigest();
  private byte[] block = new byte[BLOCK];
  private int filled;
  private long written;

  GzipMembers(MemberDeflater deflater, ExecutorService threads, ArchiveSink sink) {
    this.deflater = deflater;
    this.threads = threads;
    this.sink = sink;
  }

  void write(byte[] bytes, int offset, int length) throws IOException, InterruptedException {
    int from = offset;
    int left = length;
    while (left > 0) {
      int part = Math.min(left, BLOCK - filled);
      System.arraycopy(bytes, from, block, filled, part);
      filled += part;
      from += part;
      left -= part;
      if (filled == BLOCK) {
        compress();
      }
    }
  }

  private void compress() throws IOException, InterruptedException {
    byte[] full = block;
    int length = filled;
    underWay.add(threads.submit(() -> deflater.member(full, length)));
    block = new byte[BLOCK];
    filled = 0;
    if (underWay.size() >= AHEAD) {
      giveOn(underWay.remove());
    }
  }

  private void giveOn(Future<byte[]> future) throws IOException, InterruptedException {
    byte[] member;
    try {
      member = future.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a block in memory can be compressed", e.getCause());
    }
    digest.update(member);
    written += member.length;
    sink.accept(member);
  }

  /** Gives on all that is left. */
  void finish() throws IOException, InterruptedException {
    if (filled > 0) {
      compress();
    }
    while (!underWay.isEmpty()) {
      giveOn(underWay.remove());
    }
  }

  /** How many bytes were given on. */
  long written() {
    return written;
  }

  /** Of all bytes that were given on; to be asked once, after {@link #finish}. */
  Sha256 digest() {
    return Sha256.ofDigest(digest.digest());
  }
}
