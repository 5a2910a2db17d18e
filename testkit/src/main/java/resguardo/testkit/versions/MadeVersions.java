package resguardo.testkit.versions;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import resguardo.core.BackupOptions;
import resguardo.core.JobId;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.Sha256;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.version.Alarm;
import resguardo.core.version.ArchiveForm;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.ManifestWriter;
import resguardo.core.version.Totals;
import resguardo.core.version.VersionHeader;

/**
 * Writes versions into a store as a worker would: manifests without entries, and archives that hold
 * nothing of use, each leaned on by the version that it was made for and some after it.
 */
public final class MadeVersions {
  private static final ArchiveForm FORM = new ArchiveForm(BackupOptions.Codec.GZIP, "jdk-zlib", 1);
  private static final Totals EMPTY = new Totals(0, 0, 0, 0, Sha256.of(new byte[0]));

  private final ArchiveStore store;
  private final RegistrationKey key;
  private final Path spool;

  /**
   * @param spool a folder for manifests in the making
   */
  public MadeVersions(ArchiveStore store, RegistrationKey key, Path spool) {
    this.store = store;
    this.key = key;
    this.spool = spool;
  }

  /** The archive for a version, of so many bytes; it is written. */
  public ArchiveRef archive(long serial, String tag, int bytes) throws IOException {
    String name = new Serial(serial).text() + "-" + (tag + "00000000").substring(0, 8) + ".tgz";
    String object = BucketLayout.archives(key) + name;
    store.put(new ObjectKey(object), Content.of(new byte[bytes]));
    return new ArchiveRef(1, object, bytes, EMPTY.fingerprint(), FORM);
  }

  /** What a version would say that leans on these. */
  public VersionHeader header(
      long serial, Instant slot, List<ArchiveRef> archives, @Nullable Alarm alarm) {
    return new VersionHeader(
            VersionHeader.FORMAT,
            key,
            new Serial(serial),
            1,
            JobId.of(key, 1, slot),
            slot,
            slot,
            archives,
            false,
            EMPTY.fingerprint(),
            EMPTY)
        .suspicious(alarm);
  }

  /** A manifest of this header. */
  public byte[] manifest(VersionHeader header) throws IOException {
    try (ManifestWriter writer = new ManifestWriter(spool)) {
      return writer.finish(header).open().readAllBytes();
    }
  }

  /** Commits a version that leans on these. */
  public VersionHeader commit(
      long serial, Instant slot, List<ArchiveRef> archives, @Nullable Alarm alarm)
      throws IOException {
    VersionHeader header = header(serial, slot, archives, alarm);
    store.putIfAbsent(BucketLayout.manifest(key, header.serial()), Content.of(manifest(header)));
    return header;
  }

  /**
   * Commits the next version as chance wants it: it leaves some archives of the one before, and has
   * one of its own mostly.
   *
   * @param before the newest; absent: there is none
   */
  public VersionHeader commitNext(@Nullable VersionHeader before, Instant slot, Random chance)
      throws IOException {
    long serial = before == null ? 1 : before.serial().value() + 1;
    List<ArchiveRef> archives = new ArrayList<>(before == null ? List.of() : before.archives());
    archives.removeIf(ref -> chance.nextInt(4) == 0);
    if (before == null || archives.isEmpty() || chance.nextInt(5) > 0) {
      archives.add(
          archive(serial, Integer.toHexString(chance.nextInt(0xffff)), 1 + chance.nextInt(9)));
    }
    return commit(serial, slot, archives, null);
  }
}
