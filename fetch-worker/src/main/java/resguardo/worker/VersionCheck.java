package resguardo.worker;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import resguardo.archive.ContentCheck;
import resguardo.archive.SetTotals;
import resguardo.core.Texts;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.Damage;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.stream.Progress;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.Piece;
import resguardo.core.version.Placed;
import resguardo.core.version.VersionHeader;

/** Looks whether a version can be restored: manifest → archives → content. */
final class VersionCheck {
  /** More would not tell an operator more. */
  private static final int MOST_PROBLEMS = 100;

  /** Characters of one: what is wrong with a file, and enough of its name to know it by. */
  static final int LONGEST_PROBLEM = 1000;

  /** Bytes of all together: they are told in one message. */
  private static final int MOST_TOLD = Json.MESSAGE_BYTES * 3 / 4;

  /** Beyond that it is not worth it to tell what of an archive is damaged. */
  private static final int MOST_PARTS = 1000;

  private final ArchiveStore store;
  private final VersionHeader header;
  private final Progress progress;
  private final List<String> problems = new ArrayList<>();
  private final Set<Damage.Part> damaged = new LinkedHashSet<>();
  private final LinkTargets links;
  private Choice wanted = (entry, line) -> true;
  private Predicate<ArchiveRef> wantedArchives = archive -> true;
  private @Nullable IOException unasked;
  private long more;
  private int toldBytes;
  private long entries;
  private long bytes;

  /** Which entries have their content read. */
  interface Choice {
    /**
     * Whether this one does.
     *
     * @param line bytes of its line in the manifest
     */
    boolean has(Placed placed, int line);
  }

  /**
   * @param progress told of each entry, and before each member that is read
   */
  VersionCheck(ArchiveStore store, VersionHeader header, Progress progress) {
    this.store = store;
    this.header = header;
    this.progress = progress;
    this.links = new LinkTargets(header.totals());
  }

  /**
   * Has content read only of these.
   *
   * @param entries asked for all, in their order
   * @return this
   */
  VersionCheck only(Choice entries) {
    wanted = entries;
    return this;
  }

  /** Of what is encrypted, has only these archives read. Returns this. */
  VersionCheck onlyArchives(Predicate<ArchiveRef> archives) {
    wantedArchives = archives;
    return this;
  }

  /**
   * Why some of the problems may be none: the store could not be asked. Empty: it always could; to
   * be asked once it has run.
   */
  Optional<IOException> unasked() {
    return Optional.ofNullable(unasked);
  }

  /**
   * Looks.
   *
   * @param manifest of the version; read to its end
   * @param read whether all content is read too; where it is encrypted, that its archives are as
   *     they were stored is all that can be seen of it
   * @throws IOException when the store cannot be used, or the asker is gone
   */
  StreamMessage.Verified run(ManifestReader manifest, boolean read) throws IOException {
    boolean readable = header.recipients().isEmpty();
    for (ArchiveRef archive : header.archives()) {
      if (archive(archive) && read && !readable && wantedArchives.test(archive)) {
        digest(archive);
      }
    }
    try (ArchiveMembers members = new ArchiveMembers(store, header.archives())) {
      entries(manifest, read && readable ? new ContentCheck(members) : null);
    }
    return new StreamMessage.Verified(entries, bytes, problems, more);
  }

  /** What is not as it was stored, and is to be brought again; to be asked once it has run. */
  List<Damage.Part> damaged() {
    return List.copyOf(damaged);
  }

  private void problem(String what) {
    String one = told(what);
    int bytes = Json.write(one).length + 1;
    if (problems.size() < MOST_PROBLEMS && toldBytes + bytes <= MOST_TOLD) {
      problems.add(one);
      toldBytes += bytes;
    } else {
      more++;
    }
  }

  /** A problem as it is told. */
  static String told(String what) {
    return Texts.cutInside(what, LONGEST_PROBLEM);
  }

  /** Whether it is there, and as long as it should be. */
  private boolean archive(ArchiveRef archive) {
    try {
      Optional<String> problem = StoredArchives.problem(store, archive);
      problem.ifPresent(this::problem);
      return problem.isEmpty();
    } catch (IOException e) {
      unasked = e;
      problem(archive.key() + " cannot be looked at: " + e.getMessage());
      return false;
    }
  }

  private void digest(ArchiveRef archive) throws IOException {
    try {
      boolean asWritten =
          StoredArchives.isAsWritten(
              store,
              archive,
              more -> {
                bytes += more;
                progress.at(entries, bytes);
              });
      if (!asWritten) {
        damaged.add(Damage.Part.whole(archive.key()));
        problem(archive.key() + " is not what was stored");
      }
    } catch (StoreException e) {
      unasked = e instanceof StoreException.NotFound ? unasked : e;
      problem(archive.key() + " cannot be read: " + e.getMessage());
    }
  }

  private void entries(ManifestReader manifest, @Nullable ContentCheck content) throws IOException {
    SetTotals set = new SetTotals();
    try {
      while (next(manifest, set, content)) {
        progress.at(entries, bytes);
      }
      if (!set.totals().equals(header.totals()) || !set.index().equals(header.index())) {
        manifest("the manifest does not add up to what its header says");
      }
    } catch (MalformedMessageException | IllegalArgumentException e) {
      manifest("the manifest is damaged: " + e.getMessage());
    }
  }

  /** Of a line, which may have megabytes, nothing is kept while others have their turns. */
  private boolean next(ManifestReader manifest, SetTotals set, @Nullable ContentCheck content)
      throws IOException, MalformedMessageException {
    Optional<byte[]> line = manifest.nextLine();
    if (line.isEmpty()) {
      return false;
    }
    Placed placed = EntryCodec.read(line.get());
    set.add(placed.entry(), line.get());
    entries++;
    links.flaw(placed.entry()).ifPresent(what -> problem(placed.entry().name() + ": " + what));
    if (wanted.has(placed, line.get().length) && content != null) {
      content(content, placed);
    }
    return true;
  }

  private void manifest(String what) {
    ObjectKey key = BucketLayout.manifest(header.registration(), header.serial());
    damaged.add(Damage.Part.whole(key.value()));
    problem(what);
  }

  private void content(ContentCheck content, Placed placed) throws IOException {
    List<ContentCheck.Flaw> flaws = content.flaws(placed, () -> progress.at(entries, bytes));
    for (ContentCheck.Flaw flaw : flaws) {
      unasked = flaw.unasked() == null ? unasked : flaw.unasked();
      problem(placed.entry().name() + ": " + flaw.what());
      if (flaw.member() != null) {
        damaged(flaw.member());
      }
    }
    if (flaws.isEmpty()) {
      bytes += placed.entry().stored();
    }
  }

  private void damaged(Piece member) {
    header.archives().stream()
        .filter(ref -> ref.number() == member.archive())
        .map(
            ref ->
                damaged.size() < MOST_PARTS
                    ? Damage.Part.of(ref, member)
                    : Damage.Part.whole(ref.key()))
        .forEach(damaged::add);
  }
}
