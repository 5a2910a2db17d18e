package resguardo.agent;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import resguardo.core.version.Entry;

/**
 * Reads the content of files that may be changing meanwhile. A small file that changed while it was
 * read is read once more; a large one, or one that changed again, is marked.
 */
final class FileReader {
  /** Read as a whole, so that it can be read again before anything of it is sent. */
  static final int SMALL = 1024 * 1024;

  private FileReader() {}

  /**
   * A small file.
   *
   * @param entry as it was when it was read; marked where it changed, or could not be read
   * @param bytes its content; absent when it could not be read
   * @param settled whether it was the same before and after, so that its state stands for its
   *     content
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  record Small(Entry entry, byte @Nullable [] bytes, boolean settled) {}

  /** Reads a small file as a whole. */
  static Small small(Found found) {
    try {
      byte[] bytes = whole(found.path(), found.state().size());
      FileState after = FileState.of(found.path());
      if (!after.equals(found.state())) {
        byte[] again = whole(found.path(), after.size());
        boolean changedAgain = !FileState.of(found.path()).equals(after);
        return new Small(changed(found.entry(), after, again.length, changedAgain), again, false);
      }
      if (bytes.length != found.entry().size()) {
        // Such as the files of /proc, which say size 0.
        return new Small(changed(found.entry(), after, bytes.length, true), bytes, false);
      }
      return new Small(found.entry(), bytes, true);
    } catch (IOException e) {
      return new Small(found.marked(Entry.Warning.UNREADABLE).entry(), null, false);
    }
  }

  /**
   * All of it, if it is as long as expected; else as much as a small file may have.
   *
   * @param expected its size when it was looked at
   */
  private static byte[] whole(Path path, long expected) throws IOException {
    try (InputStream in = Files.newInputStream(path, LinkOption.NOFOLLOW_LINKS)) {
      byte[] bytes = new byte[(int) Math.min(expected, SMALL) + 1];
      int read = in.readNBytes(bytes, 0, bytes.length);
      if (read < bytes.length) {
        return Arrays.copyOf(bytes, read);
      }
      byte[] rest = in.readNBytes(Math.max(0, SMALL - read));
      byte[] all = Arrays.copyOf(bytes, read + rest.length);
      System.arraycopy(rest, 0, all, read, rest.length);
      return all;
    }
  }

  /**
   * Opens a large file; reading its end fails when it is not any more the one that was found.
   *
   * @throws IOException when it cannot be opened
   */
  static InputStream large(Found found) throws IOException {
    return new WatchedStream(Files.newInputStream(found.path(), LinkOption.NOFOLLOW_LINKS), found);
  }

  private static Entry changed(Entry entry, FileState now, int size, boolean mark) {
    java.time.Instant modified = now.modified().toInstant();
    return new Entry(
        entry.name(),
        entry.type(),
        now.mode() & 07777,
        now.uid(),
        now.gid(),
        entry.user(),
        entry.group(),
        modified.getEpochSecond(),
        modified.getNano(),
        size,
        null,
        null,
        null,
        mark ? Entry.Warning.CHANGED_WHILE_READING : entry.warning(),
        entry.attributes(),
        null);
  }

  /**
   * A large file: at its end it is looked whether it is still the one that was found; if not, the
   * end is an error.
   */
  private static final class WatchedStream extends java.io.FilterInputStream {
    private final Found found;

    WatchedStream(InputStream in, Found found) {
      super(in);
      this.found = found;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = super.read(bytes, offset, length);
      if (read < 0 && !FileState.of(found.path()).equals(found.state())) {
        throw new IOException("it changed while it was read");
      }
      return read;
    }
  }
}
