package resguardo.agent.names;

import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The names in a folder, in the order of the format: by their bytes, without a sign. For one
 * thread.
 */
public final class Names implements AutoCloseable {
  private final PriorityQueue<SortedPart> parts =
      new PriorityQueue<>(Comparator.comparing(SortedPart::first, Arrays::compareUnsigned));
  private final Iterator<byte[]> inMemory;
  private byte @Nullable [] last;
  private final int longest;
  private final boolean sawNoticed;
  private final Room room;

  /** What they take. */
  interface Room {
    /** Gives it back. */
    void give() throws IOException;
  }

  /**
   * @param parts that lie in a file
   * @param inMemory all of them, where there are no parts
   */
  Names(
      Collection<SortedPart> parts,
      Iterator<byte[]> inMemory,
      int longest,
      boolean sawNoticed,
      Room room) {
    this.parts.addAll(parts);
    this.inMemory = inMemory;
    this.longest = longest;
    this.sawNoticed = sawNoticed;
    this.room = room;
  }

  /**
   * The next; absent: there is none any more. What a folder gave twice, as it does while it is
   * written to, comes once.
   */
  public byte @Nullable [] next() throws IOException {
    byte[] next = any();
    while (next != null && Arrays.equals(next, last)) {
      next = any();
    }
    last = next;
    return next;
  }

  private byte @Nullable [] any() throws IOException {
    SortedPart part = parts.poll();
    if (part == null) {
      return inMemory.hasNext() ? inMemory.next() : null;
    }
    byte[] name = part.first();
    if (part.goOn()) {
      parts.add(part);
    }
    return name;
  }

  /** How many bytes the longest has. */
  public int longest() {
    return longest;
  }

  /** Whether the one that is to be noticed is among them. */
  public boolean sawNoticed() {
    return sawNoticed;
  }

  @Override
  public void close() throws IOException {
    room.give();
  }
}
