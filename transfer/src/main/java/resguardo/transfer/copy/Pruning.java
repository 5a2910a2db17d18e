package resguardo.transfer.copy;

import java.io.IOException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.Expiring;
import resguardo.core.catalog.Expiring.Stage;
import resguardo.core.catalog.ExpiryNote;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.VersionHeader;

/**
 * Removes versions at the target that the source has no more: mark → (grace) → note that it is gone
 * → manifest → archives that nothing else there leans on. As retention does, whose notes these are
 * (decision 30): so whoever is killed leaves a note that says what is to be done, and a retention
 * that runs on the target one day knows it too. Time is the target's. For one thread.
 */
final class Pruning {
  private static final int PAGE = 1000;

  private final ArchiveStore source;
  private final ArchiveStore target;
  private final VersionCatalog versions;
  private final Expiring notes;
  private final Account account;
  private final @Nullable Instant now;

  /**
   * @param now what the present is by the clock of the target, which an object was just written by;
   *     absent: nothing is removed
   */
  Pruning(ArchiveStore source, ArchiveStore target, Account account, @Nullable Instant now) {
    this.source = source;
    this.target = target;
    this.versions = new VersionCatalog(target);
    this.notes = new Expiring(target);
    this.account = account;
    this.now = now;
  }

  /**
   * Looks at a registration whose versions were copied, all of them.
   *
   * @param there the numbers of the versions of the source, one or more
   */
  void look(RegistrationKey key, List<Serial> there, ExportOptions.Prune how) throws IOException {
    Set<Serial> kept = new HashSet<>(there);
    List<Serial> copied = versions.serials(key);
    Map<Serial, Instant> marks = withoutThoseThatAreBack(key, Stage.MARKED, kept);
    withoutThoseThatAreBack(key, Stage.GONE, kept);
    List<Serial> gone = copied.stream().filter(serial -> !kept.contains(serial)).toList();
    if (gone.size() == copied.size() && !copied.isEmpty()
        || !how.any() && gone.size() * 2 > copied.size()) {
      account.problem(
          key
              + ": "
              + gone.size()
              + " of "
              + copied.size()
              + " versions of the target are gone at the source, which is not believed: --prune-any removes them all the same");
      return;
    }
    for (Serial serial : gone) {
      Instant since = marks.get(serial);
      if (since == null) {
        mark(key, serial);
      } else if (now != null && !since.plus(how.grace()).isAfter(now)) {
        remove(key, serial);
      } else {
        account.marked();
      }
    }
    free(key, notes(key, Stage.GONE).keySet());
  }

  private Map<Serial, Instant> withoutThoseThatAreBack(
      RegistrationKey key, Stage stage, Set<Serial> kept) throws StoreException {
    Map<Serial, Instant> noted = notes(key, stage);
    for (Serial serial : List.copyOf(noted.keySet())) {
      if (kept.contains(serial)) {
        notes.remove(key, serial, stage);
        noted.remove(serial);
      }
    }
    return noted;
  }

  private Map<Serial, Instant> notes(RegistrationKey key, Stage stage) throws StoreException {
    Map<Serial, Instant> marks = new TreeMap<>();
    @Nullable Serial last = null;
    List<Expiring.Noted> page = notes.page(key, stage, last, PAGE);
    while (!page.isEmpty()) {
      page.forEach(noted -> marks.put(noted.serial(), noted.since()));
      last = page.get(page.size() - 1).serial();
      page = notes.page(key, stage, last, PAGE);
    }
    return marks;
  }

  private void mark(RegistrationKey key, Serial serial) throws IOException {
    Optional<VersionHeader> header = versions.header(key, serial);
    if (header.isPresent() && !isAtSource(key, serial)) {
      notes.write(ExpiryNote.of(header.get()), Stage.MARKED);
      account.marked();
    }
  }

  /** A list may leave something out; whether this one is there is asked of itself. */
  private boolean isAtSource(RegistrationKey key, Serial serial) throws StoreException {
    return source.head(BucketLayout.manifest(key, serial)).isPresent();
  }

  private void remove(RegistrationKey key, Serial serial) throws IOException {
    if (isAtSource(key, serial)) {
      return;
    }
    try {
      Optional<VersionHeader> header = versions.header(key, serial);
      if (header.isPresent()) {
        notes.write(ExpiryNote.of(header.get()), Stage.GONE);
      }
      target.delete(BucketLayout.manifest(key, serial));
      notes.remove(key, serial, Stage.MARKED);
      account.pruned();
    } catch (StoreException.Denied locked) {
      account.tell(key + " " + serial + " stays at the target: " + locked.getMessage());
    }
  }

  /** Frees what versions leaned on that are gone. */
  private void free(RegistrationKey key, Set<Serial> gone) throws IOException {
    Set<Serial> left = new HashSet<>(versions.serials(key));
    List<Serial> removed = gone.stream().filter(serial -> !left.contains(serial)).toList();
    if (removed.isEmpty()) {
      return;
    }
    Set<String> needed = new HashSet<>();
    for (Serial serial : left) {
      // One that cannot be read stops it here: what it needs is not known.
      versions.header(key, serial).stream()
          .flatMap(header -> header.archives().stream())
          .map(ArchiveRef::key)
          .forEach(needed::add);
    }
    for (Serial serial : removed) {
      free(key, serial, needed);
    }
  }

  private void free(RegistrationKey key, Serial serial, Set<String> needed) throws IOException {
    Optional<ExpiryNote> note = notes.find(key, serial, Stage.GONE);
    if (note.isEmpty()) {
      return;
    }
    try {
      for (ExpiryNote.Archive archive : note.get().archives()) {
        String object = BucketLayout.archives(key) + archive.name();
        if (!needed.contains(object)) {
          target.delete(new ObjectKey(object));
        }
      }
      target.delete(BucketLayout.alarm(key, serial));
      target.delete(BucketLayout.acceptance(key, serial));
      notes.remove(key, serial, Stage.MARKED);
      notes.remove(key, serial, Stage.GONE);
    } catch (StoreException.Denied locked) {
      account.tell(key + " " + serial + " leaves archives at the target: " + locked.getMessage());
    }
  }
}
