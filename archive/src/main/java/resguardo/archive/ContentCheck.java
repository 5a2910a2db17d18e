package resguardo.archive;

import java.io.IOException;
import java.security.MessageDigest;
import resguardo.core.Sha256;
import resguardo.core.version.Chunk;
import resguardo.core.version.Entry;
import resguardo.core.version.Placed;

/** Reads the content of entries and holds it against their digests. For one thread. */
public final class ContentCheck {
  private final MemberReader members;

  /** Of entries whose bytes lie there. */
  public ContentCheck(Composer.Members members) {
    this.members = new MemberReader(members);
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
