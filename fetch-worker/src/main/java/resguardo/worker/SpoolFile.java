package resguardo.worker;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import resguardo.archive.ScratchFile;

/**
 * A file for what has no room in memory: a {@link ScratchFile#open scratch file} that is also
 * written over. For one thread.
 */
final class SpoolFile implements AutoCloseable {
  /** The JVM takes as much memory again, of its own, as is read or written at once. */
  private static final int AT_ONCE = 64 * 1024;

  /** After so many bytes it is looked how much room is left. */
  static final long LOOK = 16L << 20;

  private final Path folder;
  private final Room room;
  private final RandomAccessFile file;
  private long end;
  private long unlooked;

  /** How many bytes are left where it lies; 0: that is not known. */
  interface Room {
    long left() throws IOException;
  }

  /**
   * @param folder where it lies
   */
  SpoolFile(Path folder) throws SpoolException {
    this(folder, () -> Files.getFileStore(folder).getUsableSpace());
  }

  SpoolFile(Path folder, Room room) throws SpoolException {
    this.folder = folder;
    this.room = room;
    try {
      file = ScratchFile.open(folder);
    } catch (IOException e) {
      throw new SpoolException(folder, e);
    }
  }

  /** How many bytes it has. */
  long end() {
    return end;
  }

  /**
   * Adds bytes at its end.
   *
   * @return where they begin
   * @throws SpoolException when they cannot be written, or it takes more room than it leaves: there
   *     are others beside it
   */
  long append(byte[] bytes, int length) throws SpoolException {
    long at = end;
    refuseTooMuch(length);
    write(at, bytes, 0, length);
    end += length;
    return at;
  }

  /**
   * Adds zeros, which take no room until something is written there.
   *
   * @return where they begin
   */
  long appendZeros(long length) throws SpoolException {
    long at = end;
    refuseTooMuch(length);
    end += length;
    try {
      file.setLength(end);
    } catch (IOException e) {
      throw new SpoolException(folder, e);
    }
    return at;
  }

  private void refuseTooMuch(long more) throws SpoolException {
    unlooked += more;
    if (unlooked < LOOK) {
      return;
    }
    unlooked = 0;
    long left;
    try {
      left = room.left();
    } catch (IOException e) {
      throw new SpoolException(folder, e);
    }
    if (left > 0 && end + more > left) {
      throw new SpoolException(
          folder, "it would take " + (end + more) + " bytes, and " + left + " are left");
    }
  }

  /** Writes over bytes that it has. */
  void write(long at, byte[] bytes, int from, int length) throws SpoolException {
    try {
      file.seek(at);
      for (int done = 0; done < length; done += AT_ONCE) {
        file.write(bytes, from + done, Math.min(AT_ONCE, length - done));
      }
    } catch (IOException e) {
      throw new SpoolException(folder, e);
    }
  }

  /** Reads bytes that it has to the beginning of these. */
  void read(long at, byte[] bytes, int length) throws SpoolException {
    try {
      file.seek(at);
      for (int done = 0; done < length; done += AT_ONCE) {
        file.readFully(bytes, done, Math.min(AT_ONCE, length - done));
      }
    } catch (IOException e) {
      throw new SpoolException(folder, e);
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
