package resguardo.coordinator;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import resguardo.core.FetchJob;
import resguardo.core.Peer;
import resguardo.core.RegistrationKey;
import resguardo.core.port.Delivery;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Event;

/**
 * The jobs that have not ended, as far as is known; of a registration one at the most. Not for
 * several threads.
 *
 * <p>What a coordinator has published is published again when it comes back or is lost. What only a
 * worker tells of, as one that has just started may hear of it first, counts as under way for as
 * long as the worker says so, and is forgotten then: whoever has the password of a worker may have
 * made it up. What is due after it is what the bucket says. When it comes back it goes on where its
 * slot is one that the registration has, from the numbers that a coordinator begins with.
 */
final class OpenJobs {
  /**
   * A worker says every 5 seconds that it has a job in hand; one that nobody has had for this long
   * may be lost.
   */
  static final Duration SILENCE = Duration.ofSeconds(60);

  /**
   * No attempt takes longer: an agent is waited for at most five hours, and what an attempt brought
   * is swept after six. Whoever still says that it is under way hangs, or has the password of a
   * worker and does no work; others get it then.
   */
  static final Duration LONGEST_ATTEMPT = Duration.ofHours(6);

  /**
   * A job of which a slice came goes on no sooner than so long after it was published: no word of a
   * worker fills the queue.
   */
  private static final Duration SHORTEST_SLICE = Duration.ofMillis(250);

  private final Map<RegistrationKey, Open> open = new HashMap<>();

  /**
   * What is known of one.
   *
   * @param published when, or when it was first heard of
   * @param heard when it was last heard of
   * @param ours whether a coordinator told of it, this one or another; else a worker alone did
   * @param again how it is to be published again; absent: it did not come back
   * @param hand who has it in hand; absent: nobody said so
   */
  record Open(
      FetchJob job,
      Instant published,
      Instant heard,
      boolean ours,
      @Nullable Again again,
      @Nullable Hand hand) {
    private static Open published(FetchJob job, Instant now) {
      return new Open(job, now, now, true, null, null);
    }

    /** Whether nothing was heard of it for long, or what is heard cannot be. */
    boolean isSilent(Instant now) {
      return heard.plus(SILENCE).isBefore(now) || isInHandFor(LONGEST_ATTEMPT, now);
    }

    /**
     * Whether a worker had it in hand for so long that it has taken it off the queue: see {@link
     * Delivery#release}.
     */
    boolean mayBeReleased(Instant now) {
      return isInHandFor(Delivery.LONGEST, now);
    }

    private boolean isInHandFor(Duration time, Instant now) {
      return hand != null && hand.since().plus(time).isBefore(now);
    }

    /** A sign of life may arrive after the word that the job came back. */
    private boolean hasComeBack(FetchJob told) {
      return again != null && job.equals(told);
    }

    /** Whether a job can only have been published because this one is not open any more. */
    private boolean isFollowedBy(FetchJob told) {
      return told.slot().isAfter(job.slot()) || (again != null && again.job().equals(told));
    }

    private Answer.OpenJob shown() {
      return hand == null
          ? new Answer.OpenJob(job, published, null, 0, 0)
          : new Answer.OpenJob(job, published, hand.worker(), hand.entries(), hand.bytes());
    }
  }

  /**
   * Who has a job in hand, and how far it is.
   *
   * @param since when it was first heard since its publication that anybody has
   */
  record Hand(Peer worker, Instant since, long entries, long bytes) {
    private static Hand of(Event.JobRunning word, Instant since) {
      return new Hand(word.by(), since, word.entries(), word.bytes());
    }

    private Hand clockWasSetBack(Instant now) {
      return new Hand(worker, Ahead.earlier(since, now), entries, bytes);
    }
  }

  /** How a job that came back is to be published again. */
  record Again(FetchJob job, Instant at) {}

  /** The one of this key; absent: none is open. */
  @Nullable Open get(RegistrationKey key) {
    return open.get(key);
  }

  boolean has(RegistrationKey key) {
    return open.containsKey(key);
  }

  int size() {
    return open.size();
  }

  void forEach(BiConsumer<RegistrationKey, Open> each) {
    open.forEach(each);
  }

  /** As operators see it; empty: none is open. */
  Optional<Answer.OpenJob> shown(RegistrationKey key) {
    return Optional.ofNullable(open.get(key)).map(Open::shown);
  }

  /** As operators see them, in the order of the keys. */
  List<Answer.OpenJob> shown() {
    return open.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(Map.Entry::getValue)
        .map(Open::shown)
        .toList();
  }

  /** This coordinator publishes it. */
  void publish(FetchJob job, Instant now) {
    open.put(job.registration(), Open.published(job, now));
  }

  /**
   * Nothing was heard of it for long, and it may still wait on the queue: where others do it is not
   * published again, and whoever has it in hand has had it for as long as was known.
   */
  void stillOpen(FetchJob job, Instant now) {
    open.computeIfPresent(
        job.registration(), (key, known) -> new Open(job, now, now, true, null, known.hand()));
  }

  /** It could not be published. */
  void notPublished(FetchJob job) {
    open.computeIfPresent(
        job.registration(), (key, known) -> known.job().equals(job) ? null : known);
  }

  /** Another coordinator has published it. */
  void published(FetchJob job, Instant now) {
    open.merge(
        job.registration(),
        Open.published(job, now),
        (known, fresh) -> {
          if (known.job().equals(job)) {
            // Another copy is on its way: whoever had the first is not believed for as long again.
            return new Open(job, known.published(), now, true, known.again(), renewed(known, now));
          }
          return known.ours() && !known.isFollowedBy(job) ? known : fresh;
        });
  }

  /**
   * What was heard of a job that was published again by another: whoever takes it has just begun.
   */
  private static @Nullable Hand renewed(Open known, Instant now) {
    Hand hand = known.hand();
    return hand == null || !known.isSilent(now)
        ? hand
        : new Hand(hand.worker(), now, hand.entries(), hand.bytes());
  }

  /**
   * A worker has it in hand.
   *
   * @param believed whether one that is not known yet may be under way
   */
  void running(Event.JobRunning word, boolean believed, Instant now) {
    FetchJob job = word.job();
    Open known = open.get(job.registration());
    if (known != null && known.job().id().equals(job.id())) {
      if (!known.hasComeBack(job)) {
        Hand before = known.hand();
        Hand hand = Hand.of(word, before == null ? now : before.since());
        open.put(
            job.registration(),
            new Open(known.job(), known.published(), now, known.ours(), null, hand));
      }
    } else if (believed && (known == null || (!known.ours() && known.isFollowedBy(job)))) {
      open.put(job.registration(), new Open(job, now, now, false, null, Hand.of(word, now)));
    }
  }

  /** Whether this is the open one of its key, and only a worker told of it. */
  boolean isHearsay(FetchJob job) {
    Open known = open.get(job.registration());
    return known != null && !known.ours() && known.job().equals(job);
  }

  /**
   * What only a worker told of came back, and goes on.
   *
   * @param job as it was told
   * @param first the same, with the numbers that a coordinator begins with
   */
  void goOn(FetchJob job, FetchJob first, Instant at, Instant now) {
    open.computeIfPresent(
        job.registration(),
        (key, known) -> new Open(job, known.published(), now, true, new Again(first, at), null));
  }

  /** A worker gave it back; it is to be published again after a pause. */
  void returned(FetchJob job, Instant at, Instant now) {
    cameBack(job, () -> new Again(job.again(), at), now);
  }

  /** A worker brought a slice of it; it goes on at once. */
  void sliced(FetchJob job, Instant now) {
    cameBack(job, () -> new Again(job.afterSlice(), afterSlice(job, now)), now);
  }

  /** When a job of which a slice came goes on. */
  Instant afterSlice(FetchJob job, Instant now) {
    Open known = open.get(job.registration());
    Instant soonest = known == null ? now : known.published().plus(SHORTEST_SLICE);
    return soonest.isAfter(now) ? soonest : now;
  }

  private void cameBack(FetchJob job, Supplier<Again> again, Instant now) {
    open.computeIfPresent(
        job.registration(),
        (key, known) -> {
          if (!known.job().equals(job)) {
            return known; // an earlier attempt, taken as lost and published again since
          }
          return known.ours()
              ? new Open(job, known.published(), now, true, again.get(), null)
              : null;
        });
  }

  /** No slot of this key up to this one is open any more. */
  void ended(RegistrationKey key, Instant slot) {
    open.computeIfPresent(key, (any, known) -> known.job().slot().isAfter(slot) ? known : null);
  }

  void remove(RegistrationKey key) {
    open.remove(key);
  }

  /** What only workers told of, and tell of no more, is as if it had never been. */
  void forgetHearsay(Instant now) {
    open.values().removeIf(known -> !known.ours() && known.isSilent(now));
  }

  /** The clock was ahead, and is set back: what was to happen by it happens now. */
  void clockWasSetBack(Instant now) {
    open.replaceAll(
        (key, known) -> {
          Hand hand = known.hand();
          return new Open(
              known.job(),
              Ahead.earlier(known.published(), now),
              Ahead.earlier(known.heard(), now),
              known.ours(),
              known.again() == null ? null : new Again(known.again().job(), now),
              hand == null ? null : hand.clockWasSetBack(now));
        });
  }
}
