package resguardo.archive;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;
import resguardo.core.Sha256;
import resguardo.core.version.Chunk;
import resguardo.core.version.Entry;
import resguardo.core.version.Piece;
import resguardo.core.version.Placed;

/**
 * Makes one complete archive of entries whose bytes lie in several. Members that are wholly wanted
 * are copied as they are; of others the wanted content is put into new blocks. For one thread.
 */
public final class Composer {
  /** Inflated members that are kept, for the entries that share them. */
  private static final int KEPT = 4;

  private static final int GZIP_TRAILER = 8;

  private final MemberQueue queue;
  private final BlockBuffer blocks;
  private final Members members;
  private final Map<Long, byte[]> inflated =
      new LinkedHashMap<>(KEPT, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, byte[]> eldest) {
          return size() > KEPT;
        }
      };
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
   * @param threads compress what is made anew
   * @param sink takes the archive's bytes
   */
  public Composer(
      MemberDeflater deflater, ExecutorService threads, Members members, ArchiveSink sink) {
    this.queue = new MemberQueue(deflater, threads, sink);
    this.blocks = new BlockBuffer(queue);
    this.members = members;
  }

  /**
   * Adds the next entry.
   *
   * @throws IOException when its bytes cannot be read, or are not what its digest says
   */
  public void add(Placed placed) throws IOException, InterruptedException {
    if (!ArchiveWriter.hasTarForm(placed.entry())) {
      return;
    }
    Piece block = placed.place().block();
    if (block == null || !continues(block)) {
      breakRun();
    }
    if (block == null || (run.isEmpty() && block.start() > 0)) {
      makeAnew(placed);
      return;
    }
    run.add(placed);
    runMember = block;
    runEnd = block.start() + blockLength(placed);
    if (runEnd == block.raw()) {
      blocks.cut();
      queue.copy(members.read(block));
      run.clear();
      chunks(placed);
    } else if (!placed.place().chunks().isEmpty()) {
      breakRun(); // the header of a large file ends its block, unless what follows is not wanted
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
    return small ? placed.entry().size() : 0;
  }

  private void breakRun() throws IOException, InterruptedException {
    List<Placed> broken = List.copyOf(run);
    run.clear();
    for (Placed one : broken) {
      makeAnew(one);
    }
  }

  private void makeAnew(Placed placed) throws IOException, InterruptedException {
    byte[] header = TarHeaders.of(placed.entry());
    if (contentInBlock(placed) > 0) {
      byte[] content = content(placed);
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
      queue.copy(members.read(chunk.piece()));
    }
    if (size != placed.entry().size()) {
      throw new IOException(placed.entry().name() + " is not as long as its chunks");
    }
    int padding = TarHeaders.padding(size);
    if (padding > 0) {
      queue.compress(new byte[padding], padding, (offset, length) -> {});
    }
  }

  /**
   * The content of a small file.
   *
   * @throws IOException when it cannot be read, or is not what its digest says
   */
  private byte[] content(Placed placed) throws IOException {
    Entry entry = placed.entry();
    Piece piece = ArchiveWriter.contentOf(entry, placed.place()).content();
    if (piece == null || entry.size() > Piece.LARGEST_RAW) {
      throw new IOException(entry.name() + " has content, but no place where it lies");
    }
    byte[] raw = inflated(piece);
    long end = piece.start() + entry.size();
    if (end > raw.length) {
      throw new IOException(entry.name() + " does not lie where it should");
    }
    byte[] content = Arrays.copyOfRange(raw, piece.start(), (int) end);
    if (!Sha256.of(content).equals(entry.digest())) {
      throw new IOException(entry.name() + " is not what was stored");
    }
    return content;
  }

  private byte[] inflated(Piece piece) throws IOException {
    long key = (long) piece.archive() << 44 ^ piece.offset();
    byte[] known = inflated.get(key);
    if (known == null) {
      known = inflate(members.read(piece), piece.raw());
      inflated.put(key, known);
    }
    return known;
  }

  /** What a gzip member of ours holds. */
  static byte[] inflate(byte[] member, int raw) throws IOException {
    int header = JdkDeflater.HEADER.length;
    if (member.length < header + GZIP_TRAILER) {
      throw new IOException("a member of " + member.length + " bytes");
    }
    Inflater inflater = new Inflater(true);
    try {
      inflater.setInput(member, header, member.length - header);
      byte[] out = new byte[raw];
      int filled = 0;
      while (filled < raw && !inflater.finished()) {
        int more = inflater.inflate(out, filled, raw - filled);
        if (more == 0) {
          break;
        }
        filled += more;
      }
      if (filled != raw) {
        throw new IOException("a member that holds " + filled + " bytes instead of " + raw);
      }
      return out;
    } catch (DataFormatException e) {
      throw new IOException("a member that cannot be inflated: " + e.getMessage());
    } finally {
      inflater.end();
    }
  }

  /** Ends the archive. */
  public Composed finish() throws IOException, InterruptedException {
    breakRun();
    blocks.cut();
    queue.compress(new byte[ArchiveWriter.END], ArchiveWriter.END, (offset, length) -> {});
    queue.finish();
    return new Composed(queue.written(), queue.digest());
  }
}
