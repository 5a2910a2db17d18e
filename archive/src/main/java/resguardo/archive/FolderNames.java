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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import resguardo.core.RawPath;

/**
 * The names in a folder, many with each call, as bytes and nothing else: of a folder with a million
 * of them, no more is in memory than that.
 */
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

  /** A folder has more names than there is room for. */
  public static final class NoRoomException extends IOException {
    private static final long serialVersionUID = 1;

    NoRoomException() {
      super("more names than there is room for");
    }
  }

  /** How much memory these names take, in bytes. */
  public static long memory(List<byte[]> names) {
    return names.stream().mapToLong(name -> name.length + BESIDE).sum();
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
   * All of them but {@code .} and {@code ..}, in the order of the format: by their bytes, without a
   * sign.
   *
   * @throws IOException when it is gone, or may not be read
   */
  public static List<byte[]> of(Path folder) throws IOException {
    try (SourceFolder open = SourceFolder.open(folder)) {
      return open.names(Long.MAX_VALUE);
    }
  }

  /**
   * The same of one that is open.
   *
   * @param path that leads to it
   * @param named for the error
   * @param room how much memory they may take, in bytes
   * @throws NoRoomException when they take more; not all were read then
   */
  static List<byte[]> of(int folder, Path path, Path named, long room) throws IOException {
    List<byte[]> names = THERE ? read(folder, named, room) : byJava(path, room);
    names.sort(Arrays::compareUnsigned);
    return names;
  }

  private static List<byte[]> read(int folder, Path named, long room) throws IOException {
    Memory answer = ANSWER.get();
    List<byte[]> names = new ArrayList<>();
    long left = room;
    while (true) {
      long length = getdents64(folder, Pointer.nativeValue(answer), BUFFER);
      if (length == 0) {
        return names;
      } else if (length < 0) {
        throw LinuxFiles.failure(named);
      }
      int before = names.size();
      addNames(answer.getByteArray(0, (int) length), names);
      left -= memory(names.subList(before, names.size()));
      if (left < 0) {
        throw new NoRoomException();
      }
    }
  }

  private static void addNames(byte[] records, List<byte[]> names) {
    ByteBuffer buffer = ByteBuffer.wrap(records).order(ByteOrder.nativeOrder());
    for (int at = 0; at < records.length; at += buffer.getShort(at + RECORD_LENGTH) & 0xffff) {
      int end = at + NAME;
      while (records[end] != 0) {
        end++;
      }
      byte[] name = Arrays.copyOfRange(records, at + NAME, end);
      if (!isItselfOrAbove(name)) {
        names.add(name);
      }
    }
  }

  private static boolean isItselfOrAbove(byte[] name) {
    return name[0] == '.' && (name.length == 1 || name.length == 2 && name[1] == '.');
  }

  /** The same by what any Java has. */
  static List<byte[]> byJava(Path folder, long room) throws IOException {
    List<byte[]> names = new ArrayList<>();
    long left = room;
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
      for (Path path : stream) {
        RawPath name = RawPaths.name(path);
        names.add(name.bytes());
        left -= name.length() + BESIDE;
        if (left < 0) {
          throw new NoRoomException();
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return names;
  }
}
