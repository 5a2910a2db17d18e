package resguardo.agent;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import resguardo.agent.names.FirstNames;
import resguardo.archive.DataParts;
import resguardo.archive.ExtendedAttributes;
import resguardo.archive.RawPaths;
import resguardo.core.RawPath;
import resguardo.core.version.Entry;
import resguardo.core.version.Extent;

/**
 * Makes the entries of one walk: it remembers names of owners, and of files with several names the
 * first.
 */
final class Entries {
  private static final int TYPE_BITS = 0170000;
  private static final int SOCKET = 0140000;
  private static final int SYMLINK = 0120000;
  private static final int REGULAR = 0100000;
  private static final int BLOCK_DEVICE = 0060000;
  private static final int FOLDER = 0040000;
  private static final int CHARACTER_DEVICE = 0020000;
  private static final int FIFO = 0010000;
  private static final int PERMISSIONS = 07777;

  private final FirstNames firstNames;
  private final Owners owners = new Owners();

  /**
   * @param firstNames of files with several
   */
  Entries(FirstNames firstNames) {
    this.firstNames = firstNames;
  }

  /**
   * What a walk found, a file with this state.
   *
   * @throws IOException when it is a link that cannot be read, or what was remembered cannot be
   */
  Found found(RawPath name, Path path, FileState state) throws IOException {
    Entry.Type type = type(state);
    RawPath link = type == Entry.Type.SYMLINK ? RawPaths.readLink(path) : null;
    if (type != Entry.Type.FOLDER && type != Entry.Type.SOCKET && state.links() > 1) {
      RawPath first = firstNames.first(state.device(), state.inode(), name);
      if (first != null) {
        return new Found(this, name, path, state, Entry.Type.HARD_LINK, first, null);
      }
    }
    return new Found(this, name, path, state, type, link, null);
  }

  /** A file of this state was not read by the name that it was found by. */
  void notRead(FileState state) throws IOException {
    if (state.links() > 1) {
      firstNames.forget(state.device(), state.inode());
    }
  }

  /** What is to be recorded of a file; without a digest. */
  Entry entry(RawPath name, Entry.Type type, Path path, FileState state, @Nullable RawPath link) {
    Instant modified = state.modified().toInstant();
    boolean device = type == Entry.Type.CHARACTER_DEVICE || type == Entry.Type.BLOCK_DEVICE;
    // Of a file with several names, its first has them.
    ExtendedAttributes.Read attributes =
        type == Entry.Type.HARD_LINK ? ExtendedAttributes.Read.NONE : ExtendedAttributes.read(path);
    Entry.Warning warning = attributes.complete() ? null : Entry.Warning.ATTRIBUTES_LEFT_OUT;
    List<Extent> data = null;
    try {
      data = type == Entry.Type.FILE ? DataParts.of(path, state.size()) : null;
    } catch (DataParts.ScatteredException e) {
      warning = Entry.Warning.UNREADABLE;
    }
    return new Entry(
        name,
        type,
        state.mode() & PERMISSIONS,
        state.uid(),
        state.gid(),
        owners.user(path, state.uid()),
        owners.group(path, state.gid()),
        modified.getEpochSecond(),
        modified.getNano(),
        type == Entry.Type.FILE ? state.size() : 0,
        null,
        link,
        device ? device(state.rdev()) : null,
        warning,
        attributes.values(),
        data);
  }

  /** Whether a file of this state is a folder. */
  static boolean isFolder(FileState state) {
    return (state.mode() & TYPE_BITS) == FOLDER;
  }

  /** Whether one of this state is a regular file. */
  static boolean isFile(FileState state) {
    return (state.mode() & TYPE_BITS) == REGULAR;
  }

  private static Entry.Type type(FileState state) throws IOException {
    return switch (state.mode() & TYPE_BITS) {
      case REGULAR -> Entry.Type.FILE;
      case FOLDER -> Entry.Type.FOLDER;
      case SYMLINK -> Entry.Type.SYMLINK;
      case FIFO -> Entry.Type.FIFO;
      case SOCKET -> Entry.Type.SOCKET;
      case CHARACTER_DEVICE -> Entry.Type.CHARACTER_DEVICE;
      case BLOCK_DEVICE -> Entry.Type.BLOCK_DEVICE;
      default ->
          throw new IOException(
              "a file of an unknown type: " + Integer.toOctalString(state.mode()));
    };
  }

  /** As the C library of Linux takes a device number apart (makedev(3)). */
  private static Entry.Device device(long number) {
    long major = (number >> 8 & 0xfff) | (number >> 32 & ~0xfffL);
    long minor = (number & 0xff) | (number >> 12 & ~0xffL);
    return new Entry.Device((int) major, (int) minor);
  }
}
