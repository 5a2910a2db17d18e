package resguardo.agent;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.jspecify.annotations.Nullable;
import resguardo.archive.SourceFile;
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

  /**
   * Reads a small file as a whole.
   *
   * @throws IOException when what was remembered of files with several names cannot be read
   */
  static Small small(Found found) throws IOException {
    try {
      Read first = read(found);
      byte[] bytes = first.bytes();
      if (first.after().equals(found.state())) {
        // The files of /proc say size 0, and have more.
        boolean asItSays = bytes.length == found.entry().stored();
        return new Small(fitted(found.entry(), bytes, !asItSays), bytes, asItSays);
      }
      Found now = found.again(FileState.of(found.path()));
      if (now.scattered()) {
        found.isReadAs(now.state());
        return new Small(now.entry(), null, false);
      }
      if (now.entry().data() != null && now.entry().stored() > SMALL) {
        found.isReadAs(first.after());
        return new Small(fitted(found.entry(), bytes, true), bytes, false);
      }
      Read again = read(now);
      found.isReadAs(again.after());
      byte[] then = again.bytes();
      boolean asFound = again.after().equals(now.state()) && then.length == now.entry().stored();
      return new Small(fitted(now.entry(), then, !asFound), then, false);
    } catch (IOException e) {
      found.isReadAs(null);
      return new Small(found.marked(Entry.Warning.UNREADABLE).entry(), null, false);
    }
  }

  /**
   * What was read.
   *
   * @param after the state of the very file that was read, after that
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  private record Read(byte[] bytes, FileState after) {}

  /** The entry of what was read. */
  private static Entry fitted(Entry entry, byte[] content, boolean mark) {
    Entry sized = entry.stored() == content.length ? entry : entry.sized(content.length);
    return mark ? sized.read(null, Entry.Warning.CHANGED_WHILE_READING) : sized;
  }

  private static Read read(Found found) throws IOException {
    List<Extent> data = found.entry().data();
    if (data != null) {
      byte[] bytes = dataOf(found, data);
      return new Read(bytes, FileState.of(found.path()));
    }
    try (SourceFile file = SourceFile.open(found.path())) {
      byte[] bytes = file.read(found.state().size());
      return new Read(bytes, FileState.of(file, found.path()));
    }
  }

  /** What is stored of a sparse file: always as much as its entry says. */
  private static byte[] dataOf(Found found, List<Extent> data) throws IOException {
    byte[] bytes = new byte[(int) found.entry().stored()];
    try (InputStream in = new DataStream(opened(found), data)) {
      in.readNBytes(bytes, 0, bytes.length);
    } catch (DataStream.ShorterException rest) {
      return bytes; // where it ends now, the rest reads as zeros; its state tells
    }
    return bytes;
  }

  /**
   * Opens what still is a file: of a FIFO in its place nothing might ever come.
   *
   * @throws IOException when it is none any more, or cannot be opened
   */
  private static FileChannel opened(Found found) throws IOException {
    try (SourceFile file = SourceFile.open(found.path())) {
      FileState now = FileState.of(file, found.path());
      if (!Entries.isFile(now)) {
        throw new IOException("it is no file any more");
      }
      found.isReadAs(now);
      return FileChannel.open(file.path(), StandardOpenOption.READ);
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
        data == null ? Channels.newInputStream(opened(found)) : new DataStream(opened(found), data),
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
