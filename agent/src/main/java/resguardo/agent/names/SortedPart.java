package resguardo.agent.names;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import resguardo.archive.ScratchFile;

/** Names in order that lie in a file, from the next one on. For one thread. */
final class SortedPart {
  /** So much of it is in memory; no system has names that are longer. */
  private static final int WINDOW = 4096;

  /** What it takes altogether, in bytes: with the next name, and what leads to it. */
  static final long MEMORY = WINDOW + 512;

  private final ScratchFile file;
  private final long end;
  private final ByteBuffer window = ByteBuffer.allocate(WINDOW).limit(0);
  private long position;
  private byte[] first = {};

  private SortedPart(ScratchFile file, long begin, long end) {
    this.file = file;
    this.position = begin;
    this.end = end;
  }

  /**
   * Puts names behind all that is in a file.
   *
   * @param sorted at least one
   */
  static SortedPart of(ScratchFile file, List<byte[]> sorted) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(sorted.stream().mapToInt(name -> Short.BYTES + name.length).sum());
    for (byte[] name : sorted) {
      if (name.length > WINDOW - Short.BYTES) {
        throw new IOException("a name of " + name.length + " bytes");
      }
      bytes.putShort((short) name.length).put(name);
    }
    long begin = file.append(bytes.flip());
    SortedPart part = new SortedPart(file, begin, file.end());
    part.goOn();
    return part;
  }

  /** The next name. */
  byte[] first() {
    return first;
  }

  /**
   * Goes on behind the next.
   *
   * @return whether there is another
   */
  boolean goOn() throws IOException {
    if (position == end) {
      return false;
    }
    if (window.remaining() < Short.BYTES
        || window.remaining() < Short.BYTES + window.getShort(window.position())) {
      window.clear().limit((int) Math.min(WINDOW, end - position));
      file.read(position, window);
      window.flip();
    }
    first = new byte[window.getShort()];
    window.get(first);
    position += Short.BYTES + first.length;
    return true;
  }
}
