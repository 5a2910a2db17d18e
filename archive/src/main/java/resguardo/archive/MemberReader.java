package resguardo.archive;

import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import resguardo.core.Sha256;
import resguardo.core.version.Chunk;
import resguardo.core.version.Entry;
import resguardo.core.version.Piece;
import resguardo.core.version.Placed;

/** Reads content out of members, and never gives what is not as it was stored. */
final class MemberReader {
  /** Inflated members that are kept, for the entries that share them. */
  private static final int KEPT = 4;

  private final Composer.Members members;
  private final Map<Long, byte[]> inflated =
      new LinkedHashMap<>(KEPT, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, byte[]> eldest) {
          return size() > KEPT;
        }
      };

  MemberReader(Composer.Members members) {
    this.members = members;
  }

  /** The content of a chunk. */
  byte[] chunk(Chunk chunk) throws IOException {
    byte[] raw = MemberCodecs.inflate(members.read(chunk.piece()), chunk.raw());
    chunk(chunk, raw);
    return raw;
  }

  /**
   * Looks at what the member of a chunk holds.
   *
   * @throws IOException when that is not its content
   */
  static void chunk(Chunk chunk, byte[] raw) throws IOException {
    if (!Sha256.of(raw).equals(chunk.digest())) {
      throw new IOException("a chunk is not what was stored");
    }
  }

  /**
   * Looks at the tar header of an entry, which goes out as it lies where a version is one archive.
   *
   * @throws IOException when it cannot be read, or is another
   */
  void header(Entry entry, Piece block) throws IOException {
    header(entry, inflated(block), block.start());
  }

  /**
   * The same in what its member holds, from this offset on.
   *
   * @return where it ends
   */
  static int header(Entry entry, byte[] raw, int start) throws IOException {
    byte[] header = TarHeaders.of(entry);
    int end = start + header.length;
    if (end > raw.length || !Arrays.equals(raw, start, end, header, 0, header.length)) {
      throw new IOException(entry.name() + " has another header than was stored");
    }
    return end;
  }

  /**
   * The content of a small file.
   *
   * @throws IOException when it cannot be read, or is not what its digest says
   */
  byte[] content(Placed placed) throws IOException {
    Entry entry = placed.entry();
    Piece piece = ArchiveWriter.contentOf(entry, placed.place()).content();
    if (entry.stored() == 0) {
      return new byte[0];
    }
    if (piece == null || entry.stored() > Piece.LARGEST_RAW) {
      throw new IOException(entry.name() + " has content, but no place where it lies");
    }
    return content(entry, inflated(piece), piece.start());
  }

  /** The same in what its member holds, from this offset on. */
  static byte[] content(Entry entry, byte[] raw, int start) throws IOException {
    long end = start + entry.stored();
    if (end > raw.length) {
      throw new IOException(entry.name() + " does not lie where it should");
    }
    byte[] content = Arrays.copyOfRange(raw, start, (int) end);
    if (!Sha256.of(content).equals(entry.digest())) {
      throw new IOException(entry.name() + " is not what was stored");
    }
    return content;
  }

  private byte[] inflated(Piece piece) throws IOException {
    long key = (long) piece.archive() << 44 ^ piece.offset();
    byte[] known = inflated.get(key);
    if (known == null) {
      known = MemberCodecs.inflate(members.read(piece), piece.raw());
      inflated.put(key, known);
    }
    return known;
  }
}
