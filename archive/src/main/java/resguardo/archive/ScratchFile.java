package resguardo.archive;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What one process puts aside for want of memory, and reads again itself. Nobody else may read it,
 * its name is gone as soon as it is open, and so it goes with the process, however that ends. It is
 * made when something is put there. To be filled by one thread; then any may read, while nothing is
 * put there or cut.
 */
public final class ScratchFile implements AutoCloseable {
  /** Of what is free when it is made, this part may be taken. */
  private static final int SHARE = 2;

  /** After so many bytes it is looked how much room is left: there may be others beside it. */
  static final long LOOK = 16L << 20;

  private final Path folder;
  private final Room room;
  private long most;
  private long end;
  private long unlooked;
  private @Nullable RandomAccessFile file;

  /**
   * @param folder where it is made
   * @param most how large it may grow, in bytes; never more than half of what is free then, where
   *     that is known
   */
  public ScratchFile(Path folder, long most) {
    this(folder, most, ScratchFile::left);
  }

  ScratchFile(Path folder, long most, Room room) {
    this.folder = folder;
    this.most = most;
    this.room = room;
  }

  /** How many bytes are free in a folder; 0: that is not known. */
  interface Room {
    long left(Path folder) throws IOException;
  }

  private static long left(Path folder) throws IOException {
    return Files.getFileStore(folder).getUsableSpace();
  }

  /**
   * One where temporary files of this process lie.
   *
   * @param most as of {@link #ScratchFile(Path, long)}
   */
  public static ScratchFile ofThisProcess(long most) {
    return new ScratchFile(Path.of(System.getProperty("java.io.tmpdir", "/tmp")), most);
  }

  /**
   * Opens a file without a name. Java has temporary files made for their owner alone.
   *
   * @throws IOException when there can be none in that folder
   */
  public static RandomAccessFile open(Path folder) throws IOException {
    Path path = Files.createTempFile(folder, "resguardo-scratch", ".new");
    try {
      return new RandomAccessFile(path.toFile(), "rw");
    } finally {
      Files.delete(path);
    }
  }

  /**
   * How much one file may take there of what is free now, in bytes; the largest number where that
   * is not known.
   */
  static long most(Path folder) throws IOException {
    return share(left(folder));
  }

  private static long share(long free) {
    return free == 0 ? Long.MAX_VALUE : free / SHARE;
  }

  /** Where the next bytes will lie. */
  public long end() {
    return end;
  }

  /**
   * Puts bytes behind all that are there.
   *
   * @return where they lie
   * @throws IOException when there is no room for them; nothing has changed then
   */
  public long append(ByteBuffer bytes) throws IOException {
    long at = end;
    long length = bytes.remaining();
    FileChannel channel = channel();
    if (length > most - end) {
      throw new IOException("more than " + most + " bytes are not put aside in " + folder);
    }
    refuseMoreThanItLeaves(length);
    for (long to = at; bytes.hasRemaining(); ) {
      to += channel.write(bytes, to);
    }
    end += length;
    return at;
  }

  /** However many there are, each ends before the others have no room any more. */
  private void refuseMoreThanItLeaves(long more) throws IOException {
    unlooked += more;
    if (unlooked < LOOK) {
      return;
    }
    unlooked = 0;
    long left = room.left(folder);
    if (left > 0 && end + more > left) {
      throw new IOException(
          (end + more) + " bytes are not put aside in " + folder + ", where " + left + " are left");
    }
  }

  private FileChannel channel() throws IOException {
    RandomAccessFile open = file;
    if (open == null) {
      open = open(folder);
      file = open;
      most = Math.min(most, share(room.left(folder)));
    }
    return open.getChannel();
  }

  /**
   * Reads, from there on, until there is no room left in the buffer or no byte in the file; at
   * least one.
   */
  public void read(long at, ByteBuffer into) throws IOException {
    int read = 0;
    long from = at;
    while (into.hasRemaining() && read >= 0) {
      read = channel().read(into, from);
      from += Math.max(0, read);
    }
    if (from == at) {
      throw new EOFException("nothing was put aside at " + at);
    }
  }

  /** Puts there all that is written to it, each time as much as is written at once. */
  public OutputStream appending() {
    return new OutputStream() {
      @Override
      public void write(int one) throws IOException {
        append(ByteBuffer.wrap(new byte[] {(byte) one}));
      }

      @Override
      public void write(byte[] bytes, int from, int length) throws IOException {
        append(ByteBuffer.wrap(bytes, from, length));
      }
    };
  }

  /** Reads all that is there, from the beginning. */
  public InputStream reading() {
    return new InputStream() {
      private long at;

      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] into, int from, int length) throws IOException {
        if (length == 0 || at == end) {
          return length == 0 ? 0 : -1;
        }
        int some = (int) Math.min(length, end - at);
        ScratchFile.this.read(at, ByteBuffer.wrap(into, from, some));
        at += some;
        return some;
      }
    };
  }

  /** Forgets what lies there and behind it. */
  public void cut(long at) throws IOException {
    if (file != null) {
      file.getChannel().truncate(at);
    }
    end = at;
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
  }
}
