package resguardo.agent.names;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import resguardo.archive.ScratchFile;
import resguardo.core.RawPath;

/**
 * Of files with several names, the first that a walk came by: the others are links to it. The names
 * lie in a file of this process; in memory is where, eight bytes for each, in a table that is never
 * more than three quarters full. For one thread.
 */
public final class FirstNames implements AutoCloseable {
  private static final int FIRST_SLOTS = 1 << 10;
  private static final int HEADER = 2 * Long.BYTES + Integer.BYTES;

  /** A slot: bits that tell most others apart, and where the name lies; one more, as 0 is none. */
  private static final int PLACE_BITS = 40;

  private static final long PLACE = (1L << PLACE_BITS) - 1;

  /** Less than a slot can tell of. */
  private static final long MOST_IN_FILE = 1L << 30;

  /** Nobody has so many files replaced just when they are read. */
  private static final int MOST_NOT_READ = 10_000;

  private final ScratchFile file;
  private final int mostSlots;

  /** Where the names lie that were not read as the files that they had been found to be. */
  private final Set<Long> notRead = new HashSet<>();

  private final ByteBuffer header = ByteBuffer.allocate(HEADER);
  private long[] slots = new long[FIRST_SLOTS];
  private int used;
  private long forgotten;

  /**
   * @param memory that may be taken, in bytes
   * @param folder where the file is made, if one is needed
   */
  public FirstNames(long memory, Path folder) {
    file = new ScratchFile(folder, MOST_IN_FILE);
    // While it grows there are two, the old one of half the size.
    mostSlots = Math.max(FIRST_SLOTS, (int) Math.min(1 << 30, Long.highestOneBit(memory / 12)));
  }

  /**
   * The name by which a file is known already; absent: this is its first, and is remembered from
   * now on, or there is no room for it.
   *
   * @throws IOException when what was remembered cannot be read
   */
  public @Nullable RawPath first(long device, long inode, RawPath name) throws IOException {
    long hash = hash(device, inode);
    int slot = slot(device, inode, hash);
    if (slots[slot] == 0) {
      remember(device, inode, name, hash, slot);
      return null;
    }
    long at = place(slot);
    ByteBuffer first = ByteBuffer.allocate(read(at));
    file.read(at + HEADER, first);
    return RawPath.ofBytes(first.array());
  }

  /**
   * The name by which a file is known had another in its place when it was read, or none: the next
   * that the walk comes by is its first.
   *
   * @throws IOException when what was remembered cannot be read
   */
  public void forget(long device, long inode) throws IOException {
    int slot = slot(device, inode, hash(device, inode));
    if (slots[slot] != 0 && notRead.size() < MOST_NOT_READ) {
      notRead.add(place(slot));
    }
  }

  /** The slot of a file that is known, or the empty one where it would be put. */
  private int slot(long device, long inode, long hash) throws IOException {
    int slot = slot(hash);
    for (; slots[slot] != 0; slot = slot + 1 & slots.length - 1) {
      if (slots[slot] >>> PLACE_BITS == hash >>> PLACE_BITS && !notRead.contains(place(slot))) {
        read(place(slot));
        if (header.getLong(0) == device && header.getLong(Long.BYTES) == inode) {
          break;
        }
      }
    }
    return slot;
  }

  private long place(int slot) {
    return (slots[slot] & PLACE) - 1;
  }

  /** How many files came that there was no room to remember: each of their names is a file. */
  public long forgotten() {
    return forgotten;
  }

  private void remember(long device, long inode, RawPath name, long hash, int slot)
      throws IOException {
    if (isFull() && slots.length >= mostSlots) {
      forgotten++;
      return;
    }
    ByteBuffer record = ByteBuffer.allocate(HEADER + name.length());
    record.putLong(device).putLong(inode).putInt(name.length()).put(name.bytes());
    long at;
    try {
      at = file.append(record.flip());
    } catch (IOException noRoom) {
      forgotten++;
      return;
    }
    slots[slot] = hash >>> PLACE_BITS << PLACE_BITS | at + 1;
    used++;
    if (isFull() && slots.length < mostSlots) {
      grow();
    }
  }

  private boolean isFull() {
    return used >= slots.length / 4 * 3;
  }

  /** A slot knows too little of its file to be put elsewhere: so they are read once more. */
  private void grow() throws IOException {
    long[] larger = new long[slots.length * 2];
    slots = larger;
    for (long at = 0; at < file.end(); ) {
      int length = read(at);
      long hash = hash(header.getLong(0), header.getLong(Long.BYTES));
      int slot = slot(hash);
      while (larger[slot] != 0) {
        slot = slot + 1 & larger.length - 1;
      }
      larger[slot] = hash >>> PLACE_BITS << PLACE_BITS | at + 1;
      at += HEADER + length;
    }
  }

  private int slot(long hash) {
    return (int) hash & slots.length - 1;
  }

  /**
   * Reads the header that lies there.
   *
   * @return the length of the name behind it, in bytes
   */
  private int read(long at) throws IOException {
    file.read(at, header.clear());
    return header.getInt(2 * Long.BYTES);
  }

  /** As the finalizer of SplitMix64 mixes: numbers of files that follow each other go anywhere. */
  private static long hash(long device, long inode) {
    long mixed = inode + device * 0x9e3779b97f4a7c15L;
    mixed = (mixed ^ mixed >>> 30) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
    return mixed ^ mixed >>> 31;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
