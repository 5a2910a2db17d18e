package resguardo.archive;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A file of a set that is open for reading, by as few calls as it takes: most files are small, and
 * there are many. No link is followed, and where this process may, the time of the last access
 * stays as it was. For one thread.
 */
public final class SourceFile implements AutoCloseable {
  /** The most that {@link #read} gives. */
  public static final int MOST = 1024 * 1024 + 1;

  /** Where the system puts what is read; Java's memory may move. */
  private static final ThreadLocal<Memory> BUFFER = ThreadLocal.withInitial(() -> new Memory(MOST));

  private final Path path;
  private final int descriptor;

  private SourceFile(Path path, int descriptor) {
    this.path = path;
    this.descriptor = descriptor;
  }

  /**
   * Opens one.
   *
   * @throws IOException when it is gone or may not be read, or is a link now
   */
  public static SourceFile open(Path path) throws IOException {
    byte[] bytes = LinuxFiles.path(path);
    int descriptor = LinuxFiles.open(bytes, LinuxFiles.TO_READ | LinuxFiles.O_NOATIME);
    if (descriptor < 0 && Native.getLastError() == LinuxFiles.EPERM) {
      descriptor = LinuxFiles.open(bytes, LinuxFiles.TO_READ); // somebody else's
    }
    if (descriptor < 0) {
      throw LinuxFiles.failure(path);
    }
    return new SourceFile(path, descriptor);
  }

  /** A path that leads to it for as long as it is open, whatever has its name now. */
  public Path path() {
    return Path.of("/proc/self/fd/" + descriptor);
  }

  /** As the C library knows it, for as long as it is open. */
  public int descriptor() {
    return descriptor;
  }

  /**
   * What it holds, from the beginning.
   *
   * @param expected how long it is thought to be: then one call is enough, as a file on a disk
   *     gives less than what it is asked for only at its end
   * @return as much as there is, up to {@link #MOST} bytes
   */
  public byte[] read(long expected) throws IOException {
    Memory buffer = BUFFER.get();
    int length = 0;
    while (length < MOST) {
      int asked = length == 0 && expected < MOST ? (int) expected + 1 : MOST - length;
      long read = LinuxFiles.read(descriptor, Pointer.nativeValue(buffer) + length, asked);
      if (read < 0 && Native.getLastError() == LinuxFiles.EINTR) {
        continue;
      } else if (read < 0) {
        throw LinuxFiles.failure(path);
      }
      length += (int) read;
      if (read == 0 || length == expected) {
        break;
      }
    }
    return buffer.getByteArray(0, length);
  }

  @Override
  public void close() {
    LinuxFiles.close(descriptor);
  }
}
