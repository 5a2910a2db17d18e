package resguardo.agent;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import resguardo.core.version.Entry;

/**
 * Reads the content of files that may be changing meanwhile. A small file that changed while it was
 * read is read once more; a large one, or one that changed again, is marked.
 */
final class FileReader {
  /** Read as a whole, so that it can be read again before anything of it is sent. */
  private static final int SMALL = 1024 * 1024;

  /** What is done with the content, as far as it could be read. */
  interface Use {
    /**
     * @param entry of the file as it is read: its size, and the mark if it is known already to have
     *     changed
     * @param content of so many bytes; it may turn out to be more or fewer
     */
    Entry with(Entry entry, InputStream content) throws IOException, InterruptedException;
  }

  private FileReader() {}

  /**
   * Hands over the content of a file.
   *
   * @return the entry to be recorded; marked as unreadable if the file could not be opened, and
   *     then nothing was handed over
   */
  static Entry read(Found found, Use use, Use unreadable) throws IOException, InterruptedException {
    if (found.state().size() <= SMALL) {
      return readSmall(found, use, unreadable);
    }
    InputStream content;
    try {
      content = open(found.path());
    } catch (IOException e) {
      return unreadable.with(SourceWalker.marked(found.entry()), InputStream.nullInputStream());
    }
    try (content) {
      return use.with(found.entry(), new WatchedStream(content, found));
    }
  }

  private static Entry readSmall(Found found, Use use, Use unreadable)
      throws IOException, InterruptedException {
    byte[] bytes;
    Entry entry = found.entry();
    try {
      bytes = whole(found.path());
      FileState after = FileState.of(found.path());
      if (!after.equals(found.state())) {
        bytes = whole(found.path());
        boolean again = !FileState.of(found.path()).equals(after);
        entry = changed(found.entry(), after, bytes.length, again);
      } else if (bytes.length != entry.size()) {
        entry =
            changed(
                entry,
                found.state(),
                bytes.length,
                true); // such as the files of /proc, which say size 0
      }
    } catch (IOException e) {
      return unreadable.with(SourceWalker.marked(found.entry()), InputStream.nullInputStream());
    }
    return use.with(entry, new ByteArrayInputStream(bytes));
  }

  private static byte[] whole(Path path) throws IOException {
    try (InputStream in = open(path)) {
      return in.readNBytes(SMALL);
    }
  }

  private static InputStream open(Path path) throws IOException {
    return Files.newInputStream(path, LinkOption.NOFOLLOW_LINKS);
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
        mark ? Entry.Warning.CHANGED_WHILE_READING : entry.warning());
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
