package resguardo.archive;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** The names in a folder, many with each call, as bytes and nothing else. */
public final class FolderNames {
  private static final int BUFFER = 64 * 1024;

  /** Where the length of a record stands in struct linux_dirent64, and where its name begins. */
  private static final int RECORD_LENGTH = 16;

  private static final int NAME = 19;

  private static final ThreadLocal<Memory> ANSWER =
      ThreadLocal.withInitial(() -> new Memory(BUFFER));

  /** Whether the C library has the call; GNU's has since 2.30. */
  private static final boolean THERE = isThere();

  /** What a name takes beside its bytes: the header of an array, and what leads to it. */
  private static final int BESIDE = 24;

  private FolderNames() {}

  /** Takes names one by one. */
  public interface Taker {
    /** One, in no order. */
    void take(byte[] name) throws IOException;
  }

  /** How much memory a name takes, in bytes. */
  public static long memory(byte[] name) {
    return name.length + BESIDE;
  }

  /**
   * As getdents64(2).
   *
   * @param answer the address of where to
   */
  static native long getdents64(int folder, long answer, long size);

  private static boolean isThere() {
    try {
      Native.register(FolderNames.class, "c");
      return true;
    } catch (UnsatisfiedLinkError olderLibrary) {
      return false;
    }
  }

  /**
   * Tells all of them but {@code .} and {@code ..}, in no order.
   *
   * @param folder that is open
   * @param path that leads to it
   * @param named for the error
   * @throws IOException when it may not be read, or of the taker
   */
  static void each(int folder, Path path, Path named, Taker taker) throws IOException {
    if (THERE) {
      byCalls(folder, named, taker);
    } else {
      byJava(path, taker);
    }
  }

  private static void byCalls(int folder, Path named, Taker taker) throws IOException {
    Memory answer = ANSWER.get();
    while (true) {
      long length = getdents64(folder, Pointer.nativeValue(answer), BUFFER);
      if (length == 0) {
        return;
      } else if (length < 0) {
        throw LinuxFiles.failure(named);
      }
      give(answer.getByteArray(0, (int) length), taker);
    }
  }

  private static void give(byte[] records, Taker taker) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(records).order(ByteOrder.nativeOrder());
    for (int at = 0; at < records.length; at += buffer.getShort(at + RECORD_LENGTH) & 0xffff) {
      int end = at + NAME;
      while (records[end] != 0) {
        end++;
      }
      byte[] name = Arrays.copyOfRange(records, at + NAME, end);
      if (!isItselfOrAbove(name)) {
        taker.take(name);
      }
    }
  }

  private static boolean isItselfOrAbove(byte[] name) {
    return name[0] == '.' && (name.length == 1 || name.length == 2 && name[1] == '.');
  }

  /** The same by what any Java has. */
  static void byJava(Path folder, Taker taker) throws IOException {
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
      for (Path path : stream) {
        taker.take(RawPaths.name(path).bytes());
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }
}
