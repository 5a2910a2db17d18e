package resguardo.admin;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import resguardo.archive.ScratchFile;

/**
 * Entries of a version as they stand in its manifest, packed in a {@link ScratchFile} until they
 * are needed. A node says how long they are: they take no more than half of what is free there.
 */
public final class EntrySpool implements AutoCloseable {
  private static final int BUFFER = 64 * 1024;

  private final ScratchFile file;
  private final Deflater deflater = new Deflater(Deflater.BEST_SPEED);
  private final Inflater inflater = new Inflater();
  private final DataOutputStream out;
  private DataInputStream in = new DataInputStream(InputStream.nullInputStream());
  private long left;

  /** An empty one, where temporary files of this process lie. */
  public EntrySpool() {
    this(ScratchFile.ofThisProcess(Long.MAX_VALUE));
  }

  /**
   * @param file closed with this
   */
  EntrySpool(ScratchFile file) {
    this.file = file;
    out =
        new DataOutputStream(
            new BufferedOutputStream(
                new DeflaterOutputStream(file.appending(), deflater, BUFFER), BUFFER));
  }

  /**
   * Adds the next.
   *
   * @throws IOException when there is no room for it, with what to do
   */
  public void add(byte[] line, int length) throws IOException {
    try {
      out.writeInt(length);
      out.write(line, 0, length);
    } catch (IOException e) {
      throw noRoom(e);
    }
    left++;
  }

  private static IOException noRoom(IOException e) {
    return new IOException(
        "the entries of the older version do not fit where temporary files lie: "
            + e.getMessage()
            + " (TMPDIR names another folder)",
        e);
  }

  /**
   * All are there: now they can be read.
   *
   * @throws IOException as of {@link #add}
   */
  public void complete() throws IOException {
    try {
      out.close();
    } catch (IOException e) {
      throw noRoom(e);
    }
    InputStream packed = new InflaterInputStream(file.reading(), inflater, BUFFER);
    in = new DataInputStream(new BufferedInputStream(packed, BUFFER));
  }

  /** The next in the order in which they were added; empty after the last. */
  public Optional<byte[]> next() throws IOException {
    if (left == 0) {
      return Optional.empty();
    }
    left--;
    return Optional.of(in.readNBytes(in.readInt()));
  }

  @Override
  public void close() throws IOException {
    deflater.end();
    inflater.end();
    file.close();
  }
}
