package resguardo.system;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.version.VersionHeader;
import resguardo.testkit.servers.RealServer;

/** A restore as {@code RESTORE.md} in the bucket says, with none of Resguardo's programs. */
final class GuidedRestore {
  private final RealServer store;
  private final Path folder;

  /**
   * @param folder for copies of the bucket, and what is restored
   */
  GuidedRestore(RealServer store, Path folder) {
    this.store = store;
    this.folder = folder;
  }

  /**
   * Restores a version into a folder, which is returned.
   *
   * @param identity the file with the secret key
   */
  Path run(VersionHeader version, Path identity) throws Exception {
    Path bucket = Files.createTempDirectory(folder, "bucket");
    List<String> keys = new ArrayList<>();
    keys.add("RESTORE.md");
    keys.add(BucketLayout.manifest(version.registration(), version.serial()).value());
    version.archives().forEach(archive -> keys.add(archive.key()));
    for (String key : keys) {
      fetch(key, bucket.resolve(key));
    }
    Path target = Files.createTempDirectory(folder, "guided");
    String restore =
        version.whole() && version.recipients().isEmpty()
            ? "tar --numeric-owner --acls --xattrs --xattrs-include='*' "
                + (keys.get(2).endsWith(".zst") ? "--zstd -xpf" : "-xzpf")
                + " \"$1/$3\" -C \"$4\""
            : "sed -n '/^```python$/,/^```$/p' \"$1/RESTORE.md\" | grep -v '^```' > \"$1/restore.py\""
                + " && python3 \"$1/restore.py\" \"$1\" \"$1/$2\" > \"$1/version.tar\""
                + " && tar --numeric-owner --acls --xattrs --xattrs-include='*' -xpf \"$1/version.tar\" -C \"$4\"";
    Pipeline.run(
        "env",
        "-i",
        "PATH=" + System.getenv("PATH"),
        "LC_ALL=C",
        "AGE_IDENTITY=" + identity,
        "sh",
        "-ec",
        restore,
        "sh",
        bucket.toString(),
        keys.get(1),
        keys.get(2),
        target.toString());
    return target;
  }

  /** Copies an object as the guide says: by curl. */
  private void fetch(String key, Path to) throws Exception {
    Files.createDirectories(to.getParent());
    String address = key.replace("%", "%25").replace("@", "%40");
    Pipeline.run(
        "curl",
        "--silent",
        "--show-error",
        "--fail",
        "--aws-sigv4",
        "aws:amz:us-east-1:s3",
        "--user",
        store.fact("access_key") + ":" + store.fact("secret_key"),
        "--output",
        to.toString(),
        store.fact("endpoint") + "/resguardo/" + address);
  }
}
