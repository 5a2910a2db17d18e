package resguardo.testkit.net;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Stands between a client and a server of this machine, and makes the network between them go
 * wrong: cut, silent, slow, or with bits flipped. Until it is told to, it passes everything on.
 */
public final class ChaosProxy implements AutoCloseable {
  private final int target;
  private final ServerSocket server;
  private final Set<ChaosLink> links = ConcurrentHashMap.newKeySet();
  private final ChaosLink.Trouble trouble = new ChaosLink.Trouble();

  /** Which way bytes go. */
  public enum Way {
    TO_SERVER,
    TO_CLIENT
  }

  /**
   * Starts one, at a free port of 127.0.0.1.
   *
   * @param target the port of the server
   */
  public ChaosProxy(int target) {
    this.target = target;
    try {
      this.server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread thread = new Thread(this::accept, "chaos-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  /** Where clients connect to. */
  public int port() {
    return server.getLocalPort();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        try {
          Socket behind = new Socket(InetAddress.getLoopbackAddress(), target);
          links.removeIf(ChaosLink::isOver);
          links.add(new ChaosLink(client, behind, trouble));
        } catch (IOException nobodyThere) {
          client.close();
        }
      } catch (IOException closedOrGone) {
        // the next one, if there is to be one
      }
    }
  }

  /** Resets all connections that there are; new ones are passed on. */
  public void cut() {
    links.forEach(ChaosLink::reset);
  }

  /**
   * The connections that there are stay open, and nothing comes through any more, neither bytes nor
   * an end; new ones are passed on. So does a network whose cable was pulled and that came back by
   * another way.
   */
  public void silence() {
    links.forEach(ChaosLink::silence);
  }

  /**
   * Bounds how much goes each way, of all connections together.
   *
   * @param bytesPerSecond 0: not bounded
   */
  public void rate(long bytesPerSecond) {
    trouble.rate(bytesPerSecond);
  }

  /**
   * Flips one bit.
   *
   * @param after so many bytes from now on that go this way, on any connection
   */
  public void flip(Way way, long after) {
    trouble.flip(way, after);
  }

  /** Whether the bit that was to be flipped has been. */
  public boolean hasFlipped() {
    return trouble.hasFlipped();
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    cut();
  }
}
