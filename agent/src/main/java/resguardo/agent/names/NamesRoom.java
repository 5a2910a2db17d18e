package resguardo.agent.names;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import resguardo.archive.FolderNames;
import resguardo.archive.ScratchFile;
import resguardo.archive.SourceFolder;

/**
 * Room for the names in the folders that a walk has open. Of a folder with many of them only those
 * that come next are in memory; the others lie, in parts that are sorted, in a file of this
 * process. For one thread.
 */
public final class NamesRoom implements AutoCloseable {
  /** Of the memory there is, so much is sorted at once: an eighth. */
  private static final int PART = 8;

  /** Thirty million names of usual lengths. */
  private static final long MOST_IN_FILE = 1L << 30;

  private final ScratchFile file;
  private final byte[] noticed;
  private final long part;
  private long left;

  /** There is no room for the names of a folder. */
  public static final class NoRoomException extends IOException {
    private static final long serialVersionUID = 1;

    NoRoomException(@Nullable IOException cause) {
      super("more names than there is room for", cause);
    }
  }

  /**
   * @param memory that may be taken, in bytes
   * @param folder where the file is made, if one is needed
   * @param noticed a name of which is to be known whether a folder has it
   */
  public NamesRoom(long memory, Path folder, byte[] noticed) {
    this.file = new ScratchFile(folder, MOST_IN_FILE);
    this.noticed = noticed;
    this.part = memory / PART;
    this.left = memory - part;
  }

  /**
   * Reads those of a folder, which take room until they are closed: those of the folder that was
   * read last first.
   *
   * @param beside what else is kept of the folder, in bytes
   * @throws NoRoomException when there is none
   * @throws IOException when it may not be read
   */
  public Names of(SourceFolder folder, long beside) throws IOException {
    long begin = file.end();
    try {
      Reading reading = new Reading();
      folder.eachName(reading::take);
      return reading.finished(begin, beside);
    } catch (IOException | RuntimeException e) {
      file.cut(begin);
      throw e;
    }
  }

  private void give(long memory, long begin) throws IOException {
    left += memory;
    file.cut(begin);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  /** A folder as it is read. */
  private final class Reading {
    private final List<SortedPart> parts = new ArrayList<>();
    private List<byte[]> some = new ArrayList<>();
    private long takes;
    private int longest;
    private boolean sawNoticed;

    void take(byte[] name) throws NoRoomException {
      if (takes + FolderNames.memory(name) > part && !some.isEmpty()) {
        putAside();
      }
      some.add(name);
      takes += FolderNames.memory(name);
      longest = Math.max(longest, name.length);
      sawNoticed |= Arrays.equals(name, noticed);
    }

    Names finished(long begin, long beside) throws NoRoomException {
      boolean fits = parts.isEmpty() && takes + beside <= left;
      if (!fits && !some.isEmpty()) {
        putAside();
      }
      some.sort(Arrays::compareUnsigned);
      long memory = beside + takes + parts.size() * SortedPart.MEMORY;
      if (memory > left) {
        throw new NoRoomException(null);
      }
      left -= memory;
      return new Names(parts, some.iterator(), longest, sawNoticed, () -> give(memory, begin));
    }

    /** On a disk that is full is no room either. */
    private void putAside() throws NoRoomException {
      some.sort(Arrays::compareUnsigned);
      try {
        parts.add(SortedPart.of(file, some));
      } catch (IOException e) {
        throw new NoRoomException(e);
      }
      some = new ArrayList<>();
      takes = 0;
    }
  }
}
