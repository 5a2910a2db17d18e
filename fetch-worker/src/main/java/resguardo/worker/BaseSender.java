package resguardo.worker;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import resguardo.core.NodeName;
import resguardo.core.ReplyId;
import resguardo.core.port.AgentChannel;
import resguardo.core.protocol.AgentOrder;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.version.ManifestReader;

/** Sends an agent the lines of a base that it has not. */
final class BaseSender extends OutputStream {
  private final AgentChannel agents;
  private final NodeName node;
  private final ReplyId stream;
  private final ByteArrayOutputStream gathered = new ByteArrayOutputStream();
  private long sequence;

  private BaseSender(AgentChannel agents, NodeName node, ReplyId stream) {
    this.agents = agents;
    this.node = node;
    this.stream = stream;
  }

  /**
   * Sends all lines of a manifest.
   *
   * @param stream that the agent sends
   */
  static void send(AgentChannel agents, NodeName node, ReplyId stream, ManifestReader manifest)
      throws IOException, MalformedMessageException {
    try (GZIPOutputStream gzip = new GZIPOutputStream(new BaseSender(agents, node, stream))) {
      for (Optional<byte[]> line = manifest.nextLine();
          line.isPresent();
          line = manifest.nextLine()) {
        gzip.write(line.get());
        gzip.write('\n');
      }
    }
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int most = AgentOrder.BaseLines.MOST_BYTES;
    for (int from = offset; from < offset + length; from += most) {
      int part = Math.min(most, offset + length - from);
      if (gathered.size() + part > most) {
        give(false);
      }
      gathered.writeBytes(Arrays.copyOfRange(bytes, from, from + part));
    }
  }

  private void give(boolean last) throws IOException {
    String gzip = Base64.getEncoder().encodeToString(gathered.toByteArray());
    gathered.reset();
    agents.send(node, new AgentOrder.BaseLines(stream, sequence++, last, gzip));
  }

  @Override
  public void close() throws IOException {
    give(true);
  }
}
