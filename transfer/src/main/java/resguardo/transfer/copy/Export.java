package resguardo.transfer.copy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
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
 * Copies versions to another bucket, and what belongs to them: guide → of each registration
 * archives, manifests, notes → settings → statuses and registrations. At any time the target is a
 * bucket from which all that it has can be restored, and on which a coordinator can go on. It goes
 * by what is in both buckets alone: to run it again is to go on. Where a coordinator has led at the
 * target, nothing is written there: it is no copy any more, or never was one. For one thread; it
 * has some more of its own.
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
   * One round. Where the target is no copy, it does nothing and has one problem.
   *
   * @throws IOException when one of the buckets could not be used; what was copied is copied
   */
  public ExportSummary round() throws IOException, InterruptedException {
    Account account = new Account(platform, told);
    if (isLive(account)) {
      return account.summary();
    }
    if (options.lock() != null && target.locks().isEmpty()) {
      throw new StoreException.Denied(
          "the target has no object lock, which --lock-for needs", null);
    }
    RestoreGuide.leave(target);
    Instant now = options.prune() == null ? null : timeOfTarget();
    Registrations registrations =
        new Registrations(source, target, notes, spool, platform, options, account);
    if (registrations.copy(now) == 0) {
      account.problem("the source has no version of what is asked for: nothing is copied");
    }
    if (!isLive(account)) { // all before may have taken days
      notes(registrations.refused(), account);
      new Leftovers(target, platform).sweep();
    }
    return account.summary();
  }

  /** An export never copies a lease: where there is one, a coordinator has led. */
  private boolean isLive(Account account) throws StoreException {
    if (target.head(BucketLayout.LEASE).isEmpty()) {
      return false;
    }
    account.problem(
        "a coordinator has led at the target ("
            + BucketLayout.LEASE
            + " is there): it is no copy, or no more; nothing is written to it. Look whether it is the bucket that you mean.");
    return true;
  }

  private void notes(Set<RegistrationKey> refused, Account account)
      throws IOException, InterruptedException {
    if (refused.isEmpty()) { // else they may be those of whoever else writes there
      notes.all(BucketLayout.SETTINGS, account);
    }
    try (Lanes lanes = new Lanes(platform, options.parallel())) {
      for (String prefix :
          List.of(BucketLayout.DAMAGE, BucketLayout.STATUSES, BucketLayout.REGISTRY)) {
        notes(prefix, refused, lanes, account);
        lanes.finish();
      }
    }
  }

  private Instant timeOfTarget() throws StoreException {
    Instant own = platform.clock().instant();
    Peer self = new Peer(Role.ADMIN, "transfer");
    ExpiryRound round = new ExpiryRound(ExpiryRound.VERSION, self, own, own);
    return target.put(BucketLayout.EXPIRY_ROUND, Content.of(Json.write(round))).modified();
  }

  private void notes(String prefix, Set<RegistrationKey> refused, Lanes lanes, Account account)
      throws IOException, InterruptedException {
    Set<ObjectKey> leftOut =
        refused.stream().map(key -> note(prefix, key)).collect(Collectors.toSet());
    if (options.node() == null) {
      notes.all(prefix, leftOut, lanes, account);
    } else if (options.path() == null) {
      notes.all(prefix + options.node() + "/", leftOut, lanes, account);
    } else {
      ObjectKey one = note(prefix, new RegistrationKey(options.node(), options.path()));
      if (!leftOut.contains(one)) {
        notes.one(one, account);
      }
    }
  }

  private static ObjectKey note(String prefix, RegistrationKey key) {
    return switch (prefix) {
      case BucketLayout.DAMAGE -> BucketLayout.damage(key);
      case BucketLayout.STATUSES -> BucketLayout.status(key);
      default -> BucketLayout.registration(key);
    };
  }
}
