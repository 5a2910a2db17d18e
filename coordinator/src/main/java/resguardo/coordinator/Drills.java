package resguardo.coordinator;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import resguardo.core.DrillPolicy;
import resguardo.core.Peer;
import resguardo.core.RawPath;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.Serial;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.DamagedException;
import resguardo.core.catalog.FleetSettings;
import resguardo.core.catalog.Mirror;
import resguardo.core.catalog.Proof;
import resguardo.core.catalog.ProofBook;
import resguardo.core.catalog.Status;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.Platform;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.DrillOrder;
import resguardo.core.protocol.Event;
import resguardo.core.protocol.QueryJob;

/**
 * Which drill is to be made now, and what they have shown (decision 35). It decides and remembers;
 * it sends nothing. One is made at a time; what becomes of it is told by events, and one that
 * nothing is heard of is as if it had never been ordered. Not for several threads.
 */
final class Drills {
  /** A worker says every 5 seconds that it makes one. */
  static final Duration SILENCE = Duration.ofSeconds(30);

  /** Whoever listens for this long has heard of each drill that is being made. */
  static final Duration HEARD_OF_ALL = DueSlots.HEARD_OF_ALL;

  /** The first drill of what was just registered: before it come the first backups of others. */
  static final Duration FIRST = Duration.ofMinutes(10);

  /** What failed, and has no newer version, is tried again, as a store may have been away. */
  static final Duration AGAIN = Duration.ofDays(1);

  /**
   * One that came to no result is tried again after this long, twice as long each further time, up
   * to {@link #LONGEST_PAUSE}: it may be what its worker died of.
   */
  static final Duration FIRST_PAUSE = Duration.ofSeconds(30);

  static final Duration LONGEST_PAUSE = Duration.ofHours(6);

  /** One is made at a time, and those that operators ask for; more of them are made up. */
  private static final int AT_ONCE = 100;

  private final Supplier<FleetSettings> settings;
  private final Platform platform;
  private final Mirror<Proof> mirror;
  private final Map<ObjectKey, Mirror.Read<Proof>> known = new HashMap<>();
  private final Map<ReplyId, Running> running = new LinkedHashMap<>();
  private final Map<RegistrationKey, Failure> failures = new HashMap<>();
  private long listening;

  /** A drill that has not ended, as far as is known; times by the clock that goes forward. */
  private record Running(
      RegistrationKey key,
      Serial serial,
      Instant since,
      long heard,
      @Nullable Peer worker,
      long entries,
      long bytes) {}

  /** That drills of one came to no result. */
  private record Failure(int count, long notBefore) {}

  Drills(ArchiveStore store, Platform platform, Supplier<FleetSettings> settings) {
    this.settings = settings;
    this.platform = platform;
    this.mirror = new ProofBook(store).mirror(platform);
    this.listening = platform.nanoTime();
  }

  /** Events come from now on. */
  void listens() {
    listening = platform.nanoTime();
  }

  /** Begins to read what has changed in the bucket since the last look; see {@link #end}. */
  Mirror<Proof>.Look begin() {
    return mirror.begin();
  }

  /** Takes in what a look has read. */
  void end(Mirror<Proof>.Look look, Consumer<DamagedException> damaged) {
    mirror.end(look, read -> known.put(read.key(), read), damaged);
  }

  /**
   * Reads what has changed of one registration alone.
   *
   * @throws IOException when the store cannot be read
   */
  void look(RegistrationKey key, Consumer<DamagedException> damaged) throws IOException {
    mirror.look(BucketLayout.proof(key), read -> known.put(read.key(), read), damaged);
  }

  /** What drills of this key have shown; empty: none was made. */
  Optional<Proof> of(RegistrationKey key) {
    return Optional.ofNullable(known.get(BucketLayout.proof(key))).map(Mirror.Read::value);
  }

  /** How drills of this are to be made. */
  DrillPolicy policy(Registration registration) {
    return DrillPolicy.of(registration.drills(), settings.get().drills());
  }

  /** When the next is to be made, in the past where it waits; empty: none is, or not yet. */
  Optional<Instant> due(Registration registration, Optional<Status> status, Instant now) {
    Optional<Duration> every = policy(registration).every();
    Optional<Serial> newest = status.map(Status::lastVersion);
    if (!registration.active() || every.isEmpty() || newest.isEmpty()) {
      return Optional.empty();
    }
    Optional<Proof> proof = of(registration.key());
    if (proof.isEmpty()) {
      return Optional.of(
          Ahead.earlier(registration.since(), now).plus(shorter(every.get(), FIRST)));
    }
    Proof.Drill last = proof.get().last();
    if (last.ordered().isAfter(now)) {
      return Optional.of(now); // by a clock that was ahead
    } else if (last.good()) {
      return Optional.of(last.ordered().plus(every.get()));
    }
    boolean newer = newest.get().compareTo(last.serial()) > 0;
    return Optional.of(newer ? last.ordered() : last.ordered().plus(shorter(every.get(), AGAIN)));
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  /**
   * Takes note of what a worker tells. What a drill has shown is not taken from its word: see
   * {@link #shown}.
   */
  void note(Event event, Instant now) {
    if (event instanceof Event.DrillRunning one) {
      Running before = running.get(one.id());
      if (before == null && running.size() >= AT_ONCE) {
        return;
      }
      Instant since = before == null ? now : before.since();
      running.put(
          one.id(),
          new Running(
              one.registration(),
              one.serial(),
              since,
              platform.nanoTime(),
              one.by(),
              one.entries(),
              one.bytes()));
    } else if (event instanceof Event.DrillEnded ended) {
      Running known = running.remove(ended.id());
      if (known != null && ended.proof() == null) {
        cameToNothing(known.key());
      }
    }
  }

  /**
   * What drills of this key have shown, as it stands in the bucket once one has ended.
   *
   * @return false when nothing of the kind was known of it: then it is to be looked at
   */
  boolean shown(RegistrationKey key, Proof proof) {
    failures.remove(key);
    ObjectKey object = BucketLayout.proof(key);
    Mirror.Read<Proof> before = known.get(object);
    if (before == null) {
      return false;
    }
    mirror.note(object);
    known.put(object, new Mirror.Read<>(object, proof, before.etag()));
    return true;
  }

  private void cameToNothing(RegistrationKey key) {
    Failure before = failures.get(key);
    int count = before == null ? 1 : before.count() + 1;
    Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(count - 1, 20));
    failures.put(
        key, new Failure(count, platform.nanoTime() + shorter(pause, LONGEST_PAUSE).toNanos()));
  }

  /** Those of which nothing was heard for too long are made no more. */
  private void forgetSilent() {
    List<ReplyId> silent =
        running.entrySet().stream()
            .filter(one -> isOver(one.getValue().heard(), SILENCE))
            .map(Map.Entry::getKey)
            .toList();
    for (ReplyId id : silent) {
      Running lost = running.remove(id);
      if (lost != null) {
        cameToNothing(lost.key());
      }
    }
  }

  private boolean isOver(long since, Duration time) {
    return platform.nanoTime() - since >= time.toNanos();
  }

  /** The one that is being made; empty: none is. */
  Optional<Answer.OpenDrill> open() {
    forgetSilent();
    return running.values().stream()
        .findFirst()
        .map(
            one ->
                new Answer.OpenDrill(
                    one.key(),
                    one.serial(),
                    one.since(),
                    one.worker(),
                    one.entries(),
                    one.bytes()));
  }

  /**
   * The drill to be made now, of all these the one that is due for the longest; empty: none is, or
   * one is being made, or may be. Whoever publishes it is to say so by {@link #published}.
   */
  Optional<QueryJob> next(
      Collection<Registration> registrations,
      Function<RegistrationKey, Optional<Status>> statuses,
      Instant now) {
    forgetSilent();
    if (!running.isEmpty() || !isOver(listening, HEARD_OF_ALL)) {
      return Optional.empty();
    }
    record Due(Registration registration, Instant since) {}
    return registrations.stream()
        .filter(one -> mayBegin(one.key(), now))
        .flatMap(
            one ->
                due(one, statuses.apply(one.key()), now)
                    .filter(since -> !since.isAfter(now))
                    .map(since -> new Due(one, since))
                    .stream())
        .min(Comparator.comparing(Due::since))
        .map(Due::registration)
        .flatMap(
            one ->
                statuses
                    .apply(one.key())
                    .map(Status::lastVersion)
                    .map(newest -> order(one.key(), newest, policy(one), false, now)));
  }

  private boolean mayBegin(RegistrationKey key, Instant now) {
    Failure failure = failures.get(key);
    return (failure == null || platform.nanoTime() - failure.notBefore() >= 0)
        && settings.get().pauseOf(key, now).isEmpty();
  }

  /** What is wrong, a finding for each registration of which something is. */
  List<Answer.Finding> findings(
      Collection<Registration> registrations,
      Function<RegistrationKey, Optional<Status>> statuses,
      Instant now) {
    List<Answer.Finding> wrong = new ArrayList<>();
    for (Registration one : registrations) {
      Proof.Drill proven = of(one.key()).map(Proof::proven).orElse(null);
      String last = proven == null ? "never" : "at " + proven.ordered() + ", " + proven.serial();
      if (of(one.key()).filter(proof -> !proof.last().good()).isPresent()) {
        wrong.add(
            new Answer.Finding(
                Answer.Finding.Grade.BROKEN,
                one.key() + " cannot be restored as it was; proven restorable: " + last,
                "admin history says which version, admin drill --wait why; the next backup brings"
                    + " what is damaged."));
      } else if (isOverdue(one, statuses.apply(one.key()), now)) {
        wrong.add(
            new Answer.Finding(
                Answer.Finding.Grade.WARNING,
                one.key() + " is to be proven restorable, and is overdue; proven: " + last,
                "A drill begins when no backup waits for a worker: more workers help."));
      }
    }
    return wrong;
  }

  private boolean isOverdue(Registration one, Optional<Status> status, Instant now) {
    Long every = policy(one).every().map(Duration::toSeconds).orElse(null);
    return Answer.RegistrationLine.unprovenTooLong(every, due(one, status, now).orElse(null), now);
  }

  /**
   * A drill of a version.
   *
   * @param byOperator whether an operator asked for it
   */
  QueryJob order(
      RegistrationKey key, Serial serial, DrillPolicy policy, boolean byOperator, Instant now) {
    Mirror.Read<Proof> before = known.get(BucketLayout.proof(key));
    return QueryJob.drill(
        key,
        serial,
        platform.newId(),
        new DrillOrder(
            now,
            byOperator,
            policy.mostBytes(),
            before == null ? null : after(before.value().last()),
            before == null ? null : before.etag()));
  }

  /** A sample goes on where the one before ended; where that failed, the same is read again. */
  private static @Nullable RawPath after(Proof.Drill last) {
    return last.good() ? last.upTo() : last.after();
  }

  /** A drill is on the queue. */
  void published(QueryJob drill, Instant now) {
    running.put(
        drill.replyTo(),
        new Running(drill.registration(), drill.serial(), now, platform.nanoTime(), null, 0, 0));
  }
}
