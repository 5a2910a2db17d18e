package resguardo.agent.hook;

import java.io.IOException;
import java.util.Optional;
import resguardo.core.FetchJob;
import resguardo.core.stream.Progress;
import resguardo.infra.runtime.ActivityLog;

/**
 * What the hooks do around one order: {@link #before}, then the backup, then {@link #after}. Where
 * there is no hook for the path, nothing. For one thread.
 */
public final class AroundBackup {
  private final Optional<Hook> hook;
  private final FetchJob job;
  private final ActivityLog activity;
  private boolean entered;

  /** How the backup ended. */
  public enum Outcome {
    /** All is sent; whether a version comes of it is the worker's part. */
    SENT,
    /** Nothing had changed. */
    UNCHANGED,
    /** A part is sent, and the next order of this job goes on: it is not over for the hooks. */
    SLICED,
    /** It could not be done. */
    FAILED,
    /** Nobody wanted it any more, or the agent ends. */
    CANCELLED
  }

  /** The command before did not end well: there is to be no backup. */
  public static final class BeforeFailedException extends Exception {
    private static final long serialVersionUID = 1;

    BeforeFailedException(String why) {
      super(why);
    }
  }

  /** Of the hooks of this node, around this job. */
  public AroundBackup(Hooks hooks, FetchJob job, ActivityLog activity) {
    this.hook = hooks.of(job.registration().path());
    this.job = job;
    this.activity = activity;
  }

  /** Whether there is anything to do. */
  public boolean needed() {
    return hook.isPresent();
  }

  /**
   * Waits until no other backup is between the same hook's commands, and runs the first of them:
   * once for each attempt at a job, and not again for its next slice.
   *
   * @param progress told all the while
   * @throws BeforeFailedException when it ends with an error, takes too long or cannot be started,
   *     or the other backup hangs
   * @throws IOException when {@code progress} says that nobody waits any more
   */
  public void before(Progress progress)
      throws BeforeFailedException, IOException, InterruptedException {
    if (hook.isPresent()) {
      hook.get().enter(job, () -> progress.at(0, 0));
      entered = true;
      hook.get().before(job, activity, () -> progress.at(0, 0));
    }
  }

  /** Runs the second, if the first was begun. What goes wrong with it is only told. */
  public void after(Outcome outcome) {
    if (!entered) {
      return;
    }
    entered = false;
    try {
      if (outcome != Outcome.SLICED) {
        hook.orElseThrow().after(outcome, activity);
      }
    } finally {
      hook.orElseThrow().leave();
    }
  }
}
