package resguardo.admin;

import org.jspecify.annotations.Nullable;

/**
 * A {@link Bar} of what others do and tell of by events, if they do: it is there from the first
 * that is told of it. What is told is shown and nothing more: whoever waits learns the end
 * elsewhere. For any threads.
 */
final class LateBar implements AutoCloseable {
  private final String task;
  private final boolean wanted;
  private long total;
  private @Nullable Bar bar;

  /**
   * @param wanted whether anybody waits
   */
  LateBar(String task, boolean wanted) {
    this.task = task;
    this.wanted = wanted;
  }

  /** So much it will be; not said: nobody knows. */
  synchronized void of(long bytes) {
    total = bytes;
  }

  /** So much there is. */
  synchronized void at(long bytes) {
    if (wanted && bytes > 0) {
      if (bar == null) {
        bar = new Bar(task);
        bar.of(total);
      }
      bar.at(bytes);
    }
  }

  @Override
  public synchronized void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
