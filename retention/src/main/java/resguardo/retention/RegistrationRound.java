package resguardo.retention;

import java.io.IOException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.RetentionPolicy;
import resguardo.core.Serial;
import resguardo.core.catalog.Alarms;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.Expiring;
import resguardo.core.catalog.Expiring.Noted;
import resguardo.core.catalog.Expiring.Stage;
import resguardo.core.catalog.ExpiryHold;
import resguardo.core.catalog.ExpiryNote;
import resguardo.core.catalog.ProvenHold;
import resguardo.core.catalog.Registry;
import resguardo.core.catalog.Slices;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.BrokerException;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.core.protocol.Event;
import resguardo.core.retention.KeepReason.Rule;
import resguardo.core.retention.PlanCursor;
import resguardo.core.retention.RetentionPlan;
import resguardo.core.version.VersionHeader;

/**
 * One look at one registration: plan → mark → expire → free.
 *
 * <p>Each step can be repeated, by this process or another at the same time, and left off anywhere:
 * the notes in the bucket say how far each version is (see {@link Expiring}). A version is marked,
 * and stays one for a time of grace; then, if its policy still wants nothing of it, its manifest
 * goes, so that nobody begins to read it any more; after another time of grace its archives go that
 * nothing else leans on.
 */
final class RegistrationRound {
  /** So many headers are in memory, of some kilobytes each. */
  private static final int A_PAGE = 200;

  /** Before so many more manifests go it is looked whether they still are to. */
  private static final int A_BATCH = 100;

  private static final Set<Rule> PASSING =
      Set.of(Rule.PROVEN, Rule.ALARM, Rule.FUTURE, Rule.OUT_OF_ORDER, Rule.LOCKED);
  private static final Logger LOG = LoggerFactory.getLogger(RegistrationRound.class);

  private final RetentionContext context;
  private final Tally tally;
  private final Expiries expiries;
  private final Hands hands;
  private final BooleanSupplier stopping;
  private final ArchiveStore store;
  private final Registry registry;
  private final VersionCatalog versions;
  private final Alarms alarms;
  private final Expiring expiring;
  private final Registration registration;
  private final RegistrationKey key;
  private final Instant now;
  private final Serials wanted = new Serials();

  /** The version that is held as proven, as it was before all was planned; absent: none is. */
  private @Nullable Serial proven;

  private boolean isPlanned;

  private @Nullable Serial newest;
  private boolean settled = true;
  private boolean noted;

  /**
   * @param now by the clock of the store
   * @param stopping whether this is to be left off
   */
  RegistrationRound(
      RetentionContext context,
      Tally tally,
      Expiries expiries,
      Hands hands,
      Registration registration,
      Instant now,
      BooleanSupplier stopping) {
    this.context = context;
    this.tally = tally;
    this.expiries = expiries;
    this.hands = hands;
    this.stopping = stopping;
    this.store = context.store();
    this.registry = new Registry(store);
    this.versions = new VersionCatalog(store);
    this.alarms = new Alarms(store);
    this.expiring = new Expiring(store);
    this.registration = registration;
    this.key = registration.key();
    this.now = now;
  }

  /**
   * Looks, and does what is to be done now.
   *
   * @throws resguardo.core.catalog.DamagedException when a manifest is none: nothing of this
   *     registration is expired then
   * @throws IOException when the bucket cannot be read, or something could not be done: the next
   *     look does it
   */
  void run() throws IOException {
    Optional<RetentionPolicy> policy = registration.retentionNow();
    if (policy.isPresent()) {
      plan(policy.get(), marked());
    }
    expire();
    free();
  }

  /** Whether nothing would be done by another look before there is another version. */
  boolean isSettled() {
    return settled && !noted;
  }

  /** The newest version that was looked at; absent: there was none, or no policy. */
  @Nullable Serial newest() {
    return newest;
  }

  private Serials marked() throws StoreException {
    Serials marked = new Serials();
    @Nullable Serial after = null;
    List<Noted> page = expiring.page(key, Stage.MARKED, null, 1000);
    while (!page.isEmpty()) {
      page.forEach(note -> marked.add(note.serial()));
      after = page.get(page.size() - 1).serial();
      page = expiring.page(key, Stage.MARKED, after, 1000);
    }
    return marked;
  }

  private void plan(RetentionPolicy policy, Serials marked) throws IOException {
    isPlanned = true;
    proven = new ProvenHold(store).find(key).orElse(null);
    RetentionPlan plan = new RetentionPlan(store, context.platform(), key, policy, now);
    @Nullable PlanCursor from = null;
    do {
      RetentionPlan.Page page = plan.page(from, A_PAGE);
      for (RetentionPlan.Decided version : page.versions()) {
        newest = newest == null ? version.header().serial() : newest;
        settled &=
            !version.expires()
                && !version.kept().stream().allMatch(reason -> PASSING.contains(reason.rule()));
        if (version.expires()) {
          wanted.add(version.header().serial());
        }
      }
      mark(page, marked);
      from = page.next();
    } while (from != null && !stopping.getAsBoolean());
    if (from != null) {
      throw new StoreException.Unavailable("Failed to plan: this process ends.", null);
    }
  }

  private void mark(RetentionPlan.Page page, Serials marked) throws IOException {
    hands.each(
        page.versions().stream()
            .filter(RetentionPlan.Decided::expires)
            .map(RetentionPlan.Decided::header)
            .filter(header -> !marked.contains(header.serial()))
            .toList(),
        header -> expiring.write(ExpiryNote.of(header), Stage.MARKED));
  }

  private void expire() throws IOException {
    List<Noted> page = expiring.page(key, Stage.MARKED, null, A_BATCH);
    while (!page.isEmpty() && !stopping.getAsBoolean()) {
      noted = true;
      if (!isAsPlanned()) {
        return; // the next look plans anew
      }
      expiries.begin(key, due(page), policyInWords());
      hands.each(page, this::expire);
      page = expiring.page(key, Stage.MARKED, page.get(page.size() - 1).serial(), A_BATCH);
    }
  }

  /**
   * Whether the registration is as it was, no other version was proven restorable, and none has
   * come that raises an alarm.
   */
  private boolean isAsPlanned() throws IOException {
    Optional<Registration> there = registry.find(key);
    if (there.isEmpty() || !there.get().equals(registration)) {
      return false;
    }
    if (isPlanned && !new ProvenHold(store).find(key).equals(Optional.ofNullable(proven))) {
      return false;
    }
    @Nullable Serial last = newest;
    while (last != null) {
      Optional<VersionHeader> later = versions.firstFrom(key, last.next());
      if (later.isPresent() && ExpiryHold.isOpen(alarms, later.get())) {
        return false;
      }
      last = later.map(VersionHeader::serial).orElse(null);
    }
    return true;
  }

  private void expire(Noted note) throws IOException {
    boolean there = versions.has(key, note.serial());
    if (there && !wanted.contains(note.serial())) {
      expiring.remove(key, note.serial(), Stage.MARKED); // it is kept after all
    } else if (!there || isOver(note)) {
      goes(note.serial());
    }
  }

  /** Those that go now. */
  private List<Serial> due(List<Noted> page) {
    return page.stream().filter(this::isOver).map(Noted::serial).filter(wanted::contains).toList();
  }

  private String policyInWords() {
    return "no rule keeps them: " + registration.retentionNow().map(String::valueOf).orElse("none");
  }

  private boolean isOver(Noted note) {
    return !note.since().plus(context.grace()).isAfter(now);
  }

  /**
   * The note that it is gone comes before it goes: whatever is done of this, what it leaned on is
   * found. When it is gone already, somebody died over it, and the rest is done.
   */
  private void goes(Serial serial) throws IOException {
    Optional<ExpiryNote> note = expiring.find(key, serial, Stage.MARKED);
    if (note.isEmpty()) {
      return; // another process was faster
    }
    expiring.write(note.get(), Stage.GONE);
    try {
      store.delete(BucketLayout.manifest(key, serial));
    } catch (StoreException.Denied locked) {
      LOG.debug("stays", locked);
      expiries.stays(key, serial);
      expiring.remove(key, serial, Stage.GONE);
      return;
    }
    expiries.gone(key, serial);
    expiring.remove(key, serial, Stage.MARKED);
    tally.expired();
    tell(new Event.VersionExpired(now, context.self(), key, serial, note.get().slot()));
  }

  private void tell(Event event) {
    try {
      context.events().publish(event);
    } catch (BrokerException e) {
      LOG.debug("not told: {}", event, e); // events are hints
    }
  }

  private void free() throws IOException {
    List<Noted> page = expiring.page(key, Stage.GONE, null, A_BATCH);
    while (!page.isEmpty() && !stopping.getAsBoolean()) {
      noted = true;
      List<Noted> over = page.stream().filter(this::isOver).toList();
      Set<String> slices = over.isEmpty() ? Set.of() : slices();
      hands.each(over, note -> free(note.serial(), slices));
      page = expiring.page(key, Stage.GONE, page.get(page.size() - 1).serial(), A_BATCH);
    }
  }

  /**
   * What they lean on that is older than they are the newest version leans on too; to be sure. One
   * may be left of a version that was committed long ago, until it is swept.
   */
  private Set<String> slices() throws IOException {
    Set<String> names = new HashSet<>();
    new Slices(store).each(key, slice -> names.addAll(Leaning.names(key, slice)));
    return names;
  }

  private void free(Serial serial, Set<String> slices) throws IOException {
    if (versions.has(key, serial)) {
      if (expiring.find(key, serial, Stage.MARKED).isEmpty()) {
        expiring.remove(key, serial, Stage.GONE); // somebody has brought it back
      }
      return;
    }
    Optional<ExpiryNote> note = expiring.find(key, serial, Stage.GONE);
    if (note.isEmpty()) {
      return;
    }
    Leaning leaning = Leaning.around(versions, key, serial, slices);
    boolean all = true;
    for (ExpiryNote.Archive archive : note.get().archives()) {
      if (leaning.isOnSlice(archive)) {
        all = false; // no version's note need name it any more
      } else if (!leaning.isOn(archive)) {
        all &= freed(archive);
      }
    }
    if (!all) {
      return; // until no slice is on them, and no lock
    }
    if (note.get().suspicious()) {
      store.delete(BucketLayout.alarm(key, serial));
      store.delete(BucketLayout.acceptance(key, serial));
    }
    expiring.remove(key, serial, Stage.GONE);
  }

  /** Whether it is gone; not, when it is locked. */
  private boolean freed(ExpiryNote.Archive archive) throws StoreException {
    ObjectKey object = new ObjectKey(BucketLayout.archives(key) + archive.name());
    boolean there = store.head(object).isPresent();
    try {
      store.delete(object);
      if (there) {
        tally.freed(archive.bytes());
      }
      return true;
    } catch (StoreException.Denied locked) {
      LOG.debug("stays", locked);
      return false;
    }
  }
}
