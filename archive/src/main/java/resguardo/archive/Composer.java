package resguardo.archive;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import resguardo.core.BackupOptions;
import resguardo.core.Sha256;
import resguardo.core.version.Chunk;
import resguardo.core.version.Entry;
import resguardo.core.version.Piece;
import resguardo.core.version.Placed;

/**
 * Makes one complete archive of entries whose bytes lie in several. Members that are wholly wanted
 * are copied as they are, unless they are of another codec than the archive is to have; of others
 * the wanted content is put into new blocks. For one thread.
 */
public final class Composer implements Assembly {
  private final BackupOptions.Codec codec;
  private final MemberQueue queue;
  private final BlockBuffer blocks;
  private final Members members;
  private final MemberReader reader;
  private boolean looksInto;
  private final List<Placed> run = new ArrayList<>();
  private @Nullable Piece runMember;
  private int runEnd;

  /** Where members are read from. */
  public interface Members {
    /**
     * The member as it lies in its archive.
     *
     * @throws IOException when it cannot be read, whole
     */
    byte[] read(Piece member) throws IOException;
  }

  /** What was made. */
  public record Composed(long bytes, Sha256 digest) {}

  /**
   * @param deflater says which codec the archive is to have
   * @param threads compress what is made anew
   * @param sink takes the archive's bytes
   */
  public Composer(
      MemberDeflater deflater, ExecutorService threads, Members members, ArchiveSink sink) {
    this.codec = deflater.form().codec();
    this.queue = new MemberQueue(deflater, threads, sink);
    this.blocks = new BlockBuffer(queue);
    this.members = members;
    this.reader = new MemberReader(members);
  }

  /**
   * Has it look into what it copies, for whoever takes the archive apart without the manifest. A
   * node packs its archives itself, and may have put in what no line of the manifest names, which
   * another tar would take; and what was damaged since would be so in an archive whose own digest
   * is right. Returns this.
   */
  public Composer lookingInto() {
    looksInto = true;
    return this;
  }

  @Override
  public void add(Placed placed) throws IOException, InterruptedException {
    if (!ArchiveWriter.hasTarForm(placed.entry())) {
      return;
    }
    refuseWhatCannotBe(placed);
    Piece block = placed.place().block();
    // A header with such names may be longer than another tar takes.
    boolean asItLies = block != null && placed.entry().ownersCanBe();
    if (block == null || !asItLies || !continues(block)) {
      breakRun();
    }
    if (block == null || !asItLies || (run.isEmpty() && block.start() > 0)) {
      makeAnew(placed);
      return;
    }
    run.add(placed);
    runMember = block;
    runEnd = block.start() + blockLength(placed);
    if (runEnd == block.raw()) {
      blocks.cut();
      copy(block, raw -> lookAt(run, raw));
      run.clear();
      chunks(placed);
    } else if (!placed.place().chunks().isEmpty()) {
      breakRun(); // the header of a large file ends its block, unless what follows is not wanted
    }
  }

  /**
   * A node says itself where its files lie. What a tar would read as more entries, because the one
   * before has no content, or less than it is said to have, is not composed.
   */
  private static void refuseWhatCannotBe(Placed placed) throws IOException {
    Optional<String> why = placed.refusal();
    if (why.isPresent()) {
      throw new IOException(why.get());
    }
  }

  /** What a member has to hold. */
  private interface Look {
    /**
     * @throws IOException when it holds something else
     */
    void at(byte[] raw) throws IOException;
  }

  private void copy(Piece piece, Look look) throws IOException, InterruptedException {
    byte[] member = members.read(piece);
    boolean asItLies = MemberCodecs.of(member) == codec;
    if (asItLies && !looksInto) {
      queue.copy(member);
      return;
    }
    byte[] raw = MemberCodecs.inflate(member, piece.raw());
    look.at(raw);
    if (asItLies) {
      queue.copy(member);
    } else {
      queue.compress(raw, raw.length, (offset, length) -> {});
    }
  }

  /** Looks at the entries that fill a member, with nothing between them. */
  private static void lookAt(List<Placed> whole, byte[] raw) throws IOException {
    int at = 0;
    for (Placed placed : whole) {
      at = MemberReader.header(placed.entry(), raw, at);
      long content = contentInBlock(placed);
      if (content > 0) {
        MemberReader.content(placed.entry(), raw, at);
      }
      at += (int) (content + TarHeaders.padding(content));
    }
  }

  private boolean continues(Piece block) {
    return !run.isEmpty()
        && runMember != null
        && runMember.sameMember(block)
        && runEnd == block.start();
  }

  /** How many bytes of an entry lie in its block: all, but the chunks of a large file. */
  private static int blockLength(Placed placed) {
    int header = TarHeaders.of(placed.entry()).length;
    return header + (int) (contentInBlock(placed) + TarHeaders.padding(contentInBlock(placed)));
  }

  private static long contentInBlock(Placed placed) {
    boolean small = placed.entry().type() == Entry.Type.FILE && placed.place().chunks().isEmpty();
    return small ? placed.entry().stored() : 0;
  }

  private void breakRun() throws IOException, InterruptedException {
    List<Placed> broken = List.copyOf(run);
    run.clear();
    for (Placed one : broken) {
      makeAnew(one);
    }
  }

  private void makeAnew(Placed placed) throws IOException, InterruptedException {
    byte[] header = TarHeaders.of(placed.entry().withoutOddOwners());
    if (contentInBlock(placed) > 0) {
      byte[] content = reader.content(placed);
      blocks.add(header, content, content.length);
    } else {
      blocks.add(header, new byte[0], 0);
      chunks(placed);
    }
  }

  private void chunks(Placed placed) throws IOException, InterruptedException {
    if (placed.place().chunks().isEmpty()) {
      return;
    }
    blocks.cut();
    long size = 0;
    for (Chunk chunk : placed.place().chunks()) {
      size += chunk.raw();
      copy(chunk.piece(), raw -> MemberReader.chunk(chunk, raw));
    }
    if (size != placed.entry().stored()) {
      throw new IOException(placed.entry().name() + " is not as long as its chunks");
    }
    int padding = TarHeaders.padding(size);
    if (padding > 0) {
      queue.compress(new byte[padding], padding, (offset, length) -> {});
    }
  }

  @Override
  public Composed finish() throws IOException, InterruptedException {
    breakRun();
    blocks.cut();
    queue.compress(new byte[ArchiveWriter.END], ArchiveWriter.END, (offset, length) -> {});
    queue.finish();
    return new Composed(queue.written(), queue.digest());
  }
}
