package resguardo.worker;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import resguardo.archive.Composer;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.Piece;

/**
 * Reads members of a version's archives. They are mostly wanted in the order in which they lie: so
 * each archive is read as a stream, which goes on while the next member is not far ahead. Of an
 * archive no more is asked for than was announced or, without that, than about as much again as was
 * of use: what a store has sent for nothing has cost as much as the rest, and a stream left in the
 * middle its connection. The last member is kept, unless it is large: a node says itself where its
 * content lies, and may have each of a million chunks lie in the same.
 */
final class ArchiveMembers implements Composer.Members, AutoCloseable {
  /** Reading on over so many bytes is faster than asking anew. */
  private static final long NEAR = 1024 * 1024;

  /** The most that is asked for at once when nothing was announced. */
  private static final long FARTHEST = 64 * 1024 * 1024;

  /** Of a larger one the bytes cost more than the asking; there are several queries at a time. */
  private static final int LARGEST_KEPT = 1024 * 1024;

  private final ArchiveStore store;
  private final Map<Integer, ArchiveRef> archives = new HashMap<>();
  private final Map<Integer, Reading> readings = new HashMap<>();
  private @Nullable Piece last;
  private byte[] lastBytes = {};

  /** By archive, from the beginning of each range that will be wanted to its end. */
  private final Map<Integer, TreeMap<Long, Long>> announced = new HashMap<>();

  private static final class Reading {
    private final InputStream in;
    private final long begin;
    private final long end;
    private long position;

    Reading(InputStream in, long begin, long end) {
      this.in = in;
      this.begin = begin;
      this.end = end;
      this.position = begin;
    }

    boolean isNear(Piece member) {
      return position <= member.offset() && member.offset() - position <= NEAR;
    }
  }

  ArchiveMembers(ArchiveStore store, List<ArchiveRef> archives) {
    this.store = store;
    archives.forEach(ref -> this.archives.put(ref.number(), ref));
  }

  /** Says that this member will be read: what is near it is asked for together with it. */
  void announce(Piece member) {
    TreeMap<Long, Long> ranges =
        announced.computeIfAbsent(member.archive(), number -> new TreeMap<>());
    long begin = member.offset();
    long end = member.offset() + member.length();
    Map.Entry<Long, Long> before = ranges.floorEntry(begin);
    if (before != null && before.getValue() + NEAR >= begin) {
      begin = before.getKey();
      end = Math.max(end, before.getValue());
    }
    for (Map.Entry<Long, Long> after = ranges.ceilingEntry(begin);
        after != null && after.getKey() <= end + NEAR;
        after = ranges.higherEntry(begin)) {
      end = Math.max(end, after.getValue());
      ranges.remove(after.getKey());
    }
    ranges.put(begin, end);
  }

  /** As it lies; the bytes may be given again, so nobody is to write into them. */
  @Override
  public byte[] read(Piece member) throws IOException {
    if (last != null && last.sameMember(member) && last.length() == member.length()) {
      return lastBytes;
    }
    ArchiveRef archive = archives.get(member.archive());
    if (archive == null || member.offset() + member.length() > archive.bytes()) {
      throw new IOException("a member of archive " + member.archive() + ", which has it not");
    }
    Reading reading = at(archive, member);
    byte[] bytes = reading.in.readNBytes(member.length());
    reading.position += bytes.length;
    if (bytes.length < member.length()) {
      throw new EOFException(archive.key() + " ends too early");
    }
    if (bytes.length <= LARGEST_KEPT) {
      last = member;
      lastBytes = bytes;
    }
    return bytes;
  }

  private Reading at(ArchiveRef archive, Piece member) throws IOException {
    Reading open = readings.get(archive.number());
    if (open != null && open.isNear(member) && member.offset() + member.length() <= open.end) {
      open.in.skipNBytes(member.offset() - open.position);
      open.position = member.offset();
      return open;
    }
    if (open != null) {
      open.in.close();
      readings.remove(archive.number());
    }
    long end = Math.min(archive.bytes(), end(member, open));
    InputStream in =
        store.read(new ObjectKey(archive.key()), member.offset(), end - member.offset());
    Reading fresh = new Reading(in, member.offset(), end);
    readings.put(archive.number(), fresh);
    return fresh;
  }

  /** How far to ask at once. */
  private long end(Piece member, @Nullable Reading before) {
    long end = member.offset() + member.length();
    TreeMap<Long, Long> ranges = announced.get(member.archive());
    Map.Entry<Long, Long> range = ranges == null ? null : ranges.floorEntry(member.offset());
    if (range != null && range.getValue() >= end) {
      return range.getValue();
    }
    if (before == null || !before.isNear(member)) {
      return end;
    }
    long twice = 2 * Math.max(before.position - before.begin, member.length());
    return Math.max(end, member.offset() + Math.min(twice, FARTHEST));
  }

  @Override
  public void close() throws IOException {
    for (Reading reading : readings.values()) {
      reading.in.close();
    }
  }
}
