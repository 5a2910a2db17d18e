package resguardo.agent.cache;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import org.jspecify.annotations.Nullable;
import resguardo.core.RawPath;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.Totals;

/** Reads a cache in the order of its lines. For one thread. */
public final class LineCacheReader implements AutoCloseable {
  private static final int BUFFER = 256 * 1024;

  private final CRC32C crc = new CRC32C();
  private final DataInputStream in;
  private @Nullable CachedLine next;
  private @Nullable Totals totals;

  /**
   * Opens it.
   *
   * @throws DamagedCacheException when it is none, here or later
   */
  public LineCacheReader(Path file) throws IOException {
    in =
        new DataInputStream(
            new CheckedInputStream(
                new BufferedInputStream(Files.newInputStream(file), BUFFER), crc));
    boolean opened = false;
    try {
      if (in.readInt() != LineCacheWriter.FORMAT) {
        throw new DamagedCacheException("it has another format");
      }
      advance();
      opened = true;
    } catch (EOFException e) { // as after a loss of power: it has no content yet
      throw new DamagedCacheException("it is empty");
    } finally {
      if (!opened) {
        in.close();
      }
    }
  }

  /** A cache that is not as it was written: to be thrown away. */
  public static final class DamagedCacheException extends IOException {
    private static final long serialVersionUID = 1;

    DamagedCacheException(String why) {
      super("the cache is damaged: " + why);
    }
  }

  /** The next line, which stays the next; empty after the last. */
  public Optional<CachedLine> peek() {
    return Optional.ofNullable(next);
  }

  /** Goes on to the line after this. */
  public void advance() throws IOException {
    try {
      int length = in.readInt();
      if (length == LineCacheWriter.END) {
        next = null;
        end();
        return;
      }
      if (length < 0 || length > EntryCodec.LONGEST_LINE) {
        throw new DamagedCacheException("a line of " + length + " bytes");
      }
      RawPath name = RawPath.ofBytes(in.readNBytes(in.readUnsignedShort()));
      long state = in.readLong();
      byte[] line = in.readNBytes(length);
      if (line.length != length) {
        throw new DamagedCacheException("it ends within a line");
      }
      next = new CachedLine(name, state, line);
    } catch (EOFException | IllegalArgumentException e) {
      throw new DamagedCacheException("it ends early");
    }
  }

  private void end() throws IOException {
    byte[] json = in.readNBytes(in.readUnsignedShort());
    int expected = (int) crc.getValue();
    if (in.readInt() != expected) {
      throw new DamagedCacheException("its checksum differs");
    }
    try {
      totals = Json.read(json, Totals.class, Json.MESSAGE_BYTES);
    } catch (MalformedMessageException e) {
      throw new DamagedCacheException(String.valueOf(e.getMessage()));
    }
  }

  /** What the lines amount to; to be asked after the last. */
  public Totals totals() {
    if (totals == null) {
      throw new IllegalStateException("it was not read to its end");
    }
    return totals;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
