package resguardo.coordinator;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoredObject;
import resguardo.core.version.VersionHeader;

/**
 * What is said of versions as a whole, each read once for as long as its manifest is what it was: a
 * page that somebody looks at asks for the same fifty every few seconds. Not for several threads.
 */
final class VersionHeaders {
  /** Twenty pages. One of sixteen archives with long paths takes about 20 KiB: 20 MiB in all. */
  private static final int KEPT = 1000;

  private final VersionCatalog versions;
  private final Map<ObjectKey, Known> known =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ObjectKey, Known> eldest) {
          return size() > KEPT;
        }
      };

  private record Known(String etag, VersionHeader header) {}

  VersionHeaders(VersionCatalog versions) {
    this.versions = versions;
  }

  /**
   * Those of these manifests, in their order, but for what is gone meanwhile.
   *
   * @param manifests of versions of this key, as {@link VersionCatalog#manifests} has them
   * @throws resguardo.core.catalog.DamagedException when one is none, or of another version
   */
  List<VersionHeader> of(RegistrationKey key, List<StoredObject> manifests) throws IOException {
    List<VersionHeader> headers = new ArrayList<>();
    for (StoredObject manifest : manifests) {
      header(key, manifest).ifPresent(headers::add);
    }
    return headers;
  }

  private Optional<VersionHeader> header(RegistrationKey key, StoredObject manifest)
      throws IOException {
    Known before = known.get(manifest.key());
    if (before != null && before.etag().equals(manifest.etag())) {
      return Optional.of(before.header());
    }
    Serial serial = BucketLayout.serialOf(manifest.key()).orElseThrow();
    Optional<VersionHeader> header = versions.header(key, serial);
    header.ifPresent(read -> known.put(manifest.key(), new Known(manifest.etag(), read)));
    return header;
  }
}
