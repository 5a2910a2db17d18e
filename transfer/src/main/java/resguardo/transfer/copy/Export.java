package resguardo.transfer.copy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import resguardo.core.Peer;
import resguardo.core.RegistrationKey;
import resguardo.core.Role;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.ExpiryRound;
import resguardo.core.catalog.RestoreGuide;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.Platform;
import resguardo.core.port.StoreException;
import resguardo.core.protocol.Json;

/**
 * Copies versions to another bucket, and what belongs to them: guide → settings → of each
 * registration archives, manifests, notes → registrations and statuses. At any time the target is a
 * bucket from which all that it has can be restored, and on which a coordinator can go on. It goes
 * by what is in both buckets alone: to run it again is to go on. For one thread; it has some more
 * of its own.
 */
public final class Export {
  private final ArchiveStore source;
  private final ArchiveStore target;
  private final Path spool;
  private final Platform platform;
  private final ExportOptions options;
  private final Consumer<String> told;
  private final NoteCopy notes;

  /**
   * @param spool a folder with room for a manifest of each that is copied at once
   * @param told hears what people should know, in words, one at a time, from any thread
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
    Account account = new Account(platform, told);
    RestoreGuide.leave(target);
    notes.all(BucketLayout.SETTINGS, account);
    Instant now = options.prune() == null ? null : timeOfTarget();
    int registrations =
        new Registrations(source, target, notes, spool, platform, options, account).copy(now);
    if (registrations == 0) {
      account.problem("the source has no version of what is asked for: nothing is copied");
    }
    try (Lanes lanes = new Lanes(platform, options.parallel())) {
      for (String prefix :
          List.of(BucketLayout.DAMAGE, BucketLayout.STATUSES, BucketLayout.REGISTRY)) {
        notes(prefix, lanes, account);
        lanes.finish();
      }
    }
    new Leftovers(target, platform).sweep();
    return account.summary();
  }

  private Instant timeOfTarget() throws StoreException {
    Instant own = platform.clock().instant();
    Peer self = new Peer(Role.ADMIN, "transfer");
    ExpiryRound round = new ExpiryRound(ExpiryRound.VERSION, self, own, own);
    return target.put(BucketLayout.EXPIRY_ROUND, Content.of(Json.write(round))).modified();
  }

  private void notes(String prefix, Lanes lanes, Account account)
      throws IOException, InterruptedException {
    if (options.node() == null) {
      notes.all(prefix, lanes, account);
    } else if (options.path() == null) {
      notes.all(prefix + options.node() + "/", lanes, account);
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
