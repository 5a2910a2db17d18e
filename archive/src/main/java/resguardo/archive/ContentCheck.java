package resguardo.archive;

import java.io.IOException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import resguardo.core.Sha256;
import resguardo.core.port.StoreException;
import resguardo.core.version.Chunk;
import resguardo.core.version.Entry;
import resguardo.core.version.Piece;
import resguardo.core.version.Placed;

/** Reads the content of entries and holds it against their digests. For one thread. */
public final class ContentCheck {
  private final MemberReader members;

  /** Of entries whose bytes lie there. */
  public ContentCheck(Composer.Members members) {
    this.members = new MemberReader(members);
  }

  /**
   * Something of an entry that is not what was stored.
   *
   * @param member in which it lies; absent: that cannot be told, as the store could not be asked
   * @param what is wrong, in words
   * @param unasked why it is not known whether anything is wrong: the store could not be asked;
   *     absent: it is known
   */
  public record Flaw(@Nullable Piece member, String what, @Nullable StoreException unasked) {}

  /** What is done between two reads; what it throws ends the check. */
  public interface Between {
    /**
     * Done before a member is read.
     *
     * @throws IOException when no more is to be read
     */
    void reads() throws IOException;
  }

  /**
   * Reads all that an entry has, also its header where an archive has one, and does not stop at the
   * first that is wrong.
   *
   * @param between one entry may have a million members
   * @return what is wrong, in the order in which it lies in the entry; none: all is as it should be
   * @throws IOException as {@code between} says
   */
  public List<Flaw> flaws(Placed placed, Between between) throws IOException {
    List<Flaw> flaws = new ArrayList<>();
    Piece block = placed.place().block();
    if (block != null) {
      look(block, flaws, () -> members.header(placed.entry(), block));
    }
    Entry entry = placed.entry();
    if (entry.type() != Entry.Type.FILE || entry.digest() == null) {
      return flaws;
    }
    if (placed.place().chunks().isEmpty()) {
      Piece content = ArchiveWriter.contentOf(entry, placed.place()).content();
      look(content, flaws, () -> members.content(placed));
      return flaws;
    }
    MessageDigest digest = Sha256.newDigest();
    int before = flaws.size();
    for (Chunk chunk : placed.place().chunks()) {
      between.reads();
      look(chunk.piece(), flaws, () -> digest.update(members.chunk(chunk)));
    }
    if (flaws.size() == before && !Sha256.ofDigest(digest.digest()).equals(entry.digest())) {
      flaws.add(new Flaw(null, "it is not what was stored", null));
    }
    return flaws;
  }

  private interface Look {
    void at() throws IOException;
  }

  private static void look(@Nullable Piece member, List<Flaw> flaws, Look look) {
    try {
      look.at();
    } catch (StoreException e) {
      boolean gone = e instanceof StoreException.NotFound;
      flaws.add(new Flaw(null, String.valueOf(e.getMessage()), gone ? null : e));
    } catch (IOException e) {
      flaws.add(new Flaw(member, String.valueOf(e.getMessage()), null));
    }
  }

  /**
   * Reads all that an entry has.
   *
   * @throws IOException when it cannot be read, or is not what was stored
   */
  public void check(Placed placed) throws IOException {
    Entry entry = placed.entry();
    if (entry.type() != Entry.Type.FILE || entry.digest() == null) {
      return;
    }
    if (placed.place().chunks().isEmpty()) {
      members.content(placed);
      return;
    }
    MessageDigest digest = Sha256.newDigest();
    for (Chunk chunk : placed.place().chunks()) {
      digest.update(members.chunk(chunk));
    }
    if (!Sha256.ofDigest(digest.digest()).equals(entry.digest())) {
      throw new IOException("it is not what was stored");
    }
  }
}
