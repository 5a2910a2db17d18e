package resguardo.testkit.net;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Stands between a client and a server of this machine, and makes the network between them go
 * wrong: cut, silent, slow, or with bits flipped. Until it is told to, it passes everything on.
 */
public final class ChaosProxy implements AutoCloseable {
  private final int target;
  private final ServerSocket server;
  private final Set<ChaosLink> links = ConcurrentHashMap.newKeySet();
  private final ChaosLink.Trouble trouble = new ChaosLink.Trouble();
  private volatile Answer answer = new Answer("", new AtomicInteger());

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

  /**
   * Answers the next HTTP requests in the server's place, each on a connection of its own that ends
   * then; connections that there are go on.
   *
   * @param requests how many
   * @param status as {@code 503 Service Unavailable}
   */
  public void answer(int requests, String status) {
    answer = new Answer(status, new AtomicInteger(requests));
  }

  /** How many of the requests that were to be answered here have not come yet. */
  public int unanswered() {
    return answer.left().get();
  }

  /** What is answered in the server's place. */
  private record Answer(String status, AtomicInteger left) {
    boolean isNext() {
      return left.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
    }

    /** Reads all of the request first: what is left unread resets a connection that is closed. */
    void give(Socket client) throws IOException {
      client.setSoTimeout(5000);
      InputStream in = client.getInputStream();
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        int next = in.read();
        if (next < 0) {
          return;
        }
        head.append((char) next);
      }
      Matcher length = Pattern.compile("(?i)\r\ncontent-length: *(\\d+)").matcher(head.toString());
      in.skipNBytes(length.find() ? Long.parseLong(length.group(1)) : 0);
      String body = "<Error><Code>Trouble</Code><Message>as the test wants it</Message></Error>";
      client
          .getOutputStream()
          .write(
              ("HTTP/1.1 "
                      + status
                      + "\r\nContent-Type: application/xml\r\nConnection: close\r\nContent-Length: "
                      + body.length()
                      + "\r\n\r\n"
                      + body)
                  .getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        if (answer.isNext()) {
          try (client) {
            answer.give(client);
          }
          continue;
        }
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

  /**
   * Loses the answer to one HTTP request: the server has carried it out, and the connection is
   * reset before the client hears of it. Where a connection ends by itself without an answer, it is
   * that to the next such request.
   *
   * @param request how its head begins, as {@code PUT /bucket/key}
   */
  public void loseAnswer(Pattern request) {
    trouble.loseAnswer(request);
  }

  /** Whether the answer that was to be lost has been. */
  public boolean hasLost() {
    return trouble.hasLost();
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
