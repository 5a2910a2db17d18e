package resguardo.core.stream;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Bytes from one thread to another, in the blocks in which they come: so many of them at the most
 * are under way. Unlike in Java's own pipe whoever waits is woken at once.
 */
public final class BlockPipe {
  private final int most;
  private final Queue<byte[]> blocks = new ArrayDeque<>();
  private boolean ended;
  private boolean abandoned;
  private @Nullable IOException failure;

  /**
   * @param most how many blocks may wait to be read
   */
  public BlockPipe(int most) {
    this.most = most;
  }

  /**
   * Gives a block, once there is room for it.
   *
   * @param block belongs to the pipe from now on
   * @throws IOException when nobody reads it any more
   */
  public synchronized void put(byte[] block) throws IOException {
    while (blocks.size() >= most && !abandoned) {
      await();
    }
    if (abandoned) {
      throw new IOException("nobody reads it any more");
    }
    if (block.length > 0) {
      blocks.add(block);
      notifyAll();
    }
  }

  /** That was all. */
  public synchronized void end() {
    ended = true;
    notifyAll();
  }

  /** No more will come: the reader is told why, after what it has been given until now. */
  public synchronized void fail(IOException why) {
    failure = why;
    end();
  }

  private synchronized byte @Nullable [] take() throws IOException {
    while (blocks.isEmpty() && !ended) {
      await();
    }
    byte @Nullable [] next = blocks.poll();
    if (next == null && failure != null) {
      throw new IOException(failure.getMessage(), failure);
    }
    notifyAll();
    return next;
  }

  private synchronized void await() throws InterruptedIOException {
    try {
      wait();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  private synchronized void abandon() {
    abandoned = true;
    blocks.clear();
    notifyAll();
  }

  /** Each write gives a block; closing it is the end. */
  public OutputStream out() {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        put(new byte[] {(byte) b});
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        put(Arrays.copyOfRange(bytes, offset, offset + length));
      }

      @Override
      public void close() {
        end();
      }
    };
  }

  /** What was given; closing it tells the other side that nobody reads it any more. */
  public InputStream in() {
    return new Blocks();
  }

  /**
   * Reads a stream on a thread of its own, so that making its bytes and using them go on at the
   * same time.
   *
   * @param in read to its end, unless the result is closed before; closed either way
   * @param length of a block
   * @param most how many blocks may wait to be read
   */
  public static InputStream ahead(InputStream in, int length, int most) {
    BlockPipe pipe = new BlockPipe(most);
    Thread thread = new Thread(() -> pipe.fill(in, length), "reads ahead");
    thread.setDaemon(true);
    thread.start();
    return pipe.in();
  }

  private void fill(InputStream from, int length) {
    try (from) {
      for (byte[] block = from.readNBytes(length);
          block.length > 0;
          block = from.readNBytes(length)) {
        put(block);
      }
      end();
    } catch (IOException e) {
      fail(e);
    } catch (RuntimeException | Error e) { // the reader must not wait for ever
      fail(new IOException(e));
    }
  }

  private final class Blocks extends InputStream {
    private byte @Nullable [] block;
    private int at;

    private boolean isAtEnd() throws IOException {
      if (block == null || at == block.length) {
        block = take();
        at = 0;
      }
      return block == null;
    }

    @Override
    public int read() throws IOException {
      return isAtEnd() || block == null ? -1 : block[at++] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (isAtEnd() || block == null) {
        return -1;
      }
      int part = Math.min(length, block.length - at);
      System.arraycopy(block, at, into, offset, part);
      at += part;
      return part;
    }

    @Override
    public int available() {
      return block == null ? 0 : block.length - at;
    }

    @Override
    public void close() {
      abandon();
    }
  }
}
