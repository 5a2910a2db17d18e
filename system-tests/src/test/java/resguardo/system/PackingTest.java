package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import resguardo.core.BackupOptions;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.VersionHeader;
import resguardo.testkit.store.StoredBytes;

/** How archives are packed, on real servers. */
class PackingTest {
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  static Path folder;

  @AutoClose private static Pipeline pipeline;

  @BeforeAll
  static void start() throws Exception {
    pipeline = new Pipeline(folder);
    pipeline.startOfEach("alpha");
  }

  /** More than what is always brought whole, so that a change makes a delta. */
  private static Path set(String name) throws Exception {
    Path data = pipeline.data(name);
    byte[] large = new byte[900_000];
    new Random(name.hashCode()).nextBytes(large);
    Files.write(data.resolve("large"), large);
    for (int i = 0; i < 50; i++) {
      Files.writeString(data.resolve("small " + i), ("text " + i).repeat(i * 20));
    }
    return data;
  }

  @Test
  void versionsPackedByZstdComeBackByEveryWayAndAnotherCodecMakesTheNextOneWhole()
      throws Exception {
    Path data = set("zstd");
    backedUp(data, 1, "--codec", "zstd", "--level", "5");
    pipeline.assertRestorableByTheGuide("alpha", data);
    Files.writeString(data.resolve("new"), "in a delta");
    backedUp(data, 2, "--codec", "zstd", "--level", "5");
    VersionHeader delta = newest(data);
    assertThat(delta.archives())
        .hasSize(2)
        .allSatisfy(
            ref -> {
              assertThat(ref.key()).endsWith(".tar.zst");
              assertThat(ref.form().codec()).isEqualTo(BackupOptions.Codec.ZSTD);
              assertThat(ref.form().level()).isEqualTo(5);
            });
    pipeline.assertRestorable("alpha", data); // by a .tgz
    pipeline.assertRestorableByTheGuide("alpha", data);
    comesBackPackedByZstd(data);
    comesBackAsFiles(data);
    Files.writeString(data.resolve("new"), "whole, by gzip");
    backedUp(data, 3);
    VersionHeader whole = newest(data);
    assertThat(whole.whole()).isTrue();
    assertThat(whole.archives()).hasSize(1).allMatch(ref -> ref.key().endsWith(".tgz"));
    pipeline.assertRestorable("alpha", data);
    comesBackPackedByZstd(data);
  }

  /**
   * Each schedule of its own begins with a slot that is due at once: so there is one job for it.
   */
  private static void backedUp(Path data, int version, String... options) throws Exception {
    pipeline.register("alpha", data, 3600 + version, options);
    pipeline.awaitVersions("alpha", data, version);
  }

  /** A key of age, and what it is called. */
  private record Key(Path identity, String recipient) {
    static Key fresh(String name) throws Exception {
      Path identity = folder.resolve(name + ".key");
      Pipeline.run("age-keygen", "-o", identity.toString());
      return new Key(identity, Pipeline.run("age-keygen", "-y", identity.toString()).strip());
    }
  }

  @ParameterizedTest
  @EnumSource
  void encryptedVersionsHoldNothingReadableAndComeBackWithTheKeyAlone(BackupOptions.Codec codec)
      throws Exception {
    Path data = set("secret" + codec);
    Files.writeString(data.resolve("marked"), MARKER.repeat(20));
    Key alice = Key.fresh("alice" + codec);
    Key bob = Key.fresh("bob" + codec);
    String[] options = {
      "--codec", codec.name(), "--encrypt-to", alice.recipient(), "--encrypt-to", bob.recipient()
    };
    backedUp(data, 1, options);
    pipeline.assertRestorableByTheGuide("alpha", data, alice.identity());
    Files.writeString(data.resolve("new"), MARKER + " in a delta");
    backedUp(data, 2, options);
    assertThat(newest(data).archives())
        .hasSize(2)
        .allSatisfy(ref -> assertThat(ref.key()).endsWith(".age"))
        .allSatisfy(ref -> assertThat(ref.form().recipients()).hasSize(2));
    for (Key key : List.of(alice, bob)) {
      pipeline.assertRestorableByTheGuide("alpha", data, key.identity());
    }
    assertThat(inTheBucket(data)).doesNotContain(MARKER);
    comesBackOnlyWithItsKey(data, alice, bob);
    isVerifiedAsFarAsTheKeyAllows(data, alice);
  }

  private static void comesBackOnlyWithItsKey(Path data, Key... keys) throws Exception {
    Path file = folder.resolve("opened.tgz");
    Pipeline.Result plain = query(data, file);
    assertThat(plain.exit()).isEqualTo(1);
    assertThat(plain.err()).contains("is encrypted to", keys[0].recipient(), "--identity");
    Pipeline.Result strange =
        query(
            data, file, "--identity", Key.fresh("strange" + data.hashCode()).identity().toString());
    assertThat(strange.exit()).isEqualTo(1);
    assertThat(strange.err()).contains("none of the keys opens it");
    assertThat(query(data, file, "--identity", folder + "/none").exit()).isEqualTo(2);
    assertThat(file).doesNotExist();
    for (Key key : keys) {
      String identity = key.identity().toString();
      Pipeline.Result opened = query(data, file, "--identity", identity);
      assertThat(opened.exit()).as(opened.err()).isZero();
      Path to = Files.createTempDirectory(folder, "opened");
      Pipeline.run("tar", "-xzpf", file.toString(), "-C", to.toString());
      Trees.assertEqual(Path.of(to + data.toString()), data);
      comesBackPackedByZstd(data, "--identity", identity);
      comesBackAsFiles(data, "--identity", identity);
      Files.delete(file);
    }
    String identity = keys[0].identity().toString();
    assertThat(query(data, file, "--identity", identity, "--entry", "new").exit()).isZero();
    assertThat(Pipeline.run("tar", "-xzOf", file.toString())).isEqualTo(MARKER + " in a delta");
    Files.delete(file);
  }

  private static void isVerifiedAsFarAsTheKeyAllows(Path data, Key key) throws Exception {
    String identity = key.identity().toString();
    Pipeline.Result closed = verify(data, "--read");
    assertThat(closed.exit()).as(closed.out()).isZero();
    assertThat(closed.out()).contains("as they were stored", "was not looked into", "--identity");
    Pipeline.Result opened = verify(data, "--read", "--identity", identity);
    assertThat(opened.exit()).as(opened.out()).isZero();
    assertThat(opened.out()).contains("is whole").doesNotContain("not looked into");
    ArchiveRef first = newest(data).archives().get(0);
    try (ArchiveStore bucket = pipeline.bucket()) {
      ObjectKey archive = new ObjectKey(first.key());
      byte[] stored = StoredBytes.of(bucket, archive);
      byte[] damaged = stored.clone();
      damaged[damaged.length / 2] ^= 1;
      bucket.put(archive, Content.of(damaged));
      Pipeline.Result seen = verify(data, "--read");
      assertThat(seen.exit()).isEqualTo(1);
      assertThat(seen.out()).contains(first.key() + " is not what was stored", "is DAMAGED");
      Pipeline.Result read = verify(data, "--read", "--identity", identity);
      assertThat(read.exit()).isEqualTo(1);
      assertThat(read.out()).contains(data.toString().substring(1) + "/large", "is DAMAGED");
      bucket.put(archive, Content.of(stored));
    }
  }

  private static Pipeline.Result verify(Path data, String... more) throws Exception {
    List<String> words = new ArrayList<>(List.of("verify", "--node", "alpha"));
    words.addAll(List.of("--path", data.toString()));
    words.addAll(List.of(more));
    return pipeline.admin(words.toArray(String[]::new));
  }

  private static final String MARKER = "nobody may read this";

  /** All of this set's archives, as they lie and unpacked as far as they can be without a key. */
  private static String inTheBucket(Path data) throws Exception {
    StringBuilder all = new StringBuilder();
    try (ArchiveStore bucket = pipeline.bucket()) {
      for (VersionHeader version : pipeline.history("alpha", data).versions()) {
        for (ArchiveRef ref : version.archives()) {
          Path copy = folder.resolve("copy");
          Files.write(copy, StoredBytes.of(bucket, new ObjectKey(ref.key())));
          String read = "cat \"$0\"; zcat -f \"$0\"; zstd -dcf \"$0\" || true";
          all.append(Pipeline.run("sh", "-c", read, copy.toString()));
        }
      }
    }
    return all.toString();
  }

  @Test
  void whoeverTurnsEncryptionOnGetsAllOfItEncryptedEvenIfNothingChanged() throws Exception {
    Path data = set("turned on");
    Key key = Key.fresh("on");
    Key other = Key.fresh("other");
    backedUp(data, 1);
    backedUp(data, 2, "--encrypt-to", key.recipient());
    VersionHeader encrypted = newest(data);
    assertThat(encrypted.archives()).hasSize(1);
    assertThat(encrypted.recipients()).containsExactly(key.recipient());
    pipeline.assertRestorableByTheGuide("alpha", data, key.identity());
    backedUp(data, 3, "--encrypt-to", other.recipient());
    assertThat(newest(data).recipients()).containsExactly(other.recipient());
    backedUp(data, 4);
    assertThat(newest(data).recipients()).isEmpty();
    pipeline.assertRestorable("alpha", data);
  }

  private static VersionHeader newest(Path data) throws Exception {
    return pipeline.history("alpha", data).versions().get(0);
  }

  private static void comesBackPackedByZstd(Path data, String... more) throws Exception {
    Path file = folder.resolve("version.tar.zst");
    Pipeline.Result result = query(data, file, more);
    assertThat(result.exit()).as(result.err()).isZero();
    Path to = Files.createTempDirectory(folder, "zstd");
    Pipeline.run(
        "sh", "-c", "zstd -dc \"$0\" | tar -xpf - -C \"$1\"", file.toString(), to.toString());
    Trees.assertEqual(Path.of(to + data.toString()), data);
  }

  private static Pipeline.Result query(Path data, Path file, String... more) throws Exception {
    return pipeline.admin(Pipeline.queryWords("alpha", data, file, more));
  }

  private static void comesBackAsFiles(Path data, String... more) throws Exception {
    Path to = Files.createTempDirectory(folder, "files");
    List<String> words =
        new ArrayList<>(
            List.of(
                "restore", "--node", "alpha", "--path", data.toString(), "--to", to.toString()));
    words.addAll(List.of(more));
    Pipeline.Result result = pipeline.admin(words.toArray(String[]::new));
    assertThat(result.exit()).as(result.err()).isZero();
    Trees.assertEqual(Path.of(to + data.toString()), data);
  }
}
