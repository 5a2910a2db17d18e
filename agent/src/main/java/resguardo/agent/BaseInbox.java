package resguardo.agent;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Base64;
import java.util.zip.GZIPInputStream;
import resguardo.agent.cache.KnownStates;
import resguardo.agent.cache.LineCacheWriter;
import resguardo.core.protocol.AgentOrder;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.stream.LineSplitter;
import resguardo.core.stream.StreamBrokenException;
import resguardo.core.version.EntryCodec;

/** The lines of a base as they come from a worker. */
final class BaseInbox extends InputStream {
  /** A worker sends them one after another; one that does not is gone. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Inbox<AgentOrder.BaseLines> inbox;
  private byte[] bytes = {};
  private int position;
  private long next;
  private boolean last;

  private BaseInbox(Inbox<AgentOrder.BaseLines> inbox) {
    this.inbox = inbox;
  }

  /**
   * Writes the lines that come into a cache.
   *
   * @param known states that the same entries had before
   * @throws StreamBrokenException when they do not come, or not as they should
   */
  static void unpack(Inbox<AgentOrder.BaseLines> inbox, LineCacheWriter cache, KnownStates known)
      throws IOException {
    LineSplitter splitter =
        new LineSplitter(EntryCodec.LONGEST_LINE, line -> cache.add(line, known));
    byte[] buffer = new byte[64 * 1024];
    try (InputStream lines = new GZIPInputStream(new BaseInbox(inbox), buffer.length)) {
      for (int n = lines.read(buffer); n >= 0; n = lines.read(buffer)) {
        splitter.take(buffer, n);
      }
    } catch (MalformedMessageException | IllegalArgumentException e) {
      throw broken("a base that is none: " + e.getMessage());
    }
  }

  private static StreamBrokenException broken(String why) {
    return new StreamBrokenException(StreamBrokenException.Kind.MALFORMED, why);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    while (position == bytes.length) {
      if (last) {
        return -1;
      }
      take();
    }
    int part = Math.min(length, bytes.length - position);
    System.arraycopy(bytes, position, into, offset, part);
    position += part;
    return part;
  }

  private void take() throws IOException {
    try {
      AgentOrder.BaseLines lines = inbox.poll(PATIENCE);
      if (lines == null) {
        throw new StreamBrokenException(
            StreamBrokenException.Kind.SILENT, "the lines of the base do not come");
      }
      if (lines.sequence() != next++) {
        throw new StreamBrokenException(
            StreamBrokenException.Kind.LOST, "lines of the base are missing");
      }
      bytes = Base64.getDecoder().decode(lines.gzip());
      position = 0;
      last = lines.last();
    } catch (IllegalArgumentException e) {
      throw broken("lines of the base that are no base64");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StreamBrokenException(
          StreamBrokenException.Kind.CANCELLED, "interrupted while waiting for the base");
    }
  }

  @Override
  public int available() {
    return last && position == bytes.length ? 0 : 1;
  }
}
