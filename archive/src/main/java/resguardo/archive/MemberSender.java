package resguardo.archive;

import java.io.IOException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.stream.Stream;
import resguardo.core.Sha256;
import resguardo.core.version.Chunk;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.Piece;
import resguardo.core.version.Place;
import resguardo.core.version.Placed;

/**
 * Sends entries with the members that their bytes lie in, as they are: for a receiver that can open
 * what this end cannot. Each entry is its line with a newline and then, without anything between
 * them, its members in the order {@code b}, {@code c}, {@code k}. One of {@code b} or {@code c}
 * that is among the last {@link RecentMembers#KEPT} of these that were sent is not sent again. For
 * one thread.
 */
public final class MemberSender implements Assembly {
  private static final byte[] KNOWN = {};

  private final Composer.Members members;
  private final ArchiveSink sink;
  private final RecentMembers recent = new RecentMembers();
  private final MessageDigest digest = Sha256.newDigest();
  private long bytes;

  /** What is read there goes to this sink. */
  public MemberSender(Composer.Members members, ArchiveSink sink) {
    this.members = members;
    this.sink = sink;
  }

  @Override
  public void add(Placed placed) throws IOException, InterruptedException {
    byte[] line = EntryCodec.write(placed);
    byte[] ended = Arrays.copyOf(line, line.length + 1);
    ended[line.length] = '\n';
    send(ended);
    for (Piece piece : shared(placed.place()).toList()) {
      if (recent.find(piece) == null) {
        recent.add(piece, KNOWN);
        send(members.read(piece));
      }
    }
    for (Chunk chunk : placed.place().chunks()) {
      send(members.read(chunk.piece()));
    }
  }

  /** The members that other entries may lie in too. */
  static Stream<Piece> shared(Place place) {
    return Stream.concat(Stream.ofNullable(place.block()), Stream.ofNullable(place.content()));
  }

  private void send(byte[] some) throws IOException, InterruptedException {
    digest.update(some);
    bytes += some.length;
    sink.accept(some);
  }

  @Override
  public Composer.Composed finish() {
    return new Composer.Composed(bytes, Sha256.ofDigest(digest.digest()));
  }
}
