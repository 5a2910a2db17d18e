package resguardo.worker;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import resguardo.core.RawPath;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.catalog.DamageBook;
import resguardo.core.catalog.DamagedException;
import resguardo.core.catalog.Proof;
import resguardo.core.catalog.ProofBook;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.ArchiveStore;
import resguardo.core.protocol.DrillOrder;
import resguardo.core.protocol.QueryJob;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.stream.Progress;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.VersionHeader;

/**
 * One drill: restore on trial → where that fails, find what is damaged and note it → keep what it
 * has shown. In this order, so that whoever dies in between leaves nothing but what the next finds
 * again (decision 35).
 */
final class DrillFlow {
  private final WorkerContext context;
  private final ArchiveStore store;
  private final ExecutorService threads;
  private final VersionCatalog versions;
  private final ProofBook proofs;
  private final RegistrationKey key;
  private final Serial serial;
  private final QueryJob drill;
  private final DrillOrder order;
  private final GivingWay way;
  private volatile long entries;
  private volatile long bytes;

  /**
   * @param threads compress what has to be made anew
   */
  DrillFlow(WorkerContext context, ExecutorService threads, QueryJob drill, GivingWay way) {
    this.context = context;
    this.store = context.store();
    this.threads = threads;
    this.versions = new VersionCatalog(store);
    this.proofs = new ProofBook(store);
    this.key = drill.registration();
    this.serial = drill.serial();
    this.drill = drill;
    this.order = Objects.requireNonNull(drill.drill());
    this.way = way;
  }

  /**
   * How it ended.
   *
   * @param proof what stands in the bucket now; absent: it came to no result
   * @param why it came to none; absent: it did
   */
  record Result(@Nullable Proof proof, @Nullable String why) {
    private static Result nothing(@Nullable String why) {
      return new Result(null, String.valueOf(why));
    }
  }

  /** How many entries were compared so far. */
  long entries() {
    return entries;
  }

  /** How many bytes were. */
  long bytes() {
    return bytes;
  }

  /** Makes it. */
  Result run() throws InterruptedException {
    try {
      if (!order.byOperator() && proofs.isOutdated(key, order.known())) {
        return Result.nothing("another drill was made meanwhile");
      }
      Optional<Proof.Drill> shown = shown();
      if (shown.isEmpty() || (!shown.get().good() && !versions.has(key, serial))) {
        return Result.nothing("version " + serial + " is not there any more");
      }
      return proofs
          .save(key, shown.get(), order.known())
          .map(proof -> new Result(proof, null))
          .orElseGet(() -> Result.nothing("a later drill was made meanwhile"));
    } catch (IOException e) {
      return Result.nothing(e.getMessage());
    }
  }

  /** What it has shown; empty: there is no such version. */
  private Optional<Proof.Drill> shown() throws IOException, InterruptedException {
    Optional<VersionHeader> header;
    try {
      header = versions.header(key, serial);
    } catch (DamagedException e) {
      if (versions.isOfAnotherProgram(key, serial)) {
        throw e; // one that knows it will say what there is to be said
      }
      return Optional.of(drill(Proof.Extent.WHOLE, true, List.of(words(e)), 0, null, null));
    }
    if (header.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        header.get().recipients().isEmpty() ? opened(header.get()) : sealed(header.get()));
  }

  private Proof.Drill opened(VersionHeader header) throws IOException, InterruptedException {
    RawPath after = order.after();
    TrialRestore.Outcome outcome = trial(header, after);
    if (outcome.window().isEmpty() && after != null && outcome.problems().isEmpty()) {
      after = null; // nothing comes after it any more: from the first again
      outcome = trial(header, null);
    }
    List<String> problems = outcome.problems();
    if (!problems.isEmpty()) {
      List<String> found = located(header, outcome, after);
      if (found.isEmpty()) {
        outcome = trial(header, after); // what came was wrong, and what lies there is not
        problems = outcome.problems();
      } else {
        problems = both(problems, found);
      }
    }
    entries = outcome.entries();
    bytes = outcome.bytes();
    Proof.Extent extent = outcome.window().extent();
    boolean sample = extent == Proof.Extent.SAMPLE;
    return drill(
        extent, true, problems, 0, sample ? after : null, sample ? outcome.window().upTo() : null);
  }

  private static List<String> both(List<String> first, List<String> more) {
    Set<String> all = new LinkedHashSet<>(more);
    all.addAll(first);
    return new ArrayList<>(all);
  }

  private TrialRestore.Outcome trial(VersionHeader header, @Nullable RawPath after)
      throws IOException, InterruptedException {
    VersionArchive archive =
        new VersionArchive(store, threads, key, serial, new Lookup(context.spool(), givingWay()));
    return new TrialRestore(context, archive, header, after, order.readBytes(), way, this::soFar)
        .run();
  }

  private void soFar(long entriesNow, long bytesNow) {
    entries = entriesNow;
    bytes = bytesNow;
  }

  /** What of the same is not as it was stored, which is noted so that the next backup brings it. */
  private List<String> located(
      VersionHeader header, TrialRestore.Outcome outcome, @Nullable RawPath after)
      throws IOException, InterruptedException {
    boolean whole = outcome.window().extent() == Proof.Extent.WHOLE;
    DrillWindow window =
        whole ? new DrillWindow(null, Long.MAX_VALUE) : new DrillWindow(after, order.readBytes());
    try {
      return checked(new VersionCheck(store, header, givingWay()).only(window::has)).problems();
    } catch (java.io.InterruptedIOException e) {
      throw new InterruptedException(e.getMessage());
    }
  }

  private StreamMessage.Verified checked(VersionCheck check) throws IOException {
    try (ManifestReader manifest = versions.manifest(key, serial)) {
      StreamMessage.Verified verified = check.run(manifest, true);
      if (!check.damaged().isEmpty()) {
        new DamageBook(store).found(key, check.damaged());
      }
      Optional<IOException> unasked = check.unasked();
      if (unasked.isPresent()) {
        throw unasked.get(); // what the store did not say is no damage
      }
      return verified;
    }
  }

  /** Nobody here has a key: it is seen whether the archives are as they were stored. */
  private Proof.Drill sealed(VersionHeader header) throws IOException, InterruptedException {
    List<ArchiveRef> all = header.archives();
    boolean whole = header.archiveBytes() <= order.readBytes();
    List<ArchiveRef> some = whole ? all : sample(all);
    long[] told = {0};
    Progress progress =
        (entriesNow, bytesNow) -> {
          soFar(entriesNow, bytesNow);
          giveWay((int) Math.min(Integer.MAX_VALUE, bytesNow - told[0]));
          told[0] = bytesNow;
        };
    StreamMessage.Verified verified;
    try {
      verified = checked(new VersionCheck(store, header, progress).onlyArchives(some::contains));
    } catch (java.io.InterruptedIOException e) {
      throw new InterruptedException(e.getMessage());
    }
    soFar(verified.entries(), verified.bytes());
    boolean sample = some.size() < all.size();
    RawPath upTo = sample ? name(some.get(some.size() - 1)) : null;
    return drill(
        sample ? Proof.Extent.SAMPLE : Proof.Extent.WHOLE,
        false,
        verified.problems(),
        verified.more(),
        sample ? order.after() : null,
        upTo);
  }

  /** Also where steps are many and nothing comes of them. */
  private Progress givingWay() {
    return new EachSecond(context.platform(), (entriesNow, bytesNow) -> giveWay(0));
  }

  private void giveWay(int read) throws IOException {
    try {
      way.went(read);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new java.io.InterruptedIOException("interrupted");
    }
  }

  /** Archives one after another, after the last of the sample before, and then from the first. */
  private List<ArchiveRef> sample(List<ArchiveRef> all) {
    int begin = 0;
    RawPath after = order.after();
    for (int i = 0; i < all.size() && after != null; i++) {
      if (after.equals(name(all.get(i)))) {
        begin = (i + 1) % all.size();
      }
    }
    List<ArchiveRef> some = new ArrayList<>();
    long size = 0;
    for (int i = begin; i < all.size() && (some.isEmpty() || size < order.readBytes()); i++) {
      some.add(all.get(i));
      size += all.get(i).bytes();
    }
    return some;
  }

  private static RawPath name(ArchiveRef archive) {
    return RawPath.parse(archive.key());
  }

  private Proof.Drill drill(
      Proof.Extent extent,
      boolean opened,
      List<String> problems,
      long more,
      @Nullable RawPath after,
      @Nullable RawPath upTo) {
    Instant now = context.clock().instant();
    return new Proof.Drill(
        drill.replyTo(),
        serial,
        order.ordered(),
        now,
        context.self(),
        extent,
        opened,
        entries,
        bytes,
        problems,
        more,
        after,
        upTo);
  }

  private static String words(DamagedException e) {
    return String.valueOf(e.getMessage());
  }
}
