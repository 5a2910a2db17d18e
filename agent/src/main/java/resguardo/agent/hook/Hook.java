package resguardo.agent.hook;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import resguardo.core.FetchJob;
import resguardo.infra.runtime.ActivityLog;

/** One hook, and what it is in the middle of. One backup at a time is between its commands. */
final class Hook {
  private static final long LOOK_MILLIS = 200;

  /** How long the command after may take when the agent is being ended. */
  private static final int AT_THE_END_SECONDS = 8;

  private final HookRule rule;
  private final ReentrantLock lock = new ReentrantLock();

  /** The job whose command before was begun, and whose command after was not. */
  private @Nullable FetchJob begun;

  /** The job whose backup is between the commands now; absent: none is. */
  private volatile @Nullable FetchJob within;

  /** Whether that backup does not come back, for what it reads does not answer. */
  private volatile boolean hangs;

  Hook(HookRule rule) {
    this.rule = rule;
  }

  HookRule rule() {
    return rule;
  }

  void enter(FetchJob job, HookRun.Waiting waiting)
      throws AroundBackup.BeforeFailedException, IOException, InterruptedException {
    while (!lock.tryLock(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
      FetchJob other = within;
      if (hangs && other != null) {
        throw new AroundBackup.BeforeFailedException(
            "its hook is in use by the backup of "
                + other.registration().path()
                + ", which reads what does not answer");
      }
      waiting.goesOn();
    }
    within = job;
    hangs = false;
  }

  /** The backup of this job does not come back. For any thread. */
  void hangs(FetchJob job) {
    if (job.equals(within)) {
      hangs = true;
    }
  }

  void leave() {
    within = null;
    lock.unlock();
  }

  /** To be called between {@link #enter} and {@link #leave}, as all that follow. */
  void before(FetchJob job, ActivityLog activity, HookRun.Waiting waiting)
      throws AroundBackup.BeforeFailedException, IOException, InterruptedException {
    if (begun != null && begun.id().equals(job.id())) {
      return; // the next slice of a job that it was run for
    }
    after(AroundBackup.Outcome.CANCELLED, activity);
    begun = job;
    if (rule.before() == null) {
      return;
    }
    activity.tell(job, "runs before it: " + rule.before().get(0));
    HookRun.Ended ended = HookRun.run(rule.before(), rule.timeout(), variables(job), waiting);
    if (!ended.well()) {
      throw new AroundBackup.BeforeFailedException(
          "the hook before it failed: " + rule.before().get(0) + " " + ended.words());
    }
  }

  /** What was begun is ended; where nothing is, nothing is done. */
  void after(AroundBackup.Outcome outcome, ActivityLog activity) {
    FetchJob job = begun;
    begun = null;
    if (job == null || rule.after() == null) {
      return;
    }
    // Whoever ends the agent interrupts; what was begun is ended in order all the same, but soon.
    boolean ending = Thread.interrupted();
    int seconds = ending ? Math.min(rule.timeout(), AT_THE_END_SECONDS) : rule.timeout();
    try {
      runAfter(rule.after(), seconds, job, outcome.name().toLowerCase(Locale.ROOT), activity);
    } catch (IOException e) {
      activity.tell(job, "warning: the hook after it failed: " + e.getMessage());
    } catch (InterruptedException e) {
      ending = true;
      activity.tell(job, "warning: the hook after it was cut off, as the agent ends");
    } finally {
      if (ending) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** The agent ends: a job of which another slice would come gets no other. */
  void end(ActivityLog activity) {
    if (lock.tryLock()) { // else whoever holds it does it
      try {
        after(AroundBackup.Outcome.CANCELLED, activity);
      } finally {
        lock.unlock();
      }
    }
  }

  private void runAfter(
      List<String> command, int seconds, FetchJob job, String outcome, ActivityLog activity)
      throws IOException, InterruptedException {
    activity.tell(job, "runs after it (" + outcome + "): " + command.get(0));
    Map<String, String> variables = variables(job);
    variables.put("RESGUARDO_OUTCOME", outcome);
    HookRun.Ended ended = HookRun.run(command, seconds, variables, () -> {});
    if (!ended.well()) {
      activity.tell(
          job, "warning: the hook after it failed: " + command.get(0) + " " + ended.words());
    }
  }

  private static Map<String, String> variables(FetchJob job) {
    Map<String, String> variables = new HashMap<>();
    variables.put("RESGUARDO_NODE", job.registration().node().value());
    variables.put("RESGUARDO_PATH", job.registration().path().text());
    variables.put("RESGUARDO_JOB", job.id().value());
    return variables;
  }
}
