package resguardo.admin;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import org.jspecify.annotations.Nullable;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.version.ArchiveRef;

/**
 * How far long work is, on stderr where a terminal is: how much there is, how fast it goes, and for
 * how long it still goes on once it is known how much it will be. For any threads.
 */
final class Bar implements ArchiveSource.Progress, AutoCloseable {
  private static final long MEBIBYTE = 1024 * 1024;

  private final @Nullable ProgressBar bar;

  Bar(String task) {
    this(task, Terminal.isThere() ? new ConsoleProgressBarConsumer(System.err) : null);
  }

  /**
   * @param to absent: nobody looks
   */
  Bar(String task, @Nullable ProgressBarConsumer to) {
    bar =
        to == null
            ? null
            : new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(-1) // not known yet
                .setUnit(" MiB", MEBIBYTE)
                .showSpeed()
                .setConsumer(to)
                .build();
  }

  /** So much it will be. */
  void of(long total) {
    if (bar != null && total > 0) {
      bar.maxHint(total);
    }
  }

  /** So much content it will be, where all of a version is wanted. */
  void ofContent(StreamMessage.QueryOpened opened) {
    if (!opened.part()) {
      of(opened.header().totals().bytes());
    }
  }

  /** An archive: as large as it is stored, or at most what it is made of is. */
  @Override
  public void opened(StreamMessage.QueryOpened opened) {
    if (!opened.part()) {
      of(opened.header().archives().stream().mapToLong(ArchiveRef::bytes).sum());
    }
  }

  @Override
  public void at(long bytes) {
    if (bar != null) {
      bar.stepTo(bytes);
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
