package resguardo.archive;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.Iterator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.stream.LineBuffer;
import resguardo.core.version.Chunk;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.Piece;
import resguardo.core.version.Placed;

/**
 * Takes what a {@link MemberSender} sends, and opens members that are encrypted. The members of an
 * entry can be read while few others came since; those of a large file only in their order, and
 * until the next entry is asked for. Memory is that of {@link RecentMembers#KEPT} members and a
 * line. For one thread.
 */
public final class MemberReceiver implements Composer.Members {
  private static final int BUFFER = 64 * 1024;

  private final InputStream in;
  private final byte[] buffer = new byte[BUFFER];
  private int position;
  private int filled;
  private final @Nullable AgeIdentities identities;
  private final RecentMembers recent = new RecentMembers();
  private Iterator<Chunk> chunks = Collections.emptyIterator();
  private @Nullable Piece next;

  /**
   * @param identities absent: nothing is encrypted
   */
  public MemberReceiver(InputStream in, @Nullable AgeIdentities identities) {
    this.in = in;
    this.identities = identities;
  }

  /**
   * The next entry; empty after the last. What was not read of the one before is passed over.
   *
   * @throws IOException when it cannot be read
   */
  public Optional<Placed> next() throws IOException {
    while (next != null) {
      bytes(next.length());
      step();
    }
    byte[] line = line();
    if (line == null) {
      return Optional.empty();
    }
    Placed placed = placed(line);
    for (Piece piece : MemberSender.shared(placed.place()).toList()) {
      if (recent.find(piece) == null) {
        recent.add(piece, bytes(piece.length()));
      }
    }
    chunks = placed.place().chunks().iterator();
    step();
    return Optional.of(placed);
  }

  private void step() {
    next = chunks.hasNext() ? chunks.next().piece() : null;
  }

  private static Placed placed(byte[] line) throws IOException {
    try {
      return EntryCodec.read(line);
    } catch (MalformedMessageException e) {
      throw new IOException("an entry that cannot be read: " + e.getMessage(), e);
    }
  }

  /** Without its newline; absent at the end. */
  private byte @Nullable [] line() throws IOException {
    LineBuffer line = new LineBuffer();
    while (fill()) {
      int begin = position;
      while (position < filled && buffer[position] != '\n') {
        position++;
      }
      line.write(buffer, begin, position - begin);
      if (position < filled) {
        position++;
        return line.take();
      } else if (line.size() > EntryCodec.LONGEST_LINE) {
        throw new IOException("a line of more than " + EntryCodec.LONGEST_LINE + " bytes");
      }
    }
    if (line.size() > 0) {
      throw new EOFException("the entries end within a line");
    }
    return null;
  }

  /** Whether there is anything more. */
  private boolean fill() throws IOException {
    if (position == filled) {
      filled = Math.max(0, in.read(buffer, 0, BUFFER));
      position = 0;
    }
    return filled > 0;
  }

  private byte[] bytes(int length) throws IOException {
    byte[] bytes = new byte[length];
    int there = Math.min(length, filled - position);
    System.arraycopy(buffer, position, bytes, 0, there);
    position += there;
    if (in.readNBytes(bytes, there, length - there) < length - there) {
      throw new EOFException("the members end within one");
    }
    return bytes;
  }

  private byte[] opened(byte[] member) throws IOException {
    if (!AgeIdentities.isEncrypted(member)) {
      return member;
    } else if (identities == null) {
      throw new IOException("it is encrypted");
    }
    return identities.decrypted(member);
  }

  @Override
  public byte[] read(Piece piece) throws IOException {
    byte[] known = recent.find(piece);
    if (known != null) {
      return opened(known);
    } else if (next == null || !next.equals(piece)) {
      throw new IOException("a member that did not come");
    }
    byte[] member = bytes(piece.length());
    step();
    return opened(member);
  }
}
