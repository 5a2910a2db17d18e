package resguardo.testkit.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An answer that is to be lost is, however its request comes. */
@Timeout(60)
class ChaosProxyTest {
  private static final String ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  private static final String OTHER = "GET /other HTTP/1.1\r\nHost: here\r\n\r\n";
  private static final String WANTED =
      "PUT /wanted HTTP/1.1\r\ncontent-length: 7\r\nHost: here\r\n\r\ncontent";

  private ServerSocket server;
  private ChaosProxy proxy;

  @BeforeEach
  void start() throws IOException {
    server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    proxy = new ChaosProxy(server.getLocalPort());
  }

  @AfterEach
  void end() throws IOException {
    proxy.close();
    server.close();
  }

  private Socket connect() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), proxy.port());
  }

  private static void send(Socket to, String text) throws IOException {
    to.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String receive(Socket from, int bytes) throws IOException {
    byte[] all = from.getInputStream().readNBytes(bytes);
    return new String(all, StandardCharsets.ISO_8859_1);
  }

  /** What comes instead of an answer: nothing. */
  private static boolean isCut(Socket client) throws IOException {
    try {
      return client.getInputStream().read() < 0;
    } catch (SocketException reset) {
      return true;
    }
  }

  /** By so many bytes at a time, each of which is there before the next is sent. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 50, 1000})
  void aRequestOnAConnectionThatIsKeptComesInPieces(int piece) throws Exception {
    proxy.loseAnswer(Pattern.compile("PUT /wanted"));
    try (Socket client = connect();
        Socket behind = server.accept()) {
      client.setTcpNoDelay(true);
      send(client, OTHER);
      assertThat(receive(behind, OTHER.length())).isEqualTo(OTHER);
      send(behind, ANSWER);
      assertThat(receive(client, ANSWER.length())).isEqualTo(ANSWER);
      for (int at = 0; at < WANTED.length(); at += piece) {
        String part = WANTED.substring(at, Math.min(WANTED.length(), at + piece));
        send(client, part);
        assertThat(receive(behind, part.length())).isEqualTo(part);
      }
      assertThat(proxy.hasLost()).isFalse();
      send(behind, ANSWER);
      assertThat(isCut(client)).isTrue();
      assertThat(proxy.hasLost()).isTrue();
    }
  }

  @Test
  void aRequestBeginsInTheMiddleOfABlock() throws Exception {
    proxy.loseAnswer(Pattern.compile("PUT /wanted"));
    try (Socket client = connect();
        Socket behind = server.accept()) {
      send(client, OTHER + WANTED);
      assertThat(receive(behind, (OTHER + WANTED).length())).isEqualTo(OTHER + WANTED);
      send(behind, ANSWER);
      assertThat(isCut(client)).isTrue();
      assertThat(proxy.hasLost()).isTrue();
    }
  }

  /** A server ends connections over which nothing has come for a while. */
  @Test
  void aConnectionThatEndsWithoutAnAnswerIsFollowedByAnother() throws Exception {
    proxy.loseAnswer(Pattern.compile("PUT /wanted"));
    try (Socket client = connect();
        Socket behind = server.accept()) {
      send(client, WANTED);
      assertThat(receive(behind, WANTED.length())).isEqualTo(WANTED);
      behind.close();
      assertThat(isCut(client)).isTrue();
    }
    assertThat(proxy.hasLost()).isFalse();
    boolean lost = false;
    while (!lost) { // the proxy has perhaps not seen yet that the connection before has ended
      try (Socket client = connect();
          Socket behind = server.accept()) {
        send(client, WANTED);
        assertThat(receive(behind, WANTED.length())).isEqualTo(WANTED);
        send(behind, ANSWER);
        lost = isCut(client);
      }
    }
    assertThat(proxy.hasLost()).isTrue();
  }
}
