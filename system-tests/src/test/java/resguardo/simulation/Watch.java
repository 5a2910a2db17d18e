package resguardo.simulation;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import resguardo.coordinator.lease.LeaseRecord;
import resguardo.core.FetchJob;
import resguardo.core.JobId;
import resguardo.core.Peer;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.RetentionPolicy;
import resguardo.core.Role;
import resguardo.core.Serial;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.Status;
import resguardo.core.port.ChunkKind;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.Reply;
import resguardo.core.protocol.AgentOrder;
import resguardo.core.protocol.Event;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.protocol.QueryJob;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.VersionHeader;
import resguardo.testkit.broker.Interference;

/** Looks at all that is written and sent, and says at once what must not be. */
final class Watch {
  /** A job may fail only where so much broke since its slot: it is tried six times. */
  private static final int BREAKS_TO_FAIL = 3;

  /** Longer than any call takes, in nanoseconds. */
  private static final long QUERY_WAITS = 5_000_000_000L;

  private final Baton baton;
  private final Violations violations;
  private final Map<RegistrationKey, Known> known = new TreeMap<>();
  private final Map<RegistrationKey, Registration> registrations = new TreeMap<>();
  private final Map<String, RegistrationKey> statusKeys = new TreeMap<>();
  private final Set<ObjectKey> writtenOnce = new HashSet<>();
  private final Set<String> removed = new HashSet<>();
  private final Map<ReplyId, FetchJob> streams = new LinkedHashMap<>();
  private final Map<RegistrationKey, ReplyId> sending = new TreeMap<>();
  private final Set<String> told = new HashSet<>();
  private final Map<Peer, Set<FetchJob>> inHand = new LinkedHashMap<>();
  private final Map<JobId, Integer> deaths = new LinkedHashMap<>();
  private final Map<ReplyId, Long> queries = new LinkedHashMap<>();
  private final List<Long> breaks = new ArrayList<>();
  private final LongSupplier waiting;
  private @Nullable LeaseRecord lease;
  private boolean nothingBreaks;
  private long jobsDone;
  private long overtaken;
  private long slicesKept;
  private long failed;
  private long expired;

  /** Takes what must not be. */
  interface Violations {
    void add(String what);
  }

  /** What is known of a registration. */
  static final class Known {
    private final List<VersionHeader> versions = new ArrayList<>();
    private final List<Long> committed = new ArrayList<>();
    private final List<Long> successes = new ArrayList<>();
    private final Set<JobId> jobs = new HashSet<>();
    private final Set<Long> slices = new HashSet<>();
    private final NavigableMap<Serial, VersionHeader> there = new TreeMap<>();
    private @Nullable Status status;

    List<VersionHeader> versions() {
      return versions;
    }

    @Nullable Status status() {
      return status;
    }

    /** Those that were not expired. */
    NavigableMap<Serial, VersionHeader> there() {
      return there;
    }

    /** When a version was committed, in nanoseconds of the simulation. */
    long committed(int serial) {
      return committed.get(serial - 1);
    }

    /** When the last success but one before this time was written; 0: there was none. */
    long lastButOne(long before) {
      List<Long> earlier = successes.stream().filter(time -> time < before).toList();
      return earlier.size() < 2 ? 0 : earlier.get(earlier.size() - 2);
    }
  }

  /**
   * @param waiting how many backups wait that nobody has in hand
   */
  Watch(Baton baton, Violations violations, LongSupplier waiting) {
    this.baton = baton;
    this.violations = violations;
    this.waiting = waiting;
  }

  Known of(RegistrationKey key) {
    return known.computeIfAbsent(key, any -> new Known());
  }

  /** The registration as it stands in the bucket; absent: none. */
  @Nullable Registration registration(RegistrationKey key) {
    return registrations.get(key);
  }

  /** Nothing breaks: so no job comes back, and no query waits for a worker. */
  void nothingBreaks() {
    nothingBreaks = true;
  }

  long jobsDone() {
    return jobsDone;
  }

  long overtaken() {
    return overtaken;
  }

  long slicesKept() {
    return slicesKept;
  }

  long failed() {
    return failed;
  }

  long expired() {
    return expired;
  }

  /** Something went wrong that may break an attempt. */
  void broke() {
    breaks.add(baton.now());
  }

  /** Something was written. */
  void wrote(SimulatedProcess by, ObjectKey key, byte[] bytes) {
    String name = key.value();
    try {
      if (key.equals(BucketLayout.LEASE)) {
        lease(Json.read(bytes, LeaseRecord.class, Json.MESSAGE_BYTES));
      } else if (name.startsWith(BucketLayout.REGISTRY)) {
        registered(Json.read(bytes, Registration.class, Json.MESSAGE_BYTES));
      } else if (name.startsWith(BucketLayout.STATUSES)) {
        ended(name, Json.read(bytes, Status.class, Json.MESSAGE_BYTES));
      } else if (name.startsWith(BucketLayout.SLICES)) {
        once(key);
        slicesKept++;
        of(header(bytes).registration())
            .slices
            .add(BucketLayout.sliceOf(key).orElseThrow().number().value());
      } else if (BucketLayout.serialOf(key).isPresent() && name.startsWith("manifests/")) {
        once(key);
        committed(header(bytes));
      }
    } catch (IOException | MalformedMessageException e) {
      violations.add(by + " wrote something to " + key + " that cannot be read: " + e);
    }
  }

  private static VersionHeader header(byte[] bytes) throws IOException, MalformedMessageException {
    try (ManifestReader reader = new ManifestReader(new ByteArrayInputStream(bytes))) {
      return reader.header();
    }
  }

  private void once(ObjectKey key) {
    if (!writtenOnce.add(key)) {
      violations.add(key + " was written twice");
    }
  }

  private void lease(LeaseRecord next) {
    LeaseRecord before = lease;
    lease = next;
    if (before == null) {
      return;
    }
    boolean same = before.token().equals(next.token());
    if (same ? next.epoch() < before.epoch() : next.epoch() <= before.epoch()) {
      violations.add(
          "the lease of epoch %d of %s was overwritten by epoch %d of %s"
              .formatted(before.epoch(), before.holder(), next.epoch(), next.holder()));
    }
  }

  private void registered(Registration next) {
    Registration before = registrations.put(next.key(), next);
    statusKeys.put(BucketLayout.status(next.key()).value(), next.key());
    long expected = before == null ? 1 : before.generation() + 1;
    if (next.generation() != expected) {
      violations.add(
          "a registration of generation %d was written over one of %d: a change is lost"
              .formatted(next.generation(), expected - 1));
    }
  }

  private void ended(String name, Status next) {
    Known of = of(Objects.requireNonNull(statusKeys.get(name)));
    Status before = of.status;
    of.status = next;
    jobsDone++;
    if (before != null && before.lastSlot().isAfter(next.lastSlot())) {
      violations.add("the status of " + name + " went back to " + next.lastSlot());
    }
    if (next.lastOutcome() == Status.Outcome.COMMITTED
        || next.lastOutcome() == Status.Outcome.UNCHANGED) {
      of.successes.add(baton.now());
    }
    if (next.lastOutcome() == Status.Outcome.FAILED) {
      failed++;
      failed(name, next);
    }
  }

  private void failed(String name, Status next) {
    boolean givenUp = String.valueOf(next.lastReason()).startsWith("given up");
    if (!givenUp || breaks.size() < BREAKS_TO_FAIL) {
      violations.add(name + " failed for no reason that lies in its source: " + next.lastReason());
    }
  }

  private void committed(VersionHeader header) {
    Known of = of(header.registration());
    if (header.serial().value() != of.versions.size() + 1L) {
      violations.add(
          "version %s was committed after %d versions"
              .formatted(header.serial(), of.versions.size()));
    }
    if (!of.jobs.add(header.job())) {
      violations.add("job " + header.job() + " made two versions");
    }
    if (!of.versions.isEmpty()
        && !header.slot().isAfter(of.versions.get(of.versions.size() - 1).slot())) {
      violations.add("version " + header.serial() + " is of an older slot than the one before");
    }
    of.versions.add(header);
    of.there.put(header.serial(), header);
    of.committed.add(baton.now());
    for (ArchiveRef archive : header.archives()) {
      if (removed.contains(archive.key())) {
        violations.add(
            "version %s leans on %s, which was removed".formatted(header.serial(), archive.key()));
      }
    }
  }

  /** An upload becomes an object. */
  void completes(SimulatedProcess by, ObjectKey key) {
    once(key);
  }

  /** Something is removed. */
  void deletes(SimulatedProcess by, ObjectKey key) {
    String name = key.value();
    if (name.startsWith(BucketLayout.ARCHIVES)) {
      removed.add(name);
      for (Known of : known.values()) {
        if (of.there.values().stream().anyMatch(version -> leansOn(version, name))) {
          violations.add(by + " removes " + key + ", which a version names");
        }
      }
    } else if (name.startsWith(BucketLayout.SLICES)) {
      writtenOnce.remove(key); // one that was slow may write it again: it stands for nothing
    } else if (name.startsWith(BucketLayout.MANIFESTS)) {
      expires(by, key);
    }
  }

  private static boolean leansOn(VersionHeader version, String archive) {
    return version.archives().stream().anyMatch(ref -> ref.key().equals(archive));
  }

  /** By whom it may be, and never one of the last that the policy keeps. */
  private void expires(SimulatedProcess by, ObjectKey manifest) {
    Serial serial = BucketLayout.serialOf(manifest).orElseThrow();
    for (Map.Entry<RegistrationKey, Known> one : known.entrySet()) {
      if (BucketLayout.manifest(one.getKey(), serial).equals(manifest)) {
        Registration registration = registrations.get(one.getKey());
        RetentionPolicy policy = registration == null ? null : registration.retention();
        Integer last = policy == null ? null : policy.last();
        NavigableMap<Serial, VersionHeader> there = one.getValue().there;
        if (by.peer().role() != Role.RETENTION || last == null) {
          violations.add(by + " removes the version " + manifest);
        } else if (there.tailMap(serial, false).size() < last) {
          violations.add(by + " removes " + manifest + ", which is one of the last " + last);
        }
        expired += there.remove(serial) == null ? 0 : 1;
      }
    }
  }

  /** Something is about to be sent. */
  void sends(Peer by, @Nullable Object message) {
    if (message instanceof AgentOrder.ScanAndSend order) {
      streams.put(order.replyTo(), order.job());
    } else if (message instanceof Event.JobReturned returned) {
      told.add(by + " " + returned.job());
      if (nothingBreaks) {
        violations.add(returned.job().id() + " came back though nothing broke: " + returned.why());
      }
    } else if (message instanceof Event.JobSliced sliced) {
      told.add(by + " " + sliced.job());
      if (!of(sliced.job().registration()).slices.contains(sliced.slice().value())) {
        violations.add("slice " + sliced.slice() + " is told of and was never written");
      }
    } else if (message instanceof QueryJob query) {
      queries.put(query.replyTo(), baton.now());
    } else if (message instanceof Interference.Addressed addressed
        && by.role() == Role.AGENT
        && addressed.reply() instanceof Reply.Chunk chunk) {
      sendsChunk(by, addressed.to(), chunk);
    }
  }

  /** Of one registration at most one set is being sent. */
  private void sendsChunk(Peer by, ReplyId stream, Reply.Chunk chunk) {
    FetchJob job = streams.get(stream);
    if (job == null) {
      return;
    }
    if (chunk.kind() != ChunkKind.MESSAGE) {
      if (!stream.equals(sending.get(job.registration()))) {
        violations.add(by + " sends " + job.id() + " twice at once");
      }
    } else if (message(chunk) instanceof StreamMessage.Accepted) {
      sending.put(job.registration(), stream);
    }
  }

  private static StreamMessage message(Reply.Chunk chunk) {
    try {
      return Json.read(chunk.payload(), StreamMessage.class, Json.MESSAGE_BYTES);
    } catch (MalformedMessageException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A process is given a message. */
  void hands(Peer to, Object message) {
    if (message instanceof FetchJob job) {
      inHand.computeIfAbsent(to, any -> new LinkedHashSet<>()).add(job);
    } else if (message instanceof QueryJob query) {
      handsQuery(query);
    }
  }

  private void handsQuery(QueryJob query) {
    overtaken += waiting.getAsLong() > 0 ? 1 : 0;
    long waited = baton.now() - queries.getOrDefault(query.replyTo(), baton.now());
    if (nothingBreaks && waited > QUERY_WAITS) {
      violations.add(
          "a query waited for %d ms behind %d backups"
              .formatted(waited / 1_000_000, waiting.getAsLong()));
    }
  }

  /** A message is gone from its queue. What is acked is done, or given back. */
  void acked(Peer by, Object message) {
    if (!(message instanceof FetchJob job)) {
      return;
    }
    inHand.computeIfAbsent(by, any -> new LinkedHashSet<>()).remove(job);
    Status status = of(job.registration()).status;
    boolean done = status != null && !status.lastSlot().isBefore(job.slot());
    if (!done && !told.contains(by + " " + job)) {
      violations.add(by + " acked " + job.id() + ", which is neither done nor given back");
    }
  }

  /** Whether all that a process has in hand may come back to others once more. */
  boolean mayDie(Peer peer) {
    return inHand.getOrDefault(peer, Set.of()).stream()
        .allMatch(job -> deaths.getOrDefault(job.id(), 0) < BREAKS_TO_FAIL);
  }

  /** What a process had in hand comes back to others. */
  void died(Peer peer) {
    broke();
    Set<FetchJob> had = inHand.remove(peer);
    if (had != null) {
      had.forEach(job -> deaths.merge(job.id(), 1, Integer::sum));
    }
  }

  /** A process begins anew, and sends nothing of what it sent before. */
  void started(Peer peer) {
    sending.keySet().removeIf(key -> Peer.agent(key.node()).equals(peer));
  }
}
