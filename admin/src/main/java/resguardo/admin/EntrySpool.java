package resguardo.admin;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/** Entries of a version as they stand in its manifest, kept in a file until they are needed. */
public final class EntrySpool implements AutoCloseable {
  private static final int BUFFER = 64 * 1024;

  private final Path file;
  private final DataOutputStream out;
  private DataInputStream in = new DataInputStream(java.io.InputStream.nullInputStream());
  private long left;

  /** An empty one. */
  public EntrySpool() throws IOException {
    file = Files.createTempFile("resguardo-entries", ".z");
    OutputStream fast =
        new DeflaterOutputStream(
            Files.newOutputStream(file), new Deflater(Deflater.BEST_SPEED), BUFFER);
    out = new DataOutputStream(new BufferedOutputStream(fast, BUFFER));
  }

  /** Adds the next. */
  public void add(byte[] line, int length) throws IOException {
    out.writeInt(length);
    out.write(line, 0, length);
    left++;
  }

  /** All are there: now they can be read. */
  public void complete() throws IOException {
    out.close();
    in =
        new DataInputStream(
            new BufferedInputStream(
                new InflaterInputStream(
                    Files.newInputStream(file), new java.util.zip.Inflater(), BUFFER),
                BUFFER));
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
    try (DataOutputStream unless = out;
        DataInputStream read = in) {
      Files.deleteIfExists(file);
    }
  }
}
