package resguardo.worker;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.core.BackupOptions;
import resguardo.core.FetchJob;
import resguardo.core.Registration;
import resguardo.core.catalog.Registry;
import resguardo.core.catalog.Status;
import resguardo.core.catalog.StatusBook;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Platform;

/** Whether a job is still to be done, and how, as its registration says when that is asked. */
final class Claim {
  private final ArchiveStore store;
  private final Registry registry;
  private final StatusBook statuses;
  private final Platform platform;
  private final @Nullable Duration longestLock;
  private final FetchJob job;

  /** Of the registration as it stood when it was last looked whether the job is over. */
  private @Nullable BackupOptions options;

  Claim(WorkerContext context, FetchJob job) {
    this.store = context.store();
    this.registry = new Registry(store);
    this.statuses = new StatusBook(store);
    this.platform = context.platform();
    this.longestLock = context.longestLock();
    this.job = job;
  }

  /** Why there is nothing to be done any more; empty: there is. What is asked for is known then. */
  Optional<JobOutcome> over() throws IOException {
    Optional<Registration> registration = registry.find(job.registration());
    if (registration.isEmpty() || !registration.get().active()) {
      return Optional.of(new JobOutcome.Cancelled("it is no longer registered"));
    }
    options = registration.get().options();
    Optional<Status> status = statuses.known(job.registration());
    if (status.isPresent() && !status.get().lastSlot().isBefore(job.slot())) {
      return Optional.of(new JobOutcome.DoneBefore());
    }
    return Optional.empty();
  }

  /** What is asked for, as far as an agent has to know it; absent: nothing. */
  @Nullable BackupOptions ofAgent() {
    return options == null ? null : options.with(null);
  }

  /** What is asked for. */
  BackupOptions asked() {
    return BackupOptions.orNone(options);
  }

  /** How versions are to be locked. */
  Locking locking() {
    return new Locking(store, platform.clock(), asked().lockTime(), longestLock);
  }
}
