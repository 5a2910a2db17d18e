package resguardo.transfer;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import resguardo.archive.Composer;
import resguardo.archive.Deflaters;
import resguardo.archive.Extractor;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.Sha256;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoredObject;
import resguardo.core.stream.GzipMembers;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.Placed;
import resguardo.core.version.VersionHeader;
import resguardo.testkit.store.StoredBytes;

/** Looks into buckets, as tests need it. */
public final class Buckets {
  private Buckets() {}

  /** The contents of all objects below a prefix. */
  public static Map<String, Sha256> objects(ArchiveStore store, String prefix) throws IOException {
    Map<String, Sha256> objects = new TreeMap<>();
    @Nullable ObjectKey last = null;
    List<StoredObject> page = store.list(prefix, null, 1000);
    while (!page.isEmpty()) {
      for (StoredObject object : page) {
        objects.put(object.key().value(), Sha256.of(StoredBytes.of(store, object.key())));
      }
      last = page.get(page.size() - 1).key();
      page = store.list(prefix, last, 1000);
    }
    return objects;
  }

  /** All versions. */
  public static List<VersionHeader> versions(ArchiveStore store, RegistrationKey key)
      throws IOException {
    VersionCatalog versions = new VersionCatalog(store);
    List<VersionHeader> headers = new ArrayList<>();
    for (Serial serial : versions.serials(key)) {
      headers.add(versions.header(key, serial).orElseThrow());
    }
    return headers;
  }

  /** All lines of a version. */
  public static List<Placed> lines(ArchiveStore store, VersionHeader version) throws Exception {
    List<Placed> lines = new ArrayList<>();
    try (ManifestReader reader =
        new VersionCatalog(store).manifest(version.registration(), version.serial())) {
      for (Optional<Placed> one = reader.next(); one.isPresent(); one = reader.next()) {
        lines.add(one.get());
      }
    }
    return lines;
  }

  /** Restores a version into a folder, by the archives as they lie there. */
  public static void restore(
      ArchiveStore store, VersionHeader version, ExecutorService threads, Path target)
      throws Exception {
    Map<Integer, ArchiveRef> archives = new HashMap<>();
    version.archives().forEach(archive -> archives.put(archive.number(), archive));
    ByteArrayOutputStream tgz = new ByteArrayOutputStream();
    Composer composer =
        new Composer(
            Deflaters.choose(Deflaters.Choice.JDK),
            threads,
            piece -> {
              ObjectKey archive = new ObjectKey(archives.get(piece.archive()).key());
              try (InputStream in = store.read(archive, piece.offset(), piece.length())) {
                return in.readAllBytes();
              }
            },
            tgz::writeBytes);
    for (Placed placed : lines(store, version)) {
      composer.add(placed);
    }
    composer.finish();
    new Extractor(target, Extractor.maySetOwners(), warning -> {})
        .run(GzipMembers.unpacked(new ByteArrayInputStream(tgz.toByteArray()), 4096));
  }

  /** Every version has all that it leans on, byte for byte. */
  public static void assertSound(ArchiveStore store) throws Exception {
    for (String key : objects(store, BucketLayout.MANIFESTS).keySet()) {
      VersionHeader header;
      try (ManifestReader reader =
          new ManifestReader(store.read(new ObjectKey(key), 0, Long.MAX_VALUE))) {
        header = reader.header();
        while (reader.next().isPresent()) {
          // Throws where it is damaged.
        }
      }
      for (ArchiveRef archive : header.archives()) {
        byte[] bytes = StoredBytes.of(store, new ObjectKey(archive.key()));
        if (!Sha256.of(bytes).equals(archive.digest()) || bytes.length != archive.bytes()) {
          throw new AssertionError(archive.key() + " of " + key + " is not what it was");
        }
      }
    }
  }
}
