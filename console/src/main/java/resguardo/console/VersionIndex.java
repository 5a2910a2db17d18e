package resguardo.console;

import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.archive.ScratchFile;
import resguardo.core.RawPath;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.version.Entry;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.VersionHeader;

/**
 * The entries of a version, so that folders of it can be looked at one by one: as lines in a {@link
 * ScratchFile}, with some 20 bytes of memory for each, and without what is not shown. They come in
 * order; a folder is followed by all that is in it. Of names only one is kept while it is filled,
 * and of what is read together no more than {@link PageRoom}. To be filled by one thread, then read
 * by any.
 */
final class VersionIndex implements AutoCloseable {
  /** More would take more memory than a console has. */
  static final int MOST = 2_000_000;

  /**
   * In the file: as many as have names of 300 bytes. A search reads all of it, in seconds, and
   * where temporary files lie in memory it takes that.
   */
  static final long MOST_BYTES = 1L << 30;

  private static final byte[] NOTHING = {};
  private static final RawPath ROOT = RawPath.ofBytes(NOTHING);
  private static final int FIRST = 1024;
  private static final int BUFFER = 64 * 1024;

  private final ScratchFile file;
  private final long most;
  private final OutputStream out;
  private final Deque<Open> folders = new ArrayDeque<>();

  /** The name of the last folder, which begins with those of all that are open. */
  private byte[] innermost = NOTHING;

  private long[] at = new long[FIRST];
  private int[] end = new int[FIRST];
  private long[] bytes = new long[FIRST];
  private int count;
  private @Nullable VersionHeader header;

  /** A folder to which more may belong, and how long its name is. */
  private record Open(int number, int length) {}

  /**
   * An entry with its place.
   *
   * @param number in the version
   * @param below how many entries are below it
   * @param bytes of content of it and of all below it
   */
  record Item(int number, Entry entry, int below, long bytes) {}

  /** An empty one, where temporary files of this process lie. */
  VersionIndex() {
    this(ScratchFile.ofThisProcess(MOST_BYTES), MOST_BYTES);
  }

  /**
   * @param file closed with this
   * @param most bytes of lines that it may have
   */
  VersionIndex(ScratchFile file, long most) {
    this.file = file;
    this.most = most;
    out = new BufferedOutputStream(file.appending(), BUFFER);
  }

  /** What is said of the version as a whole. */
  void opened(VersionHeader version) {
    header = version;
  }

  /**
   * The next entry.
   *
   * @throws TooLargeException when they are more than may be, or have no room
   */
  void add(byte[] line, int length) throws IOException, MalformedMessageException {
    if (count == MOST) {
      throw TooLargeException.of(MOST + " entries");
    }
    Entry entry = EntryCodec.read(Arrays.copyOf(line, length)).entry();
    byte[] name = entry.name().bytes();
    int alike = entry.name().isAtOrBelow(ROOT) ? alike(name, innermost) : -1;
    while (!folders.isEmpty() && !isIn(folders.getLast(), name, alike)) {
      end[folders.removeLast().number()] = count;
    }
    if (count + 1 >= at.length) {
      at = Arrays.copyOf(at, at.length * 2);
      end = Arrays.copyOf(end, end.length * 2);
      bytes = Arrays.copyOf(bytes, bytes.length * 2);
    }
    end[count] = count + 1;
    byte[] shown = EntryCodec.write(entry.bare());
    if (at[count] + shown.length > most) {
      throw TooLargeException.of(most + " bytes of names");
    }
    bytes[count + 1] = SizeSum.of(bytes[count], entry.size());
    at[count + 1] = at[count] + shown.length;
    if (entry.type() == Entry.Type.FOLDER) {
      folders.addLast(new Open(count, name.length));
      innermost = name;
    }
    try {
      out.write(shown);
    } catch (IOException e) {
      throw TooLargeException.noRoom(e);
    }
    count++;
  }

  /** How many bytes two names have alike at their beginning. */
  private static int alike(byte[] name, byte[] other) {
    int at = Arrays.mismatch(name, other);
    return at < 0 ? name.length : at;
  }

  private static boolean isIn(Open folder, byte[] name, int alike) {
    int above = folder.length();
    return alike >= above && (name.length == above || above == 0 || name[above] == '/');
  }

  /** How many bytes of names are kept while it is filled. */
  int nameBytes() {
    return innermost.length;
  }

  /**
   * All are there: now they can be read.
   *
   * @throws TooLargeException when they have no room
   */
  void complete() throws IOException {
    try {
      out.flush();
    } catch (IOException e) {
      throw TooLargeException.noRoom(e);
    }
    while (!folders.isEmpty()) {
      end[folders.removeLast().number()] = count;
    }
    innermost = NOTHING;
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

  /** How many bytes of the file it takes. */
  long fileBytes() {
    return at[count];
  }

  /** How many entries it has. */
  int size() {
    return count;
  }

  /** The entry of this number. */
  Item item(int number) throws IOException {
    ByteBuffer line = ByteBuffer.allocate((int) (at[number + 1] - at[number]));
    file.read(at[number], line);
    if (line.hasRemaining()) {
      throw new EOFException("the entries end too early");
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
   * @param most how many are wanted; there are fewer where those have no room on a page together
   */
  Listing children(Item folder, int from, int most) throws IOException {
    List<Item> items = new ArrayList<>();
    PageRoom room = new PageRoom();
    boolean full = false;
    int seen = 0;
    for (int i = folder.number() + 1; i < end[folder.number()]; i = end[i]) {
      if (seen >= from && items.size() < most && !full) {
        Item item = item(i);
        full = !room.takes(item.entry());
        if (!full) {
          items.add(item);
        }
      }
      seen++;
    }
    return new Listing(items, seen);
  }

  /** A part of what was found, and whether there is more. */
  record Found(List<Item> items, boolean more) {}

  /**
   * What has this text in its name, below a folder.
   *
   * @param most how many are wanted; there are fewer where those have no room on a page together
   */
  Found search(Item folder, String text, int most) throws IOException {
    String wanted = text.toLowerCase(Locale.ROOT);
    List<Item> found = new ArrayList<>();
    PageRoom room = new PageRoom();
    for (int i = folder.number(); i < end[folder.number()]; i++) {
      Item item = item(i);
      String name = Paths.last(item.entry().name()).text().toLowerCase(Locale.ROOT);
      if (!name.contains(wanted)) {
        continue;
      }
      if (found.size() == most || !room.takes(item.entry())) {
        return new Found(found, true);
      }
      found.add(item);
    }
    return new Found(found, false);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
