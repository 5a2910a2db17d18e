package resguardo.core.version;

import java.io.IOException;
import java.io.OutputStream;

/**
 * Packs what is written, block by block, each a gzip member of its own: so it can be done by what
 * only takes whole blocks, and is the fastest. For one thread.
 */
final class MemberOutput extends OutputStream {
  /** As large as the blocks of archives: a member costs some 20 bytes, which is nothing then. */
  private static final int BLOCK = 256 * 1024;

  private final OutputStream out;
  private final LinePacker packer;
  private final byte[] block = new byte[BLOCK];
  private int filled;
  private boolean closed;

  /**
   * @param out takes the members; closed with this
   */
  MemberOutput(OutputStream out, LinePacker packer) {
    this.out = out;
    this.packer = packer;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int from = offset;
    int left = length;
    while (left > 0) {
      int part = Math.min(left, BLOCK - filled);
      System.arraycopy(bytes, from, block, filled, part);
      filled += part;
      from += part;
      left -= part;
      if (filled == BLOCK) {
        pack();
      }
    }
  }

  private void pack() throws IOException {
    out.write(packer.member(block, filled));
    filled = 0;
  }

  /** Also when nothing was written there is a member, as of any gzip. */
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try (out) {
      pack();
    }
  }
}
