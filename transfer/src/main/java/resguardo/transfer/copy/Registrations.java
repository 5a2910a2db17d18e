package resguardo.transfer.copy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.DamagedException;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.Platform;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.version.ManifestReader;

/**
 * Copies the registrations of a round, several at once: what one needs is in its own folders, so
 * none waits for another. Only those that are copied are held, however many there are.
 */
final class Registrations {
  private static final int PAGE = 1000;

  private final ArchiveStore source;
  private final ArchiveStore target;
  private final NoteCopy notes;
  private final Path spool;
  private final Platform platform;
  private final ExportOptions options;
  private final Account account;
  private final Line line;
  private final Set<RegistrationKey> refused = ConcurrentHashMap.newKeySet();

  Registrations(
      ArchiveStore source,
      ArchiveStore target,
      NoteCopy notes,
      Path spool,
      Platform platform,
      ExportOptions options,
      Account account) {
    this.source = source;
    this.target = target;
    this.notes = notes;
    this.spool = spool;
    this.platform = platform;
    this.options = options;
    this.account = account;
    long memory = Runtime.getRuntime().maxMemory() / 2; // the other half is for all else
    this.line = new Line(platform, options.bandwidth(), memory);
  }

  /**
   * Copies all that have versions, as the manifests lie one after another.
   *
   * @param now by the clock of the target; absent: nothing is removed
   * @return how many there are
   */
  int copy(@Nullable Instant now) throws IOException, InterruptedException {
    try (Lanes lanes = new Lanes(platform, options.parallel())) {
      int registrations = 0;
      String folder = "";
      List<Serial> serials = new ArrayList<>();
      @Nullable ObjectKey last = null;
      List<StoredObject> page = source.list(prefix(), last, PAGE);
      while (!page.isEmpty()) {
        for (StoredObject object : page) {
          last = object.key();
          Optional<Serial> serial = BucketLayout.serialOf(last);
          String in = last.value().substring(0, last.value().lastIndexOf('/') + 1);
          if (!in.equals(folder)) {
            registrations += begin(lanes, folder, serials, now);
            folder = in;
            serials = new ArrayList<>();
          }
          serial.ifPresent(serials::add);
        }
        page = source.list(prefix(), last, PAGE);
      }
      registrations += begin(lanes, folder, serials, now);
      lanes.finish();
      return registrations;
    }
  }

  /** Of which of those that were looked at the target has what is not of this source. */
  Set<RegistrationKey> refused() {
    return Set.copyOf(refused);
  }

  private String prefix() {
    if (options.node() == null) {
      return BucketLayout.MANIFESTS;
    } else if (options.path() == null) {
      return BucketLayout.MANIFESTS + options.node() + "/";
    }
    return BucketLayout.manifests(new RegistrationKey(options.node(), options.path()));
  }

  private int begin(Lanes lanes, String folder, List<Serial> serials, @Nullable Instant now)
      throws IOException, InterruptedException {
    if (serials.isEmpty()) {
      return 0;
    }
    lanes.begin(() -> registration(lanes, folder, serials, now));
    return 1;
  }

  private void registration(Lanes lanes, String folder, List<Serial> serials, @Nullable Instant now)
      throws IOException, InterruptedException {
    Account own = new Account(platform, account::tell);
    try {
      Optional<RegistrationKey> key = keyOf(folder, serials);
      if (key.isEmpty()) {
        own.problem("no manifest in " + folder + " can be read: nothing of it is copied");
        return;
      }
      try {
        if (!copyOfOne(lanes, own, now).run(key.get(), serials)) {
          refused.add(key.get());
        }
      } catch (DamagedException damaged) {
        own.problem(key.get() + ": " + damaged.getMessage());
      }
    } finally {
      account.add(own.summary());
    }
  }

  private RegistrationCopy copyOfOne(Lanes lanes, Account own, @Nullable Instant now) {
    ArchiveCopy archives = new ArchiveCopy(source, target, platform, line, lanes, own);
    VersionCopy versions = new VersionCopy(source, target, archives, notes, own, spool);
    Pruning pruning = new Pruning(source, target, own, now);
    return new RegistrationCopy(
        source, target, versions, notes, pruning, options, platform, lanes, own);
  }

  /** Of which registration they are: a manifest says so, its key cannot always. */
  private Optional<RegistrationKey> keyOf(String folder, List<Serial> serials) throws IOException {
    for (int i = serials.size() - 1; i >= 0; i--) {
      ObjectKey manifest = new ObjectKey(folder + serials.get(i).text() + ".json.gz");
      try (ManifestReader reader =
          new ManifestReader(source.read(manifest, 0, ManifestReader.HEADER_AT_MOST))) {
        RegistrationKey key = reader.header().registration();
        if (BucketLayout.manifests(key).equals(folder)) {
          return Optional.of(key);
        }
      } catch (StoreException.NotFound | MalformedMessageException other) {
        // Another one says it.
      }
    }
    return Optional.empty();
  }
}
