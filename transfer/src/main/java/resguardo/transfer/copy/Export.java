package resguardo.transfer.copy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import resguardo.core.Peer;
import resguardo.core.RegistrationKey;
import resguardo.core.Role;
import resguardo.core.Serial;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.DamagedException;
import resguardo.core.catalog.ExpiryRound;
import resguardo.core.catalog.RestoreGuide;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.Platform;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.version.ManifestReader;

/**
 * Copies versions to another bucket, and what belongs to them: guide → settings → of each
 * registration archives, manifests, notes → registrations and statuses. At any time the target is a
 * bucket from which all that it has can be restored, and on which a coordinator can go on. It goes
 * by what is in both buckets alone: to run it again is to go on. For one thread.
 */
public final class Export {
  private static final int PAGE = 1000;

  private final ArchiveStore source;
  private final ArchiveStore target;
  private final Path spool;
  private final Platform platform;
  private final ExportOptions options;
  private final Consumer<String> told;
  private final NoteCopy notes;

  /**
   * @param spool a folder with room for a manifest
   * @param told hears what people should know, in words
   */
  public Export(
      ArchiveStore source,
      ArchiveStore target,
      Path spool,
      Platform platform,
      ExportOptions options,
      Consumer<String> told) {
    this.source = source;
    this.target = target;
    this.spool = spool;
    this.platform = platform;
    this.options = options;
    this.told = told;
    this.notes = new NoteCopy(source, target);
  }

  /**
   * One round.
   *
   * @throws IOException when one of the buckets could not be used; what was copied is copied
   */
  public ExportSummary round() throws IOException, InterruptedException {
    if (options.lock() != null && target.locks().isEmpty()) {
      throw new StoreException.Denied(
          "the target has no object lock, which --lock-for needs", null);
    }
    Account account = new Account(told);
    RestoreGuide.leave(target);
    notes.all(BucketLayout.SETTINGS, account);
    ArchiveCopy archives = new ArchiveCopy(source, target, platform, options.bandwidth(), account);
    Pruning pruning = new Pruning(source, target, account);
    if (options.prune() != null) {
      pruning.at(timeOfTarget());
    }
    VersionCopy versions = new VersionCopy(source, target, archives, notes, account, spool);
    RegistrationCopy registration =
        new RegistrationCopy(source, target, versions, notes, pruning, options, platform, account);
    int registrations = registrations(registration, account);
    if (registrations == 0) {
      account.problem("the source has no version of what is asked for: nothing is copied");
    }
    for (String prefix :
        List.of(BucketLayout.DAMAGE, BucketLayout.STATUSES, BucketLayout.REGISTRY)) {
      notes(prefix, account);
    }
    archives.sweep();
    return account.summary();
  }

  private Instant timeOfTarget() throws StoreException {
    Instant own = platform.clock().instant();
    Peer self = new Peer(Role.ADMIN, "transfer");
    ExpiryRound round = new ExpiryRound(ExpiryRound.VERSION, self, own, own);
    return target.put(BucketLayout.EXPIRY_ROUND, Content.of(Json.write(round))).modified();
  }

  /** All that have versions, as the manifests lie one after another; how many. */
  private int registrations(RegistrationCopy copy, Account account)
      throws IOException, InterruptedException {
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
          registrations += registration(copy, folder, serials, account);
          folder = in;
          serials = new ArrayList<>();
        }
        serial.ifPresent(serials::add);
      }
      page = source.list(prefix(), last, PAGE);
    }
    return registrations + registration(copy, folder, serials, account);
  }

  private String prefix() {
    if (options.node() == null) {
      return BucketLayout.MANIFESTS;
    } else if (options.path() == null) {
      return BucketLayout.MANIFESTS + options.node() + "/";
    }
    return BucketLayout.manifests(new RegistrationKey(options.node(), options.path()));
  }

  private int registration(
      RegistrationCopy copy, String folder, List<Serial> serials, Account account)
      throws IOException, InterruptedException {
    if (serials.isEmpty()) {
      return 0;
    }
    Optional<RegistrationKey> key = keyOf(folder, serials);
    if (key.isEmpty()) {
      account.problem("no manifest in " + folder + " can be read: nothing of it is copied");
      return 1;
    }
    try {
      copy.run(key.get(), serials);
    } catch (DamagedException damaged) {
      account.problem(key.get() + ": " + damaged.getMessage());
    }
    return 1;
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

  private void notes(String prefix, Account account) throws IOException {
    if (options.node() == null) {
      notes.all(prefix, account);
    } else if (options.path() == null) {
      notes.all(prefix + options.node() + "/", account);
    } else {
      RegistrationKey key = new RegistrationKey(options.node(), options.path());
      ObjectKey object =
          switch (prefix) {
            case BucketLayout.DAMAGE -> BucketLayout.damage(key);
            case BucketLayout.STATUSES -> BucketLayout.status(key);
            default -> BucketLayout.registration(key);
          };
      notes.one(object, account);
    }
  }
}
