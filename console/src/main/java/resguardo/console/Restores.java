package resguardo.console;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import resguardo.admin.AdminException;
import resguardo.admin.Desk;
import resguardo.admin.VersionQuery;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.stream.ChunkReceiver;

/**
 * Restores on nodes that were begun here, and how far they are. They go on when nobody looks; when
 * this process ends before them, what becomes of them is told by events and the node's own log.
 */
final class Restores implements AutoCloseable {
  private static final int AT_ONCE = 4;
  private static final int WAITING = 20;
  private static final int KEPT = 50;

  private final Operator operator;
  private final Clock clock;
  private final ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE, Restores::daemon);
  private final Deque<Run> runs = new ArrayDeque<>();

  Restores(Operator operator, Clock clock) {
    this.operator = operator;
    this.clock = clock;
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "restore");
    thread.setDaemon(true);
    return thread;
  }

  /** One restore. */
  static final class Run {
    private final String id = Sessions.word();
    private final String what;
    private final String to;
    private final String by;
    private final Instant begun;
    private volatile long bytes;
    private volatile StreamMessage.@Nullable Restored restored;
    private volatile @Nullable String failure;

    private Run(String what, String to, String by, Instant begun) {
      this.what = what;
      this.to = to;
      this.by = by;
      this.begun = begun;
    }

    String id() {
      return id;
    }

    String what() {
      return what;
    }

    String to() {
      return to;
    }

    String by() {
      return by;
    }

    Instant begun() {
      return begun;
    }

    /** How many bytes of content are there. */
    long bytes() {
      return bytes;
    }

    /** How it ended; absent: it did not end well yet. */
    StreamMessage.@Nullable Restored restored() {
      return restored;
    }

    /** Why it failed; absent: it did not. */
    @Nullable String failure() {
      return failure;
    }

    boolean hasEnded() {
      return restored != null || failure != null;
    }

    Markup badge() {
      if (failure != null) {
        return Markup.of("<span class=\"badge bad\">failed</span>");
      }
      return restored != null
          ? Markup.of("<span class=\"badge good\">done</span>")
          : Markup.of("<span class=\"badge busy\">running</span>");
    }
  }

  /**
   * Begins one.
   *
   * @param what is restored, and where to, for people
   */
  @SuppressWarnings("FutureReturnValueIgnored") // what it meets is kept in the run
  Run begin(Visitor visitor, String what, String to, Desk.Question question) throws Refusal {
    Run run = new Run(what, to, visitor.name(), clock.instant());
    synchronized (runs) {
      if (runs.stream().filter(one -> !one.hasEnded()).count() >= WAITING) {
        throw new Refusal(503, "Many restores are under way.", "Try again when some have ended.");
      }
      runs.addFirst(run);
      while (runs.size() > KEPT) {
        runs.removeLast();
      }
    }
    threads.submit(() -> run(run, question));
    return run;
  }

  private void run(Run run, Desk.Question question) {
    String doing = "restore " + run.what() + " to " + run.to();
    try {
      VersionQuery query = operator.query(run.by(), doing);
      VersionQuery.Served served = query.run(question, new Watching(run));
      if (served.end() instanceof StreamMessage.Restored restored) {
        run.bytes = restored.bytes();
        run.restored = restored;
      } else {
        throw query.notServed(served.end());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      run.failure = "The console was stopped before it heard how it ended.";
    } catch (AdminException | java.io.IOException | RuntimeException e) {
      run.failure = String.valueOf(e.getMessage());
    }
  }

  private record Watching(Run run) implements VersionQuery.Sink {
    @Override
    public void take(ChunkReceiver.Data data) {
      // nothing is sent here
    }

    @Override
    public void progress(StreamMessage.Progress progress) {
      run.bytes = progress.bytes();
    }
  }

  /** One by its id; empty when it is known no more. */
  Optional<Run> of(String id) {
    synchronized (runs) {
      return runs.stream().filter(run -> run.id().equals(id)).findAny();
    }
  }

  /** The newest first. */
  List<Run> all() {
    synchronized (runs) {
      return List.copyOf(runs);
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
