package resguardo.agent;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import resguardo.core.version.Entry;
import resguardo.core.version.Extent;

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
      byte[] bytes = content(found);
      FileState after = FileState.of(found.path());
      if (after.equals(found.state())) {
        // The files of /proc say size 0, and have more.
        boolean asItSays = bytes.length == found.entry().stored();
        return new Small(fitted(found.entry(), bytes, !asItSays), bytes, asItSays);
      }
      Found now = found.again(after);
      if (now.entry().data() != null && now.entry().stored() > SMALL) {
        return new Small(fitted(found.entry(), bytes, true), bytes, false);
      }
      byte[] again = content(now);
      boolean changedAgain = !FileState.of(found.path()).equals(after);
      return new Small(fitted(now.entry(), again, changedAgain), again, false);
    } catch (IOException e) {
      return new Small(found.marked(Entry.Warning.UNREADABLE).entry(), null, false);
    }
  }

  /** The entry of what was read. */
  private static Entry fitted(Entry entry, byte[] content, boolean mark) {
    Entry sized = entry.stored() == content.length ? entry : entry.sized(content.length);
    return mark ? sized.read(null, Entry.Warning.CHANGED_WHILE_READING) : sized;
  }

  /** What is stored of a file; of a sparse one always as much as its entry says. */
  private static byte[] content(Found found) throws IOException {
    List<Extent> data = found.entry().data();
    if (data == null) {
      return whole(found.path(), found.state().size());
    }
    byte[] bytes = new byte[(int) found.entry().stored()];
    try (InputStream in = parts(found.path(), data)) {
      in.readNBytes(bytes, 0, bytes.length);
    } catch (DataStream.ShorterException rest) {
      return bytes; // where it ends now, the rest reads as zeros; its state tells
    }
    return bytes;
  }

  private static InputStream parts(Path path, List<Extent> data) throws IOException {
    return new DataStream(
        FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS), data);
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
   * Opens a large file, of a sparse one its data; reading its end fails when it is not any more the
   * one that was found.
   *
   * @throws IOException when it cannot be opened
   */
  static InputStream large(Found found) throws IOException {
    List<Extent> data = found.entry().data();
    return new WatchedStream(
        data == null
            ? Files.newInputStream(found.path(), LinkOption.NOFOLLOW_LINKS)
            : parts(found.path(), data),
        found);
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
