package resguardo.agent.cache;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import resguardo.archive.ScratchFile;

/**
 * States of lines that stay, where they are not as the cache of the base has them: added in the
 * order of lines, and taken in it. All of a set are, after it was moved to another disk: so only
 * the first and the last are in memory, and what is between them lies in a file of this process.
 * For one thread.
 */
public final class ChangedStates implements AutoCloseable {
  /** So many are put aside, and come back, at once. */
  static final int BLOCK = 4096;

  private static final int BYTES = 2 * Long.BYTES;

  private final ScratchFile file;
  private final Deque<Changed> first = new ArrayDeque<>();
  private final Deque<Changed> last = new ArrayDeque<>();
  private long taken;

  /**
   * One of them.
   *
   * @param line its number, of the lines that stay
   * @param state that it has now
   */
  public record Changed(long line, long state) {}

  /**
   * @param folder where the file is made, if one is needed
   */
  public ChangedStates(Path folder) {
    this.file = new ScratchFile(folder, Long.MAX_VALUE);
  }

  /**
   * Adds one, of a line behind those that were added.
   *
   * @throws IOException when there is no room for it
   */
  public void add(long line, long state) throws IOException {
    if (last.isEmpty() && taken == file.end() && first.size() < BLOCK) {
      first.add(new Changed(line, state));
      return;
    }
    last.add(new Changed(line, state));
    if (last.size() == BLOCK) {
      ByteBuffer bytes = ByteBuffer.allocate(BLOCK * BYTES);
      last.forEach(one -> bytes.putLong(one.line()).putLong(one.state()));
      file.append(bytes.flip());
      last.clear();
    }
  }

  /** Whether there is none. */
  public boolean isEmpty() {
    return first.isEmpty() && last.isEmpty() && taken == file.end();
  }

  /** The first, which stays; absent: there is none. */
  public @Nullable Changed peek() throws IOException {
    if (first.isEmpty() && taken < file.end()) {
      ByteBuffer bytes = ByteBuffer.allocate(BLOCK * BYTES);
      file.read(taken, bytes);
      taken += bytes.flip().remaining();
      while (bytes.hasRemaining()) {
        first.add(new Changed(bytes.getLong(), bytes.getLong()));
      }
    } else if (first.isEmpty()) {
      first.addAll(last);
      last.clear();
    }
    return first.peek();
  }

  /** Takes the first, which was looked at. */
  public void remove() {
    first.remove();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
