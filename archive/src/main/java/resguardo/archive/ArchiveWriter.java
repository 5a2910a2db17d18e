package resguardo.archive;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import resguardo.core.RawPath;
import resguardo.core.Sha256;
import resguardo.core.version.ArchiveForm;
import resguardo.core.version.Chunk;
import resguardo.core.version.ChunkRows;
import resguardo.core.version.Entry;
import resguardo.core.version.Piece;
import resguardo.core.version.Place;
import resguardo.core.version.Placed;

/**
 * Writes one archive, whole or with new content only, and says entry by entry where it lies. Both
 * are ordinary tars in gzip members. The same entries with the same content give the same tar, byte
 * for byte; with the same deflater, the same archive. For one thread.
 */
public final class ArchiveWriter {
  /** Larger files are cut into chunks, each a member of its own; smaller ones share members. */
  public static final int SMALL = BlockBuffer.BLOCK;

  /** Under this name a delta archive has the new chunks of large files. */
  public static final String CHUNKS = ".resguardo/chunks/";

  /** Entries that may wait for the place of one before them; then its block is ended early. */
  private static final int MOST_WAITING = 4096;

  /** As GNU tar and bsdtar end an archive: two zero blocks. */
  static final int END = 2 * TarHeaders.BLOCK;

  private static final byte[] NOTHING = {};

  private final MemberQueue members;
  private final BlockBuffer blocks;
  private final ArchiveForm form;
  private final int number;
  private final boolean whole;
  private final Edit edit;
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private boolean empty = true;

  /**
   * @param threads compress the blocks
   * @param number of this archive in its registration
   * @param whole whether all entries are written, with their content; else only content that is
   *     new, and {@link #known} and {@link #keep} may be used
   * @param sink takes the archive's bytes
   * @param edit takes what is done to the base, in order
   */
  public ArchiveWriter(
      MemberDeflater deflater,
      ExecutorService threads,
      int number,
      boolean whole,
      ArchiveSink sink,
      Edit edit) {
    this.members = new MemberQueue(deflater, threads, sink);
    this.blocks = new BlockBuffer(members);
    this.form = deflater.form();
    this.number = number;
    this.whole = whole;
    this.edit = edit;
  }

  /** Takes what is done to the lines of the base. */
  public interface Edit {
    /** The next lines stay. */
    void keep(long lines) throws IOException, InterruptedException;

    /** The next lines go. */
    void drop(long lines) throws IOException, InterruptedException;
  }

  /** Takes an entry, once it is known where it lies; in the order of adding. */
  @FunctionalInterface
  public interface Added {
    void placed(Placed placed) throws IOException, InterruptedException;
  }

  /** Bytes of a source. Its errors belong to the source, and not to where the archive goes. */
  public interface Source {
    /** As {@link java.io.InputStream#read(byte[], int, int)}. */
    int read(byte[] into, int offset, int length) throws IOException;
  }

  /** Chunks that lie in an archive already. */
  public interface KnownChunks {
    /** One with this content; absent: none is known. */
    @Nullable Chunk find(Sha256 digest) throws IOException;
  }

  /** What is known of the chunks of a file that is added in pieces, and how many are wanted. */
  public interface Pieces extends KnownChunks {
    /**
     * Whether no more of it is wanted now; asked after each chunk but the last.
     *
     * @param given how many bytes of the file were added
     */
    boolean enough(long given);
  }

  /**
   * The end of an archive: what it amounts to.
   *
   * @param bytes 0 when nothing was new: then there is no archive
   */
  public record Written(long bytes, Sha256 digest, ArchiveForm form) {}

  /** What is to be told once all before it is: lines of the base, or an entry. */
  private final class Waiting {
    private final @Nullable Added then;
    private final boolean stays;
    private final ChunkRows chunks = new ChunkRows();
    private @Nullable Entry entry;
    private @Nullable Piece block;
    private @Nullable Piece content;
    private long lines;
    private int missing;

    /** Lines of the base. */
    Waiting(boolean stays) {
      this.then = null;
      this.stays = stays;
    }

    Waiting(Entry entry, Added then) {
      this.entry = entry;
      this.then = then;
      this.stays = false;
    }

    void tell() throws IOException, InterruptedException {
      if (entry != null && then != null) {
        then.placed(new Placed(entry, new Place(block, content, chunks.toList())));
      } else if (stays) {
        edit.keep(lines);
      } else {
        edit.drop(lines);
      }
    }
  }

  /** The next entry of the base stays as it is. */
  public void keep() throws IOException, InterruptedException {
    line(true);
  }

  /** The next entry of the base goes. */
  public void drop() throws IOException, InterruptedException {
    line(false);
  }

  private void line(boolean stays) throws IOException, InterruptedException {
    Waiting last = waiting.peekLast();
    if (last == null || last.then != null || last.stays != stays) {
      flush();
      last = new Waiting(stays);
      waiting.add(last);
    }
    last.lines++;
  }

  /** Adds an entry without content: anything but a file, or a file that cannot be read. */
  public void add(Entry entry, Added then) throws IOException, InterruptedException {
    Waiting one = begin(entry, then);
    if (whole && hasTarForm(entry)) {
      header(one, TarHeaders.of(entry), NOTHING, 0);
    }
    flush();
  }

  /** Whether an entry stands in a complete archive at all. */
  public static boolean hasTarForm(Entry entry) {
    boolean unread = entry.type() == Entry.Type.FILE && entry.digest() == null;
    return entry.type() != Entry.Type.SOCKET && !unread;
  }

  /** Adds a small file with its content. */
  public void add(Entry entry, byte[] content, int length, Added then)
      throws IOException, InterruptedException {
    Waiting one = begin(entry, then);
    if (whole || length > 0) {
      header(one, TarHeaders.of(entry), content, length);
    }
    flush();
  }

  /**
   * Adds a file whose content lies in an archive already.
   *
   * @param place where; what it says of a header does not count, as the entry has changed
   */
  public void known(Entry entry, Place place, Added then) throws IOException, InterruptedException {
    Waiting one = begin(entry, then);
    one.content = place.content();
    one.chunks.addAll(place.chunks());
    flush();
  }

  /**
   * Where only the content of an entry lies, whatever becomes of its header.
   *
   * @param entry as it was when it was placed
   */
  public static Place contentOf(Entry entry, Place place) {
    Piece block = place.block();
    if (block == null || !place.chunks().isEmpty()) {
      return new Place(null, place.content(), place.chunks());
    }
    int start = block.start() + TarHeaders.of(entry).length;
    return new Place(
        null,
        new Piece(block.archive(), block.offset(), block.length(), block.raw(), start),
        place.chunks());
  }

  /**
   * Adds a large file (see {@link LargeFile}).
   *
   * @param found without a digest; its size is that of the file when it was looked at
   * @param content what is to be stored: of a sparse file its data alone
   * @param known content that lies in an archive already; not asked when the archive is whole
   */
  public void add(Entry found, Source content, KnownChunks known, Added then)
      throws IOException, InterruptedException {
    add(new LargeFile(found, content), !whole, List.of(), known, given -> false, then);
  }

  /**
   * Adds a large file in pieces, as far as wanted. Where the archive would be whole otherwise, it
   * is not any more.
   *
   * @param file which has given as much as these chunks hold
   * @param before chunks of it that lie in an archive
   * @param pieces what is known of its chunks, and when it is enough
   * @return whether all of it was added; else its entry is one of what was, as if it were all
   */
  public boolean add(LargeFile file, List<Chunk> before, Pieces pieces, Added then)
      throws IOException, InterruptedException {
    return add(file, true, before, pieces, pieces::enough, then);
  }

  private boolean add(
      LargeFile file,
      boolean inPieces,
      List<Chunk> before,
      KnownChunks known,
      LongPredicate enough,
      Added then)
      throws IOException, InterruptedException {
    Waiting one = begin(file.found(), then);
    one.missing++; // until its digest is known
    one.chunks.addAll(before);
    if (!inPieces) {
      lonely(one, TarHeaders.of(file.found()));
    }
    boolean cut = false;
    while (file.hasMore() && !cut) {
      chunk(one, file.next(), inPieces, known);
      cut = file.hasMore() && enough.test(file.given());
    }
    if (!inPieces) {
      padding(file.size());
    }
    one.entry = cut ? file.entrySoFar() : file.entry();
    one.missing--;
    flush();
    return !cut;
  }

  private void chunk(Waiting one, byte[] bytes, boolean inPieces, KnownChunks known)
      throws IOException, InterruptedException {
    Sha256 digest = Sha256.of(bytes);
    Chunk there = inPieces ? known.find(digest) : null;
    int index = one.chunks.size();
    one.chunks.add(there);
    if (there != null) {
      return;
    }
    if (inPieces) {
      lonely(null, TarHeaders.of(chunkEntry(digest, bytes.length)));
    }
    one.missing++;
    members.compress(
        bytes,
        bytes.length,
        (offset, length) -> {
          one.chunks.set(index, new Chunk(number, offset, length, bytes.length, digest));
          one.missing--;
          flush();
        });
    if (inPieces) {
      padding(bytes.length);
    }
  }

  /** The entry that has chunks of large files, named by the first. */
  static Entry chunkEntry(Sha256 digest, long size) {
    RawPath name = RawPath.ofBytes((CHUNKS + digest.hex()).getBytes(StandardCharsets.US_ASCII));
    return new Entry(
        name, Entry.Type.FILE, 0644, 0, 0, null, null, 0, 0, size, digest, null, null, null);
  }

  private void padding(long size) throws IOException, InterruptedException {
    int padding = TarHeaders.padding(size);
    if (padding > 0) {
      members.compress(new byte[padding], padding, (offset, length) -> {});
    }
  }

  private Waiting begin(Entry entry, Added then) throws IOException, InterruptedException {
    Waiting one = new Waiting(entry, then);
    waiting.add(one);
    if (waiting.size() > MOST_WAITING) {
      blocks.cut();
    }
    return one;
  }

  private void header(@Nullable Waiting one, byte[] header, byte[] content, int length)
      throws IOException, InterruptedException {
    empty = false;
    if (one != null) {
      one.missing++;
    }
    int start = blocks.add(header, content, length);
    if (one != null) {
      blocks.whenGiven(
          (offset, memberLength, raw) -> {
            one.block = new Piece(number, offset, memberLength, raw, start);
            one.missing--;
            flush();
          });
    }
  }

  /**
   * A header whose content lies in members of its own. It does too: so that all other blocks hold
   * whole entries, and can be moved to another archive as they are.
   */
  private void lonely(@Nullable Waiting one, byte[] header)
      throws IOException, InterruptedException {
    blocks.cut();
    header(one, header, NOTHING, 0);
    blocks.cut();
  }

  /** Tells what waits no more. */
  private void flush() throws IOException, InterruptedException {
    while (!waiting.isEmpty() && waiting.peek().missing == 0) {
      waiting.remove().tell();
    }
  }

  /** How many bytes of the archive were given on; what is being compressed is not counted yet. */
  public long written() {
    return members.written();
  }

  /** Tells of all entries that were added: none has its chunks in memory any more. */
  public void settle() throws IOException, InterruptedException {
    blocks.cut();
    members.finish();
    flush();
  }

  /** Ends the archive, and tells the rest of the entries. */
  public Written finish() throws IOException, InterruptedException {
    blocks.cut();
    if (!empty) {
      members.compress(new byte[END], END, (offset, length) -> {});
    }
    settle();
    return new Written(members.written(), members.digest(), form);
  }
}
