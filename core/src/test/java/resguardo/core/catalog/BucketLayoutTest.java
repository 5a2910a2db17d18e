package resguardo.core.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import resguardo.core.BackupOptions;
import resguardo.core.NodeName;
import resguardo.core.RawPath;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.Serial;
import resguardo.core.SourcePath;
import resguardo.core.port.ObjectKey;

class BucketLayoutTest {
  private static final ReplyId TAG = new ReplyId("0123456789abcdef0123456789abcdef");

  private static RegistrationKey key(String path) {
    return new RegistrationKey(new NodeName("alpha"), SourcePath.parse(path));
  }

  @Test
  void aPathIsMirroredAsFolders() {
    RegistrationKey key = key("/srv/my data/100%@");
    assertThat(BucketLayout.manifest(key, new Serial(42)).value())
        .isEqualTo("manifests/alpha/srv/my%20data/100%25%40/@/000042.json.gz");
    assertThat(
            BucketLayout.archive(key, new Serial(42), TAG, BackupOptions.Codec.GZIP, false).value())
        .isEqualTo("archives/alpha/srv/my%20data/100%25%40/@/000042-01234567.tgz");
    assertThat(
            BucketLayout.archive(key, new Serial(42), TAG, BackupOptions.Codec.ZSTD, true).value())
        .isEqualTo("archives/alpha/srv/my%20data/100%25%40/@/000042-01234567.tar.zst.age");
    assertThat(BucketLayout.registration(key("/")).value()).isEqualTo("registry/alpha/@.json");
    assertThat(BucketLayout.downloadName(key("/srv/a"), new Serial(42)))
        .isEqualTo("alpha-srv-a000042.tgz");
  }

  @Test
  void theVersionThatAnArchiveWasMadeForIsReadFromItsKey() {
    for (BackupOptions.Codec codec : BackupOptions.Codec.values()) {
      for (boolean encrypted : new boolean[] {false, true}) {
        ObjectKey archive =
            BucketLayout.archive(key("/a"), new Serial(1_234_567), TAG, codec, encrypted);
        assertThat(BucketLayout.serialOfArchive(archive)).contains(new Serial(1_234_567));
      }
    }
    assertThat(BucketLayout.serialOfArchive(BucketLayout.manifest(key("/a"), new Serial(42))))
        .isEmpty();
    assertThat(BucketLayout.serialOfArchive(new ObjectKey("archives/alpha/a/@/000042.tgz")))
        .isEmpty();
  }

  @Test
  void aManifestsNumberIsReadFromItsKey() {
    assertThat(BucketLayout.serialOf(BucketLayout.manifest(key("/a"), new Serial(1_234_567))))
        .contains(new Serial(1_234_567));
    assertThat(BucketLayout.serialOf(new ObjectKey("manifests/alpha/a/@/stray.txt"))).isEmpty();
    assertThat(BucketLayout.serialOf(new ObjectKey("manifests/alpha/a/@/000000.json.gz")))
        .isEmpty();
  }

  @Test
  void aSliceLiesWithUnfinishedWorkAndIsToldFromAManifest() {
    BucketLayout.SliceName name = new BucketLayout.SliceName(new Serial(42), new Serial(3));
    ObjectKey slice = BucketLayout.slice(key("/srv/a b"), name);
    assertThat(slice.value()).isEqualTo("staging/slices/alpha/srv/a%20b/@/000042-000003.json.gz");
    assertThat(BucketLayout.sliceOf(slice)).contains(name);
    assertThat(BucketLayout.serialOf(slice)).isEmpty();
    assertThat(BucketLayout.sliceOf(BucketLayout.manifest(key("/a"), new Serial(42)))).isEmpty();
    assertThat(BucketLayout.sliceOf(new ObjectKey("staging/slices/a/@/000042-000000.json.gz")))
        .isEmpty();
  }

  @Test
  void theNoteOfAnAlarmAndTheWordAboutItLieApart() {
    RegistrationKey key = key("/srv/a b");
    ObjectKey note = BucketLayout.alarm(key, new Serial(42));
    assertThat(note.value()).isEqualTo("alarms/alpha/srv/a%20b/@/000042.json");
    assertThat(BucketLayout.acceptance(key, new Serial(42)).value())
        .isEqualTo("accepted/alpha/srv/a%20b/@/000042.json");
    assertThat(BucketLayout.acceptanceOf(note))
        .isEqualTo(BucketLayout.acceptance(key, new Serial(42)));
  }

  @Property
  void twoPathsNeverShareAKeyNorDoesOneLieWithinTheOthersVersions(
      @ForAll("paths") SourcePath a, @ForAll("paths") SourcePath b) {
    RegistrationKey one = new RegistrationKey(new NodeName("alpha"), a);
    RegistrationKey two = new RegistrationKey(new NodeName("alpha"), b);
    String first = BucketLayout.manifests(one);
    String second = BucketLayout.manifests(two);
    if (a.equals(b)) {
      assertThat(first).isEqualTo(second);
    } else {
      assertThat(first.startsWith(second)).isFalse();
      assertThat(second.startsWith(first)).isFalse();
    }
  }

  @Property
  void everyPathGivesKeysThatStoresAndFileSystemsTake(@ForAll("paths") SourcePath path) {
    ObjectKey manifest =
        BucketLayout.manifest(
            new RegistrationKey(new NodeName("a".repeat(63)), path), new Serial(999_999_999));
    assertThat(BucketLayout.bytes(manifest)).isLessThanOrEqualTo(1024);
    BucketLayout.SliceName slice =
        new BucketLayout.SliceName(new Serial(999_999_999), new Serial(999_999_999));
    assertThat(
            BucketLayout.bytes(
                BucketLayout.slice(new RegistrationKey(new NodeName("a".repeat(63)), path), slice)))
        .isLessThanOrEqualTo(1024);
    assertThat(Arrays.stream(manifest.value().split("/"))).allMatch(part -> part.length() <= 255);
  }

  @Provide
  Arbitrary<SourcePath> paths() {
    Arbitrary<byte[]> name =
        Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(
                5,
                Arbitraries.bytes()
                    .filter(b -> b != 0 && b != '/')
                    .array(byte[].class)
                    .ofMinSize(1)
                    .ofMaxSize(255)),
            net.jqwik.api.Tuple.of(
                5,
                Arbitraries.of(
                        "a", "@", "b", "~", "%40", "@.json", "000001.json.gz", "a".repeat(255))
                    .map(String::getBytes)));
    return name.filter(
            n -> !Arrays.equals(n, new byte[] {'.'}) && !Arrays.equals(n, new byte[] {'.', '.'}))
        .list()
        .ofMaxSize(30)
        .map(
            names -> {
              RawPath path = RawPath.parse("/");
              for (byte[] n : names) {
                path = path.resolve(RawPath.ofBytes(n));
              }
              return SourcePath.of(path);
            });
  }
}
