package resguardo.worker;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import resguardo.archive.Deflaters;
import resguardo.archive.LiveMembers;
import resguardo.core.Sha256;
import resguardo.core.catalog.Damage;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.stream.StreamBrokenException;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.ManifestWriter;

/**
 * The step before the commit that keeps a version from needing too many archives, or too much that
 * nothing of it lies in.
 */
final class Merging implements AutoCloseable {
  private final ArchiveStore store;
  private final Path spool;
  private final Consumer<String> activity;
  private final Consumer<Damage.Part> damage;
  private @Nullable ManifestWriter rewritten;

  /** What is to be committed. */
  record Ready(ManifestWriter lines, List<ArchiveRef> archives, Sha256 index) {}

  /**
   * @param activity is told what is done, in words
   * @param damage is told what is not as it was written, so that the next backup brings it again
   */
  Merging(ArchiveStore store, Path spool, Consumer<String> activity, Consumer<Damage.Part> damage) {
    this.store = store;
    this.spool = spool;
    this.activity = activity;
    this.damage = damage;
  }

  /**
   * A version as it is to be committed: as it came, or with archives merged. When one of them turns
   * out to be damaged it stays as it came: that is told, and the next version is not kept from
   * being made.
   *
   * @param came how the version came
   * @param newest number of the archive that came with it, which is not merged yet
   * @param key of a new archive, if there is to be one
   */
  Ready merged(Ready came, LiveMembers live, int newest, ObjectKey key, Compaction.Uploads uploads)
      throws IOException {
    Set<Integer> retired = Chain.retired(links(came.archives(), live, newest));
    if (retired.isEmpty()) {
      return came;
    }
    try {
      return moved(came, live, retired, newest + 1, key, uploads);
    } catch (DamagedArchiveException damaged) {
      activity.accept("archives could not be merged: " + damaged.getMessage());
      damage.accept(damaged.part());
      return came;
    } catch (StoreException.NotFound | StoreException.ConditionFailed | EOFException damaged) {
      activity.accept("archives could not be merged: " + damaged.getMessage());
      return came;
    }
  }

  private static List<Chain.Link> links(List<ArchiveRef> archives, LiveMembers live, int newest) {
    return archives.stream()
        .map(
            ref ->
                new Chain.Link(
                    ref.number(),
                    ref.bytes(),
                    live.bytes(ref.number()).orElse(ref.bytes()),
                    ref.number() != newest && Compaction.canMove(ref, archives.get(0), live)))
        .toList();
  }

  private Ready moved(
      Ready came,
      LiveMembers live,
      Set<Integer> retired,
      int number,
      ObjectKey key,
      Compaction.Uploads uploads)
      throws IOException {
    ManifestWriter into = new ManifestWriter(spool, Deflaters.ofLines()::member);
    rewritten = into;
    Compaction.Compacted compacted;
    try {
      compacted =
          new Compaction(store, came.archives(), live)
              .run(came.lines()::readBack, retired, number, key, uploads, into);
    } catch (MalformedMessageException e) {
      throw new StreamBrokenException(
          StreamBrokenException.Kind.MALFORMED, String.valueOf(e.getMessage()));
    }
    List<ArchiveRef> archives = new ArrayList<>(came.archives());
    archives.removeIf(ref -> retired.contains(ref.number()));
    ArchiveRef archive = compacted.archive();
    if (archive != null) {
      archives.add(archive);
    }
    activity.accept(
        String.format(
            "merged %d archives into one of %d bytes",
            retired.size(), archive == null ? 0 : archive.bytes()));
    return new Ready(into, archives, compacted.index());
  }

  @Override
  public void close() throws IOException {
    if (rewritten != null) {
      rewritten.close();
    }
  }
}
