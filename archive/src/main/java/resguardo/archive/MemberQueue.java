package resguardo.archive;

import java.io.IOException;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import resguardo.core.Sha256;

/**
 * Blocks in, members out: they are compressed beside each other and given on in order. How many
 * threads there are changes nothing of what comes out.
 */
final class MemberQueue {
  /** Bytes that lie here, compressed or not: work for each core of a small machine. */
  private static final int AHEAD = 4 * 1024 * 1024;

  /** Told where a member lies, once that is known. */
  interface Given {
    void at(long offset, int length) throws IOException, InterruptedException;
  }

  private record UnderWay(Future<byte[]> member, int raw, Given given) {}

  private final MemberDeflater deflater;
  private final ExecutorService threads;
  private final ArchiveSink sink;
  private final Deque<UnderWay> underWay = new ArrayDeque<>();
  private final MessageDigest digest = Sha256.newDigest();
  private int bytesUnderWay;
  private long written;

  MemberQueue(MemberDeflater deflater, ExecutorService threads, ArchiveSink sink) {
    this.deflater = deflater;
    this.threads = threads;
    this.sink = sink;
  }

  /**
   * Adds a block to be compressed.
   *
   * @param block belongs to the queue from now on
   */
  void compress(byte[] block, int length, Given given) throws IOException, InterruptedException {
    add(threads.submit(() -> deflater.packed(block, length)), length, given);
  }

  /** Adds a member that is compressed already. */
  void copy(byte[] member) throws IOException, InterruptedException {
    add(CompletableFuture.completedFuture(member), member.length, (offset, length) -> {});
  }

  private void add(Future<byte[]> member, int raw, Given given)
      throws IOException, InterruptedException {
    underWay.add(new UnderWay(member, raw, given));
    bytesUnderWay += raw;
    while (bytesUnderWay > AHEAD || (!underWay.isEmpty() && underWay.peek().member().isDone())) {
      giveOn(underWay.remove());
    }
  }

  private void giveOn(UnderWay next) throws IOException, InterruptedException {
    byte[] member;
    try {
      member = next.member().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a block in memory can be compressed", e.getCause());
    }
    bytesUnderWay -= next.raw();
    long offset = written;
    digest.update(member);
    written += member.length;
    sink.accept(member);
    next.given().at(offset, member.length);
  }

  /** Gives on all that is left. */
  void finish() throws IOException, InterruptedException {
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
