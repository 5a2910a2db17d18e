package resguardo.archive;

import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What one process puts aside for want of memory, and reads again itself. Nobody else may read it,
 * its name is gone as soon as it is open, and so it goes with the process, however that ends. It is
 * made when something is put there. For one thread.
 */
public final class ScratchFile implements AutoCloseable {
  /** Of what is free when it is made, this part may be taken. */
  private static final int SHARE = 2;

  private final Path folder;
  private long most;
  private long end;
  private @Nullable RandomAccessFile file;

  /**
   * @param folder where it is made
   * @param most how large it may grow, in bytes; never more than half of what is free then, where
   *     that is known
   */
  public ScratchFile(Path folder, long most) {
    this.folder = folder;
    this.most = most;
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
    long free = Files.getFileStore(folder).getUsableSpace();
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
    for (long to = at; bytes.hasRemaining(); ) {
      to += channel.write(bytes, to);
    }
    end += length;
    return at;
  }

  private FileChannel channel() throws IOException {
    RandomAccessFile open = file;
    if (open == null) {
      open = open(folder);
      file = open;
      most = Math.min(most, most(folder));
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
