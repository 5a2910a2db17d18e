package resguardo.console;

import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.core.RawPath;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.version.Entry;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.VersionHeader;

/**
 * The entries of a version, so that folders of it can be looked at one by one: as lines in a
 * temporary file, with some 20 bytes of memory for each. They come in order; a folder is followed
 * by all that is in it. To be filled by one thread, then read by any.
 */
final class VersionIndex implements AutoCloseable {
  /** More would take more memory than a console has. */
  static final int MOST = 2_000_000;

  private static final int FIRST = 1024;
  private static final int BUFFER = 64 * 1024;

  private final Path file;
  private final OutputStream out;
  private final FileChannel in;
  private final Deque<Open> folders = new ArrayDeque<>();
  private long[] at = new long[FIRST];
  private int[] end = new int[FIRST];
  private long[] bytes = new long[FIRST];
  private int count;
  private @Nullable VersionHeader header;

  private record Open(int number, RawPath name) {}

  /**
   * An entry with its place.
   *
   * @param number in the version
   * @param below how many entries are below it
   * @param bytes of content of it and of all below it
   */
  record Item(int number, Entry entry, int below, long bytes) {}

  /** An empty one. */
  VersionIndex() throws IOException {
    file = Files.createTempFile("resguardo-console", ".entries");
    out = new BufferedOutputStream(Files.newOutputStream(file), BUFFER);
    in = FileChannel.open(file);
  }

  /** What is said of the version as a whole. */
  void opened(VersionHeader version) {
    header = version;
  }

  /** The next entry. */
  void add(byte[] line, int length) throws IOException, MalformedMessageException {
    if (count == MOST) {
      throw new IOException(
          "it has more than " + MOST + " entries, which is more than this console can show");
    }
    Entry entry = EntryCodec.read(Arrays.copyOf(line, length)).entry();
    while (!folders.isEmpty() && !entry.name().isAtOrBelow(folders.getLast().name())) {
      end[folders.removeLast().number()] = count;
    }
    if (count + 1 >= at.length) {
      at = Arrays.copyOf(at, at.length * 2);
      end = Arrays.copyOf(end, end.length * 2);
      bytes = Arrays.copyOf(bytes, bytes.length * 2);
    }
    end[count] = count + 1;
    bytes[count + 1] = bytes[count] + entry.size();
    at[count + 1] = at[count] + length;
    if (entry.type() == Entry.Type.FOLDER) {
      folders.addLast(new Open(count, entry.name()));
    }
    out.write(line, 0, length);
    count++;
  }

  /** All are there: now they can be read. */
  void complete() throws IOException {
    out.close();
    while (!folders.isEmpty()) {
      end[folders.removeLast().number()] = count;
    }
    at = Arrays.copyOf(at, count + 1);
    end = Arrays.copyOf(end, count + 1);
    bytes = Arrays.copyOf(bytes, count + 1);
  }

  /** What is said of the version as a whole. */
  VersionHeader header() {
    if (header == null) {
      throw new IllegalStateException("it was not opened");
    }
    return header;
  }

  /** How many entries it has. */
  int size() {
    return count;
  }

  /** The entry of this number. */
  Item item(int number) throws IOException {
    ByteBuffer line = ByteBuffer.allocate((int) (at[number + 1] - at[number]));
    while (line.hasRemaining()) {
      if (in.read(line, at[number] + line.position()) < 0) {
        throw new EOFException("the entries end too early");
      }
    }
    try {
      return new Item(
          number,
          EntryCodec.read(line.array()).entry(),
          end[number] - number - 1,
          bytes[end[number]] - bytes[number]);
    } catch (MalformedMessageException e) {
      throw new IOException("an entry that cannot be read: " + e.getMessage(), e);
    }
  }

  /** The entry of this name; empty when there is none. */
  Optional<Item> find(RawPath name) throws IOException {
    int low = 0;
    int high = count - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      Item item = item(middle);
      int order = item.entry().name().compareTo(name);
      if (order == 0) {
        return Optional.of(item);
      } else if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return Optional.empty();
  }

  /** A part of what is in a folder, and how many there are in all. */
  record Listing(List<Item> items, int total) {}

  /**
   * What is in a folder, in the order of names.
   *
   * @param from how many are passed over
   * @param most how many are wanted
   */
  Listing children(Item folder, int from, int most) throws IOException {
    List<Item> items = new ArrayList<>();
    int seen = 0;
    for (int i = folder.number() + 1; i < end[folder.number()]; i = end[i]) {
      if (seen >= from && items.size() < most) {
        items.add(item(i));
      }
      seen++;
    }
    return new Listing(items, seen);
  }

  /**
   * What has this text in its name, below a folder.
   *
   * @param most how many are wanted; one more says that there are more
   */
  List<Item> search(Item folder, String text, int most) throws IOException {
    String wanted = text.toLowerCase(Locale.ROOT);
    List<Item> found = new ArrayList<>();
    for (int i = folder.number(); i < end[folder.number()] && found.size() <= most; i++) {
      Item item = item(i);
      String name = Paths.last(item.entry().name()).text().toLowerCase(Locale.ROOT);
      if (name.contains(wanted)) {
        found.add(item);
      }
    }
    return found;
  }

  @Override
  public void close() throws IOException {
    try (OutputStream unless = out;
        FileChannel read = in) {
      Files.deleteIfExists(file);
    }
  }
}
