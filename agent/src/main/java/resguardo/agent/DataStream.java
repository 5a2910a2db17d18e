package resguardo.agent;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Iterator;
import java.util.List;
import resguardo.core.version.Extent;

/** The parts of a sparse file that hold data, one after another. For one thread. */
final class DataStream extends InputStream {
  /** The file has become shorter than it was. */
  static final class ShorterException extends IOException {
    private static final long serialVersionUID = 1;
  }

  private final FileChannel file;
  private final Iterator<Extent> parts;
  private long position;
  private long left;

  /**
   * @param file read only in these parts; closed with the stream
   */
  DataStream(FileChannel file, List<Extent> parts) {
    this.file = file;
    this.parts = parts.iterator();
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  /**
   * {@inheritDoc}
   *
   * @throws ShorterException when the file ends within a part
   */
  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (left == 0) {
      if (!parts.hasNext()) {
        return -1;
      }
      Extent part = parts.next();
      position = part.offset();
      left = part.length();
    }
    int most = (int) Math.min(length, left);
    int read = file.read(ByteBuffer.wrap(bytes, offset, most), position);
    if (read < 0) {
      throw new ShorterException();
    }
    position += read;
    left -= read;
    return read;
  }

  @Override
  public long skip(long most) throws IOException {
    if (left == 0 && read(new byte[0], 0, 0) < 0) {
      return 0;
    }
    long skipped = Math.max(0, Math.min(most, left));
    position += skipped;
    left -= skipped;
    return skipped;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
