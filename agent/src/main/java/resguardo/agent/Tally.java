package resguardo.agent;

import java.io.IOException;
import resguardo.core.RawPath;
import resguardo.core.stream.Progress;

/** How much was looked at, and told to whoever waits for it. Not for several threads. */
final class Tally {
  private final Progress progress;
  private long entries;
  private long bytes;

  Tally(Progress progress) {
    this.progress = progress;
  }

  /** One more entry. */
  void entry() throws IOException {
    progress.at(++entries, bytes);
  }

  /** This is looked at next. */
  void comesTo(RawPath name) {
    progress.comesTo(name);
  }

  /** It goes on, without anything to be counted. */
  void goesOn() throws IOException {
    progress.at(entries, bytes);
  }

  /** So many bytes more were read. */
  void read(int count) throws IOException {
    bytes += count;
    goesOn();
  }

  /** The same, to be told with what comes next. */
  void readBefore(int count) {
    bytes += count;
  }

  /**
   * The same, of a file that is being put into the archive.
   *
   * @param count as a stream returns it
   * @return the same
   */
  int counted(int count) {
    try {
      read(Math.max(0, count));
    } catch (IOException nobodyWaits) {
      // Here it would count as an error of the file; whatever is sent next fails of the same.
    }
    return count;
  }
}
