package resguardo.archive;

import com.sun.jna.Native;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import resguardo.core.RawPath;

/**
 * The folders above what is restored, held open from the target on down. Each is opened from the
 * one above it and never through a link, so that nothing leads out of the target, whoever else is
 * at work in it. Names are bytes, and may be of any depth. For one thread.
 */
final class OpenFolders implements AutoCloseable {
  /** So many are held; of what lies deeper only the last, and the way to it is gone again. */
  private static final int HELD = 100;

  private static final int NOT_HELD = -1;
  private static final int TO_ENTER =
      LinuxFiles.O_DIRECTORY | LinuxFiles.O_NOFOLLOW | LinuxFiles.O_CLOEXEC;

  /** Of a folder that is no entry, less what the process's mask takes away. */
  private static final int FOLDER_MODE = 0777;

  /**
   * Of an entry until all is in it and its own mode is set: what lies in it may be for fewer to see
   * than it would be without it.
   */
  private static final int OWNER_ONLY = 0700;

  private static final byte[] ITSELF = {'.', 0};
  private static final byte[] PARENT = {'.', '.', 0};

  private final Path target;
  private final int root;
  private final List<byte[]> names = new ArrayList<>();
  private final List<Integer> files = new ArrayList<>();

  /** The name of the deepest of them, as an entry said it; absent where none said it so. */
  private byte @Nullable [] above;

  private OpenFolders(Path target, int root) {
    this.target = target;
    this.root = root;
  }

  /**
   * Opens the target.
   *
   * @param target its path without links
   * @throws IOException when that is not its path any more: somebody may have put a link in the
   *     way, also above it, since it was looked where it is
   */
  static OpenFolders below(Path target) throws IOException {
    int root =
        LinuxFiles.checked(LinuxFiles.open(LinuxFiles.path(target), TO_ENTER), target.toString());
    OpenFolders folders = new OpenFolders(target, root);
    RawPath now = RawPaths.readLink(Path.of("/proc/self/fd/" + root));
    if (!Arrays.equals(now.bytes(), RawPaths.bytes(target))) {
      folders.close();
      throw new IOException(target + " is another folder now: " + now);
    }
    return folders;
  }

  /**
   * Where an entry lies.
   *
   * @param folder that it lies in, open until the next call
   * @param name in there, with a zero byte at its end
   */
  @SuppressWarnings("ArrayRecordComponent") // handed to the C library, never compared
  record Place(int folder, byte[] name) {}

  /**
   * The place of an entry; folders above it are made where they are missing.
   *
   * @throws IOException when the name leads out, or the way is blocked by what is no folder
   */
  Place of(RawPath name) throws IOException {
    byte[] bytes = name.bytes();
    int slash = bytes.length - 1;
    while (slash >= 0 && bytes[slash] != '/') {
      slash--;
    }
    byte[] last = Arrays.copyOfRange(bytes, slash + 1, bytes.length + 1);
    byte[] folders = Arrays.copyOf(bytes, Math.max(0, slash));
    if (slash != 0 && isPlain(last) && Arrays.equals(folders, above)) {
      return new Place(deepest(), last); // most entries lie where the one before does
    }
    List<byte[]> way = way(name);
    if (way.isEmpty()) {
      return new Place(root, ITSELF);
    }
    byte[] own = way.remove(way.size() - 1);
    int folder = enter(way);
    above = isPlain(last) ? folders : null;
    return new Place(folder, own);
  }

  private static boolean isPlain(byte[] last) {
    return last.length > 1 && !Arrays.equals(last, ITSELF) && !Arrays.equals(last, PARENT);
  }

  /** The same place, whose folder is the caller's to close. */
  Place held(Place place) throws IOException {
    int folder = LinuxFiles.openat(place.folder(), ITSELF, TO_ENTER, 0);
    return new Place(LinuxFiles.checked(folder, target), place.name());
  }

  /** The folder of this name itself, made where it is missing; open until the next call. */
  int folder(RawPath name) throws IOException {
    return enter(way(name));
  }

  /**
   * Makes a folder; one that is there stays.
   *
   * @return which it is
   */
  Inode make(RawPath name) throws IOException {
    Place place = of(name);
    if (LinuxFiles.mkdirat(place.folder(), place.name(), OWNER_ONLY) != 0) {
      if (Native.getLastError() != LinuxFiles.EEXIST) {
        throw new IOException(shown(name) + ": " + LinuxFiles.lastError());
      }
      return Inode.of(folder(name));
    }
    // Not by entering it: from a deep one the way back to what lies beside it is long.
    int made =
        LinuxFiles.checked(
            LinuxFiles.openat(place.folder(), place.name(), TO_ENTER, 0), shown(name));
    try {
      return Inode.of(made);
    } finally {
      LinuxFiles.close(made);
    }
  }

  private static List<byte[]> way(RawPath name) throws IOException {
    if (name.length() > 0 && name.bytes()[0] == '/') {
      throw new IOException("an entry with an absolute name: " + name);
    }
    List<byte[]> way = new ArrayList<>();
    for (RawPath component : name.components()) {
      byte[] ended = LinuxFiles.ended(component.bytes());
      if (Arrays.equals(ended, PARENT)) {
        throw new IOException("an entry that leads out of the target: " + name);
      }
      if (!Arrays.equals(ended, ITSELF)) {
        way.add(ended);
      }
    }
    return way;
  }

  private int enter(List<byte[]> way) throws IOException {
    above = null;
    int common = 0;
    while (common < Math.min(way.size(), names.size())
        && Arrays.equals(way.get(common), names.get(common))) {
      common++;
    }
    leaveTo(common);
    while (!files.isEmpty() && files.get(files.size() - 1) == NOT_HELD) {
      leaveTo(files.size() - 1);
    }
    for (int depth = names.size(); depth < way.size(); depth++) {
      int file = opened(deepest(), way, depth);
      if (depth > HELD) {
        LinuxFiles.close(files.set(depth - 1, NOT_HELD));
      }
      names.add(way.get(depth));
      files.add(file);
    }
    return deepest();
  }

  private int opened(int folder, List<byte[]> way, int depth) throws IOException {
    byte[] name = way.get(depth);
    int file = LinuxFiles.openat(folder, name, TO_ENTER, 0);
    if (file < 0 && Native.getLastError() == LinuxFiles.ENOENT) {
      LinuxFiles.mkdirat(folder, name, FOLDER_MODE);
      file = LinuxFiles.openat(folder, name, TO_ENTER, 0);
    }
    if (file >= 0) {
      return file;
    }
    int error = Native.getLastError();
    String shown = shown(joined(way.subList(0, depth + 1)));
    throw new IOException(
        error == LinuxFiles.ENOTDIR || error == LinuxFiles.ELOOP
            ? shown + " is in the way: it is no folder"
            : shown + ": " + LinuxFiles.strerror(error));
  }

  private int deepest() {
    return files.isEmpty() ? root : files.get(files.size() - 1);
  }

  private void leaveTo(int depth) {
    while (files.size() > depth) {
      names.remove(names.size() - 1);
      int file = files.remove(files.size() - 1);
      if (file != NOT_HELD) {
        LinuxFiles.close(file);
      }
    }
  }

  private static RawPath joined(List<byte[]> way) {
    RawPath all = RawPath.ofBytes(new byte[0]);
    for (byte[] name : way) {
      all = all.resolve(RawPath.ofBytes(Arrays.copyOf(name, name.length - 1)));
    }
    return all;
  }

  /** A name for people: where it lies on this machine. */
  String shown(RawPath name) {
    return target + "/" + name;
  }

  @Override
  public void close() {
    leaveTo(0);
    LinuxFiles.close(root);
  }
}
