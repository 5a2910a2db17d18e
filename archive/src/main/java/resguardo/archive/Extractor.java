package resguardo.archive;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import resguardo.core.RawPath;
import resguardo.core.version.Extent;

/**
 * Restores a tar into a folder, and nothing outside of it: names that lead out are refused, no link
 * is followed, and links are made last, so that nothing can be written through them. It is done by
 * the C library, in few calls for each file. For one thread, and to be run once.
 */
public final class Extractor {
  private static final int BUFFER = 256 * 1024;
  private static final int TO_MAKE =
      LinuxFiles.O_WRONLY
          | LinuxFiles.O_CREAT
          | LinuxFiles.O_EXCL
          | LinuxFiles.O_NOFOLLOW
          | LinuxFiles.O_CLOEXEC;

  /** A file is its owner's alone until all of it is there. */
  private static final int OWNER_ONLY = 0600;

  /** Attributes of one entry that could not be set: a header may have very many. */
  private static final int MOST_TOLD = 20;

  private static final String OF_USERS = "user.";
  private static final char FOLDER = '5';
  private static final int SET_USER = 04000;
  private static final int SET_GROUP = 02000;

  private final OpenFolders folders;
  private final Consumer<String> warnings;
  private final boolean owners;
  private final boolean inodesLast;
  private final LastItems folderItems = LastItems.ofThisProcess();
  private final LastItems links = LastItems.ofThisProcess();
  private final byte[] buffer = new byte[BUFFER];
  private final Memory written = new Memory(BUFFER);
  private final Watcher watcher;
  private @Nullable RawPath within;
  private long files;
  private long bytes;

  /**
   * @param target a folder that is there, by its path without links
   * @param owners whether owners are set, which only root may
   * @param warnings told what could not be restored, in words
   */
  public Extractor(Path target, boolean owners, Consumer<String> warnings) throws IOException {
    this(target, owners, warnings, (files, bytes) -> {});
  }

  /** One that is watched. */
  public Extractor(Path target, boolean owners, Consumer<String> warnings, Watcher watcher)
      throws IOException {
    this.folders = OpenFolders.below(target);
    this.inodesLast = Inode.lastAt(target);
    this.owners = owners;
    this.warnings = warnings;
    this.watcher = watcher;
  }

  /**
   * Refuses what is not at or below a path: a node packs its archives itself, and may have put in
   * one what nobody asked it for.
   *
   * @param path as it is called in archives
   * @return this
   */
  public Extractor only(RawPath path) {
    within = path;
    return this;
  }

  private void refuseOther(RawPath name) throws IOException {
    if (within != null && !name.isAtOrBelow(within)) {
      throw new IOException("an entry that is not of what was backed up: " + name);
    }
  }

  /** Whether this process may give files to others. */
  public static boolean maySetOwners() {
    return "root".equals(System.getProperty("user.name"));
  }

  /** Is told how much there is, often; on the thread that restores. */
  public interface Watcher {
    /** So far. */
    void at(long files, long bytes);
  }

  /** What was restored. */
  public record Restored(long files, long bytes) {}

  /**
   * Restores all there is.
   *
   * @param tar not compressed; read to its end
   * @throws IOException when the archive cannot be read, leads out of the target, or cannot be
   *     written; what was restored until then stays
   */
  public Restored run(InputStream tar) throws IOException {
    try (folders;
        folderItems;
        links) {
      TarReader reader = new TarReader(tar);
      for (Optional<TarReader.Item> item = reader.next(); item.isPresent(); item = reader.next()) {
        restore(item.get(), reader);
      }
      links.forwards((link, none) -> link(link));
      folderItems.backwards(this::folder); // what is in it comes first
    }
    tar.transferTo(OutputStream.nullOutputStream());
    return new Restored(files, bytes);
  }

  private void restore(TarReader.Item item, TarReader reader) throws IOException {
    refuseOther(item.name());
    switch (item.type()) {
      case '0' -> file(item, reader);
      case '5' -> folderItems.add(item, folders.make(item.name()));
      case '1', '2' -> links.add(item, Inode.NONE);
      default -> special(item);
    }
  }

  private void file(TarReader.Item item, TarReader reader) throws IOException {
    OpenFolders.Place place = folders.of(item.name());
    int file =
        checked(
            made(
                item,
                place,
                () -> LinuxFiles.openat(place.folder(), place.name(), TO_MAKE, OWNER_ONLY)),
            item);
    try {
      if (item.data() == null) {
        for (int read = reader.read(buffer); read >= 0; read = reader.read(buffer)) {
          write(file, read, item);
        }
      } else if (LinuxFiles.ftruncate(file, item.size()) == 0) {
        sparse(file, item.data(), item, reader);
      } else if (Native.getLastError() == LinuxFiles.EFBIG) {
        // Anybody may make one of holes alone, on a file system that takes larger ones.
        warnings.accept(
            item.name() + " is not restored: no file here can have " + item.size() + " bytes");
        LinuxFiles.unlinkat(place.folder(), place.name(), 0);
        return;
      } else {
        throw failed(item);
      }
      finish(new Made.Open(file), item);
    } finally {
      LinuxFiles.close(file);
    }
    files++;
    watcher.at(files, bytes);
  }

  /**
   * Holes are passed over: nothing is written where they are. The file is as long as it is to be.
   */
  private void sparse(int file, List<Extent> data, TarReader.Item item, TarReader reader)
      throws IOException {
    for (Extent part : data) {
      if (LinuxFiles.lseek(file, part.offset(), LinuxFiles.SEEK_SET) < 0) {
        throw failed(item);
      }
      for (long left = part.length(); left > 0; ) {
        int read = reader.read(buffer, left);
        write(file, read, item);
        left -= read;
      }
    }
  }

  private void write(int file, int length, TarReader.Item item) throws IOException {
    written.write(0, buffer, 0, length);
    long from = Pointer.nativeValue(written);
    for (long end = from + length; from < end; ) {
      long count = LinuxFiles.write(file, from, end - from);
      if (count < 0 && Native.getLastError() != LinuxFiles.EINTR) {
        throw failed(item);
      }
      from += Math.max(0, count);
    }
    bytes += length;
    watcher.at(files, bytes);
  }

  /** A call of the C library that makes something where nothing is. */
  private interface Making {
    int call() throws IOException;
  }

  /** Makes something, which may fail. What is there gives way, unless it is a folder. */
  private int made(TarReader.Item item, OpenFolders.Place place, Making making) throws IOException {
    int made = making.call();
    if (made >= 0 || Native.getLastError() != LinuxFiles.EEXIST) {
      return made;
    }
    if (LinuxFiles.unlinkat(place.folder(), place.name(), 0) != 0) {
      int error = Native.getLastError();
      if (error == LinuxFiles.EISDIR) {
        throw new IOException(folders.shown(item.name()) + " is in the way: it is a folder");
      } else if (error != LinuxFiles.ENOENT) {
        throw failed(item);
      }
    }
    return making.call();
  }

  /**
   * By its name, as not all can be held open; whoever has the folder above it may have moved it.
   */
  private void folder(TarReader.Item item, Inode made) throws IOException {
    watcher.at(files, bytes); // there may be very many, when all has come
    int folder = folders.folder(item.name());
    if (inodesLast && !Inode.of(folder).equals(made)) {
      warnings.accept(
          item.name() + " is another folder now, which is left as it is: somebody put it there");
      return;
    }
    finish(new Made.Open(folder), item);
  }

  private void special(TarReader.Item item) throws IOException {
    OpenFolders.Place place = folders.of(item.name());
    SpecialFiles.Form form;
    try {
      form = SpecialFiles.Form.of(item.type(), item.device());
      checked(made(item, place, () -> SpecialFiles.make(place, form)), item);
    } catch (IOException e) {
      warnings.accept(item.name() + " is a special file, and was not made: " + e.getMessage());
      return;
    }
    finishHeld(place, form, item);
  }

  private void link(TarReader.Item item) throws IOException {
    watcher.at(files, bytes);
    if (item.type() == '1') {
      hardLink(item);
      return;
    }
    byte[] to = LinuxFiles.ended(item.link().bytes());
    OpenFolders.Place place = folders.of(item.name());
    checked(made(item, place, () -> LinuxFiles.symlinkat(to, place.folder(), place.name())), item);
    finishHeld(place, SpecialFiles.Form.LINK, item);
  }

  private void hardLink(TarReader.Item item) throws IOException {
    refuseOther(item.link());
    OpenFolders.Place existing = folders.held(folders.of(item.link()));
    try {
      OpenFolders.Place place = folders.of(item.name());
      int linked =
          made(
              item,
              place,
              () ->
                  LinuxFiles.linkat(
                      existing.folder(), existing.name(), place.folder(), place.name(), 0));
      int error = linked < 0 ? Native.getLastError() : 0;
      if (error == LinuxFiles.ENOENT || error == LinuxFiles.EPERM) { // none, or a folder
        warnings.accept(
            item.name() + " is another name of " + item.link() + ", which is not there");
      } else {
        checked(linked, item);
      }
    } finally {
      LinuxFiles.close(existing.folder());
    }
  }

  private void finishHeld(OpenFolders.Place place, SpecialFiles.Form form, TarReader.Item item)
      throws IOException {
    Optional<Made.Held> made = Made.held(place, form);
    if (made.isEmpty()) {
      warnings.accept(
          item.name() + " is something else now, which is left as it is: somebody put it there");
      return;
    }
    try (Made.Held held = made.get()) {
      finish(held, item);
    }
  }

  private void finish(Made made, TarReader.Item item) throws IOException {
    if (owners) {
      checked(made.owner((int) item.uid(), (int) item.gid()), item);
    }
    // Nobody but root sets these where the mode does not let the owner write.
    attributes(made, item, true);
    if (item.type() != '2') {
      mode(made, item);
    }
    attributes(made, item, false); // a change of the owner would take capabilities away
    long[] times = {0, LinuxFiles.UTIME_OMIT, item.mtimeSeconds(), item.mtimeNanos()};
    if (made.times(times) != 0) {
      warnings.accept(item.name() + " has another time: " + LinuxFiles.lastError());
    }
  }

  /**
   * A file that is somebody's other than it was is not to run as them: what it does was chosen by
   * whoever it was backed up from. And there are services that may make no such files.
   */
  private void mode(Made made, TarReader.Item item) throws IOException {
    int as = item.type() == FOLDER ? SET_USER : SET_USER | SET_GROUP;
    int mode = owners ? item.mode() : item.mode() & ~as;
    int result = made.mode(mode);
    if (result < 0 && (mode & (SET_USER | SET_GROUP)) != 0 && LinuxFiles.isForbidden()) {
      mode &= ~(SET_USER | SET_GROUP);
      result = made.mode(mode);
    }
    checked(result, item);
    if (mode != item.mode()) {
      warnings.accept(item.name() + " does not set its user or group here, as it did");
    }
  }

  private void attributes(Made made, TarReader.Item item, boolean ofUsers) {
    List<String> failed = new ArrayList<>();
    int more = 0;
    for (Map.Entry<RawPath, byte[]> one : item.attributes().entrySet()) {
      if (one.getKey().toString().startsWith(OF_USERS) != ofUsers) {
        continue;
      }
      byte[] value = one.getValue();
      boolean set = made.attribute(LinuxFiles.ended(one.getKey().bytes()), value) == 0;
      if (!set && failed.size() < MOST_TOLD) {
        failed.add(one.getKey() + " could not be set: " + LinuxFiles.lastError());
      } else if (!set) {
        more++;
      }
    }
    if (!failed.isEmpty()) {
      String first = item.name() + " lacks attributes: " + String.join(", ", failed);
      warnings.accept(more == 0 ? first : first + ", and " + more + " more");
    }
  }

  private int checked(int result, TarReader.Item item) throws IOException {
    if (result < 0) {
      throw failed(item);
    }
    return result;
  }

  private IOException failed(TarReader.Item item) {
    return new IOException(folders.shown(item.name()) + ": " + LinuxFiles.lastError());
  }
}
