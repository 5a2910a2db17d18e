package resguardo.agent.hook;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import resguardo.core.Texts;

/** Reads all that a program writes, and keeps the end of it. */
final class OutputTail implements AutoCloseable {
  private static final int KEPT_BYTES = 4096;
  private static final int KEPT_LINES = 5;

  /**
   * What was written is there at once; a program that was left behind may hold the pipe for ever.
   */
  private static final long PATIENCE_MILLIS = 500;

  private final InputStream in;
  private final Thread reader = new Thread(this::read, "hook-output");
  private byte[] tail = {};

  OutputTail(InputStream in) {
    this.in = in;
    reader.setDaemon(true);
    reader.start();
  }

  private void read() {
    byte[] buffer = new byte[KEPT_BYTES];
    try {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        keep(buffer, n);
      }
    } catch (IOException closed) {
      // Nobody asks any more.
    }
  }

  private synchronized void keep(byte[] bytes, int length) {
    byte[] all = Arrays.copyOf(tail, tail.length + length);
    System.arraycopy(bytes, 0, all, tail.length, length);
    tail = Arrays.copyOfRange(all, Math.max(0, all.length - KEPT_BYTES), all.length);
  }

  /** The last lines that are not blank, on one line. */
  String lastLines() throws InterruptedException {
    reader.join(PATIENCE_MILLIS);
    List<String> lines = text().lines().filter(line -> !line.isBlank()).toList();
    return lines.subList(Math.max(0, lines.size() - KEPT_LINES), lines.size()).stream()
        .map(line -> Texts.shown(line.strip()))
        .collect(Collectors.joining(" | "));
  }

  private synchronized String text() {
    return new String(tail, StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
