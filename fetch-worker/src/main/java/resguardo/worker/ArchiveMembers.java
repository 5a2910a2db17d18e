package resguardo.worker;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import resguardo.archive.Composer;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.Piece;

/**
 * Reads members of a version's archives. They are mostly wanted in the order in which they lie: so
 * each archive is read as a stream, which goes on while the next member is not far ahead.
 */
final class ArchiveMembers implements Composer.Members, AutoCloseable {
  /** Reading on over so many bytes is faster than asking anew. */
  private static final long NEAR = 1024 * 1024;

  private final ArchiveStore store;
  private final Map<Integer, ArchiveRef> archives = new HashMap<>();
  private final Map<Integer, Reading> readings = new HashMap<>();

  private static final class Reading {
    private final InputStream in;
    private long position;

    Reading(InputStream in, long position) {
      this.in = in;
      this.position = position;
    }
  }

  ArchiveMembers(ArchiveStore store, List<ArchiveRef> archives) {
    this.store = store;
    archives.forEach(ref -> this.archives.put(ref.number(), ref));
  }

  @Override
  public byte[] read(Piece member) throws IOException {
    ArchiveRef archive = archives.get(member.archive());
    if (archive == null || member.offset() + member.length() > archive.bytes()) {
      throw new IOException("a member of archive " + member.archive() + ", which has it not");
    }
    Reading reading = at(archive, member.offset());
    byte[] bytes = reading.in.readNBytes(member.length());
    reading.position += bytes.length;
    if (bytes.length < member.length()) {
      throw new EOFException(archive.key() + " ends too early");
    }
    return bytes;
  }

  private Reading at(ArchiveRef archive, long offset) throws IOException {
    Reading open = readings.get(archive.number());
    if (open != null && open.position <= offset && offset - open.position <= NEAR) {
      open.in.skipNBytes(offset - open.position);
      open.position = offset;
      return open;
    }
    if (open != null) {
      open.in.close();
      readings.remove(archive.number());
    }
    InputStream in = store.read(new ObjectKey(archive.key()), offset, archive.bytes() - offset);
    Reading fresh = new Reading(in, offset);
    readings.put(archive.number(), fresh);
    return fresh;
  }

  @Override
  public void close() throws IOException {
    for (Reading reading : readings.values()) {
      reading.in.close();
    }
  }
}
