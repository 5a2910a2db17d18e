package resguardo.testkit.net;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One connection through a {@link ChaosProxy}. */
final class ChaosLink {
  private static final int BLOCK = 8 * 1024;

  private final Socket client;
  private final Socket server;
  private final Trouble trouble;
  private final HttpRequests requests = new HttpRequests();
  private volatile boolean silent;

  /** The server has all of a request whose answer is not to come through; absent: it has none. */
  private @Nullable Pattern unlucky;

  /** What happens to all connections of a proxy. */
  static final class Trouble {
    private long rate;
    private long freeAt;
    private ChaosProxy.Way way = ChaosProxy.Way.TO_SERVER;
    private long flipAfter = -1;
    private boolean flipped;
    private @Nullable Pattern request;
    private boolean lost;

    synchronized void loseAnswer(Pattern to) {
      request = to;
      lost = false;
    }

    /** There was no answer that could be lost: that to the next such request is. */
    private synchronized void stillToLose(Pattern to) {
      if (request == null && !lost) {
        request = to;
      }
    }

    synchronized boolean hasLost() {
      return lost;
    }

    /** Whether a request with this head is the one whose answer is to be lost: it is, once. */
    private synchronized Optional<Pattern> takeUnlucky(String head) {
      Optional<Pattern> taken =
          Optional.ofNullable(request).filter(wanted -> wanted.matcher(head).lookingAt());
      if (taken.isPresent()) {
        request = null;
      }
      return taken;
    }

    private synchronized void isLost() {
      lost = true;
    }

    synchronized void rate(long bytesPerSecond) {
      rate = bytesPerSecond;
      freeAt = System.nanoTime();
    }

    synchronized void flip(ChaosProxy.Way which, long after) {
      way = which;
      flipAfter = after;
      flipped = false;
    }

    synchronized boolean hasFlipped() {
      return flipped;
    }

    /** Flips what is to be flipped among these. */
    synchronized void meet(ChaosProxy.Way which, byte[] bytes, int length) {
      if (flipAfter < 0 || which != way) {
        return;
      }
      if (flipAfter < length) {
        bytes[(int) flipAfter] ^= 4;
        flipped = true;
        flipAfter = -1;
      } else {
        flipAfter -= length;
      }
    }

    /** How long these bytes have to wait, in milliseconds. */
    synchronized long wait(int length) {
      if (rate == 0) {
        return 0;
      }
      long now = System.nanoTime();
      freeAt = Math.max(freeAt, now) + length * 1_000_000_000L / rate;
      return (freeAt - now) / 1_000_000;
    }
  }

  ChaosLink(Socket client, Socket server, Trouble trouble) {
    this.client = client;
    this.server = server;
    this.trouble = trouble;
    start(client, server, ChaosProxy.Way.TO_SERVER);
    start(server, client, ChaosProxy.Way.TO_CLIENT);
  }

  private void start(Socket from, Socket to, ChaosProxy.Way way) {
    Thread thread = new Thread(() -> pass(from, to, way), "chaos-link");
    thread.setDaemon(true);
    thread.start();
  }

  private void pass(Socket from, Socket to, ChaosProxy.Way way) {
    byte[] block = new byte[BLOCK];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(block); read >= 0; read = in.read(block)) {
        trouble.meet(way, block, read);
        if (way == ChaosProxy.Way.TO_SERVER) {
          requests.ended(block, read).flatMap(trouble::takeUnlucky).ifPresent(this::expectLoss);
        } else if (losesAnswer()) {
          reset();
          return;
        }
        Thread.sleep(trouble.wait(read));
        if (!silent) {
          out.write(block, 0, read);
        }
      }
    } catch (IOException cut) {
      // by either end, or by us
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!silent) {
      close(client);
      close(server);
    }
    noAnswer();
  }

  private synchronized void expectLoss(Pattern request) {
    unlucky = request;
  }

  private synchronized boolean losesAnswer() {
    if (unlucky == null) {
      return false;
    }
    unlucky = null;
    trouble.isLost();
    return true;
  }

  /** The connection has ended: a client may make the same request over another. */
  private synchronized void noAnswer() {
    if (unlucky != null) {
      trouble.stillToLose(unlucky);
      unlucky = null;
    }
  }

  boolean isOver() {
    return client.isClosed() && server.isClosed();
  }

  void silence() {
    silent = true;
  }

  void reset() {
    try {
      client.setSoLinger(true, 0); // closing then sends a reset
      server.setSoLinger(true, 0);
    } catch (SocketException closedAlready) {
      // all the better
    }
    close(client);
    close(server);
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // it is gone all the same
    }
  }
}
