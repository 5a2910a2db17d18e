package resguardo.core.catalog;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;
import resguardo.core.protocol.Json;
import resguardo.core.version.VersionHeader;

/**
 * Which versions are suspicious, and of which an operator has said that they are not. That a
 * version is suspicious stands in its manifest; here is what makes these few be found among many,
 * and the operators' words.
 */
public final class Alarms {
  private static final int PAGE = 1000;

  private final ArchiveStore store;
  private final VersionCatalog versions;

  /** Over this store. */
  public Alarms(ArchiveStore store) {
    this.store = store;
    this.versions = new VersionCatalog(store);
  }

  /**
   * A suspicious version.
   *
   * @param header has an alarm
   * @param acceptance the word of an operator; absent: the alarm is open
   */
  public record Raised(VersionHeader header, @Nullable Acceptance acceptance) {}

  /**
   * Some of them.
   *
   * @param next what to ask for the next page with; absent: there is none
   */
  public record Page(List<Raised> raised, @Nullable String next) {
    public Page {
      raised = List.copyOf(raised);
    }
  }

  /**
   * Notes down that a version is going to be suspicious; to be called before its manifest is
   * written, so that there is no moment in which one that is there is not found. A repeat does no
   * harm, nor does a note of what is never committed.
   */
  public void note(RegistrationKey key, Serial serial) throws StoreException {
    AlarmNote note = new AlarmNote(AlarmNote.VERSION, key, serial);
    store.put(BucketLayout.alarm(key, serial), Content.of(Json.write(note)));
  }

  /**
   * The next suspicious versions, in the order of their keys.
   *
   * @param after as the page before said; absent: the first page
   * @param most how many at the most
   * @param accepted whether accepted ones are wanted too
   * @param damaged takes each object, a note or the manifest of such a version, that is not what it
   *     should be: it keeps the others from being found as little as it is one of them
   */
  public Page page(
      @Nullable String after, int most, boolean accepted, Consumer<DamagedException> damaged)
      throws IOException {
    List<Raised> raised = new ArrayList<>();
    ObjectKey last = after == null ? null : new ObjectKey(after);
    List<StoredObject> found = store.list(BucketLayout.ALARMS, last, PAGE);
    if (found.isEmpty()) {
      return new Page(raised, null);
    }
    Set<ObjectKey> words = accepted ? Set.of() : keys(BucketLayout.ACCEPTED);
    while (!found.isEmpty()) {
      for (StoredObject object : found) {
        last = object.key();
        if (!words.contains(BucketLayout.acceptanceOf(last))) {
          raised(last, damaged).ifPresent(raised::add);
        }
        if (raised.size() == most) {
          return new Page(raised, last.value());
        }
      }
      found = store.list(BucketLayout.ALARMS, last, PAGE);
    }
    return new Page(raised, null);
  }

  private Optional<Raised> raised(ObjectKey key, Consumer<DamagedException> damaged)
      throws IOException {
    try {
      return raised(key);
    } catch (DamagedException e) {
      damaged.accept(e);
      return Optional.empty();
    }
  }

  private Optional<Raised> raised(ObjectKey key) throws IOException {
    Optional<AlarmNote> note = Objects.read(store, key, AlarmNote.class);
    return note.isEmpty()
        ? Optional.empty()
        : raised(note.get().registration(), note.get().serial());
  }

  /**
   * What is known of one version; empty when there is no such version, or it is not suspicious.
   *
   * @throws DamagedException when its manifest is none, or the word about it cannot be read
   */
  public Optional<Raised> raised(RegistrationKey key, Serial serial) throws IOException {
    Optional<VersionHeader> header =
        versions.header(key, serial).filter(found -> found.alarm() != null);
    return header.isEmpty()
        ? Optional.empty()
        : Optional.of(new Raised(header.get(), acceptance(key, serial).orElse(null)));
  }

  /**
   * The open alarms of all registrations, by ascending numbers; of one with none nothing.
   *
   * @param damaged as of {@link #page}
   */
  public Map<RegistrationKey, List<Serial>> open(Consumer<DamagedException> damaged)
      throws IOException {
    Map<RegistrationKey, List<Serial>> open = new TreeMap<>();
    @Nullable String next = null;
    do {
      Page page = page(next, PAGE, false, damaged);
      for (Raised raised : page.raised()) {
        VersionHeader header = raised.header();
        open.computeIfAbsent(header.registration(), any -> new ArrayList<>()).add(header.serial());
      }
      next = page.next();
    } while (next != null);
    return open;
  }

  /**
   * The suspicious versions of one registration, by ascending numbers, accepted ones too.
   *
   * @throws DamagedException as of {@link #raised(RegistrationKey, Serial)}
   */
  public List<Raised> of(RegistrationKey key) throws IOException {
    List<Raised> raised = new ArrayList<>();
    for (ObjectKey note : keys(BucketLayout.alarms(key))) {
      raised(note).ifPresent(raised::add);
    }
    raised.sort(Comparator.comparing(one -> one.header().serial()));
    return raised;
  }

  /** The word of an operator about a version; empty when there is none. */
  public Optional<Acceptance> acceptance(RegistrationKey key, Serial serial) throws IOException {
    return Objects.read(store, BucketLayout.acceptance(key, serial), Acceptance.class);
  }

  /**
   * Keeps an operator's word, unless there is one already: the first stands. Durable on return.
   *
   * @return the word that stands
   */
  public Acceptance accept(Acceptance word) throws IOException {
    try {
      store.putIfAbsent(
          BucketLayout.acceptance(word.registration(), word.serial()),
          Content.of(Json.write(word)));
      return word;
    } catch (StoreException.ConditionFailed another) {
      return acceptance(word.registration(), word.serial())
          .orElseThrow(() -> new IOException("an acceptance vanished", another));
    }
  }

  private Set<ObjectKey> keys(String prefix) throws StoreException {
    Set<ObjectKey> keys = new HashSet<>();
    @Nullable ObjectKey last = null;
    List<StoredObject> page = store.list(prefix, last, PAGE);
    while (!page.isEmpty()) {
      page.forEach(object -> keys.add(object.key()));
      last = page.get(page.size() - 1).key();
      page = store.list(prefix, last, PAGE);
    }
    return keys;
  }
}
