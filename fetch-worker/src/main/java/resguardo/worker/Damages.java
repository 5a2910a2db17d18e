package resguardo.worker;

import java.io.IOException;
import java.util.List;
import resguardo.core.FetchJob;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.Damage;
import resguardo.core.catalog.DamageBook;
import resguardo.core.catalog.DamagedException;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.infra.runtime.ActivityLog;

/** What a job has to say of what is damaged: that it met some, or that no more is leant on. */
final class Damages {
  private final DamageBook book;
  private final ActivityLog activity;
  private final FetchJob job;
  private final RegistrationKey key;

  Damages(ArchiveStore store, ActivityLog activity, FetchJob job) {
    this.book = new DamageBook(store);
    this.activity = activity;
    this.job = job;
    this.key = job.registration();
  }

  /**
   * Notes of a base whose lines cannot be read that they cannot: the next attempt goes on from
   * another. Of anything else that is damaged an operator has to know.
   */
  JobOutcome met(DamagedException found) {
    ObjectKey object = new ObjectKey(found.key());
    try {
      if (isBase(object) && book.find(key).filter(known -> known.isIn(object)).isEmpty()) {
        book.found(key, List.of(Damage.Part.whole(object.value())));
        return new JobOutcome.Returned(
            JobOutcome.Returned.Reason.UNAVAILABLE,
            found.getMessage() + "; the next attempt goes on without it");
      }
    } catch (IOException e) {
      return new JobOutcome.Returned(JobOutcome.Returned.Reason.UNAVAILABLE, e.getMessage());
    }
    return new JobOutcome.Failed(String.valueOf(found.getMessage()));
  }

  /**
   * Notes what was found, so that the next backup brings it again. Where it is not noted, the next
   * one that looks finds it once more.
   */
  void found(Damage.Part part) {
    try {
      book.found(key, List.of(part));
    } catch (IOException e) {
      activity.tell(job, "could not note that " + part.object() + " is damaged: " + e.getMessage());
    }
  }

  private boolean isBase(ObjectKey object) {
    return object.value().startsWith(BucketLayout.manifests(key))
        || object.value().startsWith(BucketLayout.slices(key));
  }

  /**
   * No version from this one on leans on what was known to be damaged. Where it is not noted, the
   * next attempt looks once more.
   */
  void healed(Footing footing, Serial from) {
    Damage known = footing.lookedFor();
    if (known == null) {
      return;
    }
    Mending mending = footing.mending();
    try {
      book.healed(key, known, from, mending == null ? List.of() : mending.lost());
    } catch (IOException e) {
      activity.tell(job, "could not note that what was damaged is whole: " + e.getMessage());
    }
  }
}
