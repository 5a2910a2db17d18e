package resguardo.transfer.tarball;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import resguardo.core.BackupOptions;
import resguardo.core.NodeName;
import resguardo.core.RawPath;
import resguardo.core.RegistrationKey;
import resguardo.core.SourcePath;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.Platform;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;
import resguardo.core.version.Entry;
import resguardo.core.version.Extent;
import resguardo.core.version.Placed;
import resguardo.core.version.VersionHeader;
import resguardo.testkit.files.SourceTree;
import resguardo.testkit.store.ForwardingStore;
import resguardo.testkit.store.MemoryArchiveStore;
import resguardo.testkit.store.StoredBytes;
import resguardo.transfer.Buckets;
import resguardo.transfer.Killing;

/** Tarballs become versions, whoever made them, and come back as they were. */
class TakeOverTest {
  private static final RegistrationKey KEY =
      new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/srv/data"));

  @TempDir Path folder;

  @AutoClose("shutdownNow")
  private final ExecutorService threads = Executors.newSingleThreadExecutor();

  private final MemoryArchiveStore store = new MemoryArchiveStore();
  private final List<TakeOver.Step> steps = new ArrayList<>();
  private Path tarballs;
  private Path tree;

  @org.junit.jupiter.api.BeforeEach
  void make() throws Exception {
    tarballs = Files.createDirectory(folder.resolve("tarballs"));
    tree = Files.createDirectories(folder.resolve("tree"));
    Files.createDirectories(data());
  }

  private Path data() {
    return tree.resolve("srv/data");
  }

  private static void shell(String script, Object... words) throws Exception {
    List<String> all = new ArrayList<>(List.of("sh", "-ec", script, "sh"));
    Arrays.stream(words).map(String::valueOf).forEach(all::add);
    SourceTree.run(all);
  }

  private static byte[] random(int seed, int size) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** Packs the tree as it is now, as the tarball of this number. */
  private Path pack(int number) throws Exception {
    Path tarball = tarballs.resolve("alpha-srv-data" + number + ".tgz");
    shell("cd \"$1\" && tar czf \"$2\" srv/data", tree, tarball);
    Files.setLastModifiedTime(
        tarball, FileTime.from(Instant.parse("2026-01-01T00:00:00Z").plusSeconds(3600L * number)));
    return tarball;
  }

  private TakeOver.Summary run(ArchiveStore bucket, TakeOver.Wanted wanted) throws Exception {
    steps.clear();
    List<Tarball> found =
        new TarballFolder(tarballs, new Naming(null, null, ZoneOffset.UTC)).of(wanted.key());
    return new TakeOver(bucket, folder, threads, Platform.ofJvm(), wanted, steps::add).run(found);
  }

  private static TakeOver.Wanted wanted(RegistrationKey key) {
    return new TakeOver.Wanted(key, null, null, false, false, null);
  }

  private TakeOver.Summary run() throws Exception {
    return run(store, wanted(KEY));
  }

  private List<VersionHeader> versions() throws IOException {
    return Buckets.versions(store, KEY);
  }

  private Placed line(VersionHeader version, String name) throws Exception {
    return Buckets.lines(store, version).stream()
        .filter(one -> one.entry().name().text().equals(name))
        .findAny()
        .orElseThrow();
  }

  /** What a version has is what the tarball has, by rsync. */
  private void assertSame(VersionHeader version, Path tarball) throws Exception {
    assertSame(version, tarball, "tar");
  }

  private void assertSame(VersionHeader version, Path tarball, String tar) throws Exception {
    Path expected = Files.createTempDirectory(folder, "expected");
    Path restored = Files.createTempDirectory(folder, "restored");
    shell(tar + " -xpf \"$1\" -C \"$2\"", tarball, expected);
    Buckets.restore(store, version, threads, restored);
    assertThat(
            SourceTree.run(
                List.of(
                    "rsync",
                    "-aHAX",
                    "--modify-window=-1",
                    "--checksum",
                    "--dry-run",
                    "--itemize-changes",
                    "--delete",
                    expected.resolve("srv/data") + "/",
                    restored.resolve("srv/data") + "/")))
        .isEmpty();
  }

  private void fill() throws Exception {
    Files.writeString(data().resolve("small"), "content");
    Files.write(data().resolve("empty"), new byte[0]);
    Files.write(data().resolve("large"), random(1, 3_000_000));
    Files.createDirectories(data().resolve("folder/below"));
    Files.writeString(data().resolve("folder/below/file"), "more");
    Files.createLink(data().resolve("another name"), data().resolve("small"));
    Files.createSymbolicLink(data().resolve("link"), Path.of("/nowhere/at all"));
    Files.writeString(data().resolve("n".repeat(120)), "a long name");
    shell(
        "cd \"$1\" && printf x > \"$(printf 'caf\\351')\" && chmod 4750 small && touch -d @1.5 folder"
            + " && truncate -s 9M sparse && printf data | dd of=sparse bs=1 seek=4194304 conv=notrunc 2> /dev/null",
        data());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tar --format=gnu -czf",
        "tar --format=gnu -S -cf",
        "tar --format=posix -S -czf",
        "tar --format=posix --sparse-version=0.1 -S -czf",
        "tar --format=oldgnu -cjf",
        "tar --format=posix --zstd -cf",
        "bsdtar -czf",
        "bsdtar --format=gnutar -czf",
        "busybox tar -czf",
        "python3 -c 'import sys,tarfile\nt=tarfile.open(sys.argv[1],\"w:gz\",format=tarfile.GNU_FORMAT)\nt.add(sys.argv[2])\nt.close()'",
        "python3 -c 'import sys,tarfile\nt=tarfile.open(sys.argv[1],\"w:gz\",format=tarfile.PAX_FORMAT)\nt.add(sys.argv[2])\nt.close()'"
      })
  void aTarballOfAnyProgramComesBackAsItWas(String program) throws Exception {
    fill();
    if (program.contains("PAX_FORMAT")) {
      shell("rm \"$1\"/caf*", data()); // Python encodes a name that is no text in a way of its own
    }
    Path tarball = tarballs.resolve("alpha-srv-data7.tgz");
    shell("cd \"$1\" && " + program + " \"$2\" srv/data", tree, tarball);
    assertThat(run()).isEqualTo(new TakeOver.Summary(1, 0, 0));
    VersionHeader version = versions().get(0);
    assertThat(version.imported()).isNotNull();
    assertThat(version.imported().name()).isEqualTo("alpha-srv-data7.tgz");
    // GNU tar changes the time of a folder when more comes to it later, as bsdtar orders it.
    assertSame(version, tarball, program.startsWith("bsdtar") ? "bsdtar" : "tar");
    if (program.contains(" -S ")) {
      assertThat(line(version, "srv/data/sparse").entry().stored()).isLessThan(1_000_000);
    }
  }

  @Test
  void theVersionIsAsAnAgentWouldHaveMadeItAndItsArchiveIsAnOrdinaryTarball() throws Exception {
    fill();
    pack(1);
    run();
    VersionHeader version = versions().get(0);
    assertThat(version.whole()).isTrue();
    List<RawPath> names =
        Buckets.lines(store, version).stream().map(one -> one.entry().name()).toList();
    assertThat(names).isSorted();
    Entry first = line(version, "srv/data/another name").entry();
    Entry second = line(version, "srv/data/small").entry();
    assertThat(first.type()).as("the first by name has the content").isEqualTo(Entry.Type.FILE);
    assertThat(second.type()).isEqualTo(Entry.Type.HARD_LINK);
    assertThat(second.link()).isEqualTo(first.name());
    assertThat(second.mode()).isEqualTo(04750);
    Path archive = folder.resolve("archive.tgz");
    Files.write(archive, StoredBytes.of(store, new ObjectKey(version.archives().get(0).key())));
    assertSame(version, archive);
  }

  @Test
  void whatTarballsHaveInCommonIsStoredOnceAndEachIsAVersionOfItsTime() throws Exception {
    Files.write(data().resolve("large"), random(1, 3_000_000));
    Files.write(data().resolve("moves"), random(2, 400_000));
    Path one = pack(1);
    Files.writeString(data().resolve("new"), "new");
    Files.move(data().resolve("moves"), data().resolve("moved"));
    Path two = pack(2);
    Path three = pack(3); // nothing has changed
    byte[] large = random(1, 3_000_000);
    large[1_500_000]++;
    Files.write(data().resolve("large"), large);
    Path four = pack(10);
    assertThat(run()).isEqualTo(new TakeOver.Summary(4, 0, 0));
    List<VersionHeader> versions = versions();
    assertThat(versions).extracting(v -> v.serial().value()).containsExactly(1L, 2L, 3L, 4L);
    assertThat(versions)
        .extracting(VersionHeader::slot)
        .containsExactly(
            Instant.parse("2026-01-01T01:00:00Z"),
            Instant.parse("2026-01-01T02:00:00Z"),
            Instant.parse("2026-01-01T03:00:00Z"),
            Instant.parse("2026-01-01T10:00:00Z"));
    assertThat(versions.get(1).newBytes()).isBetween(1L, 10_000L);
    assertThat(versions.get(2).newBytes()).isZero();
    assertThat(versions.get(2).archives()).isEqualTo(versions.get(1).archives());
    assertThat(versions.get(3).newBytes()).isBetween(100_000L, 2_500_000L);
    int at = 0;
    for (Path tarball : List.of(one, two, three, four)) {
      assertSame(versions.get(at++), tarball);
    }
    Buckets.assertSound(store);
  }

  @Test
  void theSameBytesAtAnotherTimeAreAVersionOfThatTime() throws Exception {
    fill();
    Path one = pack(1);
    Path two = tarballs.resolve("alpha-srv-data2.tgz");
    Files.copy(one, two);
    assertThat(run()).isEqualTo(new TakeOver.Summary(2, 0, 0));
    assertThat(run()).isEqualTo(new TakeOver.Summary(0, 2, 0));
    assertThat(versions()).extracting(v -> v.imported().digest()).hasSize(2);
    assertThat(versions().get(1).archives()).isEqualTo(versions().get(0).archives());
  }

  @Test
  void aVersionNeverNeedsMoreThanSixteenArchives() throws Exception {
    Files.write(data().resolve("large"), random(1, 300_000));
    for (int i = 1; i <= 19; i++) {
      Files.writeString(data().resolve("file" + i), "content " + i);
      pack(i);
    }
    run();
    assertThat(versions()).hasSize(19);
    assertThat(versions()).allSatisfy(v -> assertThat(v.archives()).hasSizeBetween(1, 16));
    assertThat(versions().get(16).archives()).hasSize(1);
    assertSame(versions().get(18), tarballs.resolve("alpha-srv-data19.tgz"));
  }

  @Test
  void toRunItAgainDoesNothingAndGoesOnWithWhatIsNew() throws Exception {
    fill();
    pack(1);
    pack(2);
    run();
    var before = Buckets.objects(store, "");
    Files.move(tarballs.resolve("alpha-srv-data2.tgz"), tarballs.resolve("alpha-srv-data02.tgz"));
    assertThat(run()).isEqualTo(new TakeOver.Summary(0, 2, 0));
    assertThat(Buckets.objects(store, "")).isEqualTo(before);
    Files.writeString(data().resolve("new"), "new");
    pack(3);
    assertThat(run()).isEqualTo(new TakeOver.Summary(1, 2, 0));
    assertThat(versions()).hasSize(3);
  }

  @Test
  void killedBeforeOrAfterAnyChangeToRunItAgainEndsWithOneVersionOfEach() throws Exception {
    Files.write(data().resolve("large"), random(1, 400_000));
    Path one = pack(1);
    Files.write(data().resolve("second"), random(2, 400_000));
    Path two = pack(2);
    int kills = 0;
    for (boolean after : new boolean[] {false, true}) {
      for (int change = 1; ; change++) {
        MemoryArchiveStore bucket = new MemoryArchiveStore();
        try {
          run(new Killing(bucket, change, after), wanted(KEY));
          break;
        } catch (Killing.Killed killed) {
          kills++;
        }
        Buckets.assertSound(bucket);
        assertThat(run(bucket, wanted(KEY)).refused()).isZero();
        List<VersionHeader> versions = Buckets.versions(bucket, KEY);
        assertThat(versions)
            .extracting(v -> v.imported().name())
            .containsExactly(one.getFileName() + "", two.getFileName() + "");
        Buckets.assertSound(bucket);
        // What was left behind is noted, for a coordinator to free.
        int noted = Buckets.objects(bucket, BucketLayout.STAGING).size();
        int leanedOn = versions.get(1).archives().size();
        int there = Buckets.objects(bucket, BucketLayout.ARCHIVES).size();
        int begun = change % 4 == (after ? 1 : 2) ? 1 : 0;
        assertThat(there + bucket.openUploads()).isLessThanOrEqualTo(noted + begun);
        assertThat(leanedOn).isEqualTo(2);
      }
    }
    assertThat(kills).isEqualTo(16);
  }

  @Test
  void whatIsNotOfThePathIsLeftOutAndWhatStandsForItIsFound() throws Exception {
    Files.writeString(data().resolve("file"), "content");
    Files.writeString(tree.resolve("srv/other"), "other");
    Path tarball = tarballs.resolve("alpha-srv-data1.tar");
    for (String how :
        List.of(
            "tar cf \"$2\" srv",
            "tar cf \"$2\" ./srv",
            "tar cf \"$2\" -C srv data",
            "tar cf \"$2\" -C srv/data .",
            "tar cPf \"$2\" --transform 's,^,/,' srv/data")) {
      shell("cd \"$1\" && rm -f \"$2\" && " + how, tree, tarball);
      MemoryArchiveStore bucket = new MemoryArchiveStore();
      assertThat(run(bucket, wanted(KEY))).isEqualTo(new TakeOver.Summary(1, 0, 0));
      assertThat(Buckets.lines(bucket, Buckets.versions(bucket, KEY).get(0)))
          .as(how)
          .extracting(one -> one.entry().name().text())
          .containsExactly("srv/data", "srv/data/file");
    }
  }

  @Test
  void aTarballOfVolumesGivesTheVolumeThatIsAskedFor() throws Exception {
    Path backup = Files.createDirectories(tree.resolve("backup/app"));
    Files.writeString(backup.resolve("file"), "of the app");
    Files.writeString(Files.createDirectories(tree.resolve("backup/db")).resolve("file"), "of db");
    Path tarball = tarballs.resolve("backup-2026-11-24T09-03-36.tar.gz");
    shell("cd \"$1\" && tar czPf \"$2\" --transform 's,^,/,' backup", tree, tarball);
    RegistrationKey key =
        new RegistrationKey(
            new NodeName("docker"), SourcePath.parse("/var/lib/docker/volumes/app/_data"));
    assertThat(run(store, wanted(key))).isEqualTo(new TakeOver.Summary(0, 0, 1));
    assertThat(steps.get(0).note()).contains("--inside").contains("backup/app, backup/db");
    RawPath inside = RawPath.parse("backup/app");
    run(store, new TakeOver.Wanted(key, inside, null, false, false, null));
    VersionHeader version = Buckets.versions(store, key).get(0);
    assertThat(version.slot()).isEqualTo(Instant.parse("2026-11-24T09:03:36Z"));
    assertThat(Buckets.lines(store, version))
        .extracting(one -> one.entry().name().text())
        .containsExactly(
            "var/lib/docker/volumes/app/_data", "var/lib/docker/volumes/app/_data/file");
    assertThat(steps.get(0).note()).contains("3 that are not of the path left out");
  }

  /** A tarball of what a script does with {@code t}, a tarfile of Python's. */
  private Path python(String script) throws Exception {
    Path tarball = tarballs.resolve("alpha-srv-data1.tgz");
    String program =
        String.join(
            "\n",
            "import io, sys, tarfile",
            "t = tarfile.open(sys.argv[1], 'w:gz', format=tarfile.PAX_FORMAT)",
            "def add(name, content=b'', **more):",
            "  i = tarfile.TarInfo(name); i.size = len(content); i.mtime = 1700000000",
            "  for k, v in more.items(): setattr(i, k, v)",
            "  t.addfile(i, io.BytesIO(content))",
            script,
            "t.close()");
    SourceTree.run(List.of("python3", "-c", program, tarball.toString()));
    return tarball;
  }

  /** What is said of it, and how it is made. */
  static List<String> hostile() {
    return List.of(
        "leads out|add('srv/data/../../etc/passwd', b'x')",
        "leads out|add('../srv/data/x', b'x')",
        "is no folder|add('srv/data/l', type=tarfile.SYMTYPE, linkname='/etc'); add('srv/data/l/x', b'x')",
        "is no folder|add('srv/data/f', b'x'); add('srv/data/f/x', b'x')",
        "does not come before it|add('srv/data/x', type=tarfile.LNKTYPE, linkname='srv/data/y')",
        "leads out|add('srv/data/x', b'x'); add('srv/data/y', type=tarfile.LNKTYPE, linkname='../../etc/shadow')",
        "is another name of a folder|add('srv/data/x', type=tarfile.DIRTYPE); add('srv/data/y', type=tarfile.LNKTYPE, linkname='srv/data/x')",
        "not known|add('srv/data/x', type=b'Q')",
        "several|add('srv/data/x', b'x', type=b'M')",
        "points nowhere|add('srv/data/x', type=tarfile.SYMTYPE)",
        "a time|add('srv/data/x', b'x', pax_headers={'mtime': '9' * 30})",
        "cannot be|add('srv/data/x', b'x', pax_headers={'uid': '-5'})",
        "nothing in it|pass",
        "cannot be told|add('elsewhere/x', b'x'); add('other', b'y')");
  }

  @ParameterizedTest
  @MethodSource("hostile")
  void aHostileTarballIsRefusedWithTheReasonAndNothingIsCommitted(String what) throws Exception {
    String why = what.substring(0, what.indexOf('|'));
    python(what.substring(what.indexOf('|') + 1));
    assertThat(run()).isEqualTo(new TakeOver.Summary(0, 0, 1));
    assertThat(steps.get(0).note()).contains(why.equals("nothing in it") ? "cannot be told" : why);
    assertThat(Buckets.objects(store, "")).isEmpty();
  }

  /** A kilobyte of it is a megabyte; it could as well be a disk. */
  @ParameterizedTest
  @ValueSource(strings = {"gz", "zst", "bz2"})
  void aTarballThatUnpacksToMoreThanMayBeIsRefusedAndTheSpoolIsEmptied(String how)
      throws Exception {
    Files.writeString(data().resolve("file"), "content");
    pack(1);
    Path bomb = tarballs.resolve("alpha-srv-data2.tgz");
    Path zeros = data().resolve("zeros");
    shell(
        "truncate -s 64M \"$1\" && cd \"$2\" && tar cf \"$3\" srv/data",
        zeros,
        tree,
        folder + "/t");
    shell(
        switch (how) {
          case "gz" -> "gzip -c \"$1\" > \"$2\"";
          case "zst" -> "zstd -qc \"$1\" > \"$2\"";
          default -> "bzip2 -c \"$1\" > \"$2\"";
        },
        folder + "/t",
        bomb);
    Files.setLastModifiedTime(bomb, FileTime.from(Instant.parse("2026-01-01T02:00:00Z")));
    Files.delete(zeros);
    Files.writeString(data().resolve("file"), "another");
    pack(3);
    assertThat(Files.size(bomb)).isLessThan(1 << 20);
    TakeOver.Wanted bounded = new TakeOver.Wanted(KEY, null, null, false, true, 8L << 20);
    assertThat(run(store, bounded)).isEqualTo(new TakeOver.Summary(2, 0, 1));
    assertThat(steps.get(1).note()).contains("more than 8388608 bytes", "--largest");
    assertThat(spooled()).isEmpty();
  }

  @Test
  void whereThereIsNoRoomItEndsWithTheReasonHoweverBrokenOnesArePassedOver() throws Exception {
    fill();
    Path tarball = pack(1);
    assertThatThrownBy(() -> new ReadTarball(tarball, folder, new ReadTarball.Bound(1000, false)))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(TarballException.class)
        .hasMessageContaining("no room")
        .hasMessageContaining("--spool");
    assertThat(spooled()).isEmpty();
    assertThat(ReadTarball.Bound.of(null, folder).bytes()).isPositive();
  }

  private List<Path> spooled() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(path -> path.toString().endsWith(".contents")).toList();
    }
  }

  @Test
  void whatIsCutOffOrDamagedIsRefusedAndWhatComesAfterItIsLeftUnlessAskedFor() throws Exception {
    fill();
    pack(1);
    Path broken = pack(2);
    Files.writeString(data().resolve("new"), "new");
    pack(3);
    byte[] whole = Files.readAllBytes(broken);
    for (int length : new int[] {0, 1, 5, 700, whole.length / 2, whole.length - 1}) {
      Files.write(broken, Arrays.copyOf(whole, length));
      MemoryArchiveStore bucket = new MemoryArchiveStore();
      assertThat(run(bucket, wanted(KEY))).isEqualTo(new TakeOver.Summary(1, 0, 1));
      assertThat(Buckets.versions(bucket, KEY)).hasSize(1);
    }
    assertThat(run(store, new TakeOver.Wanted(KEY, null, null, false, true, null)))
        .isEqualTo(new TakeOver.Summary(2, 0, 1));
    assertThat(versions()).hasSize(2);
    Files.write(broken, whole);
    Files.setLastModifiedTime(broken, FileTime.from(Instant.parse("2026-01-01T02:00:00Z")));
    assertThat(run()).isEqualTo(new TakeOver.Summary(0, 1, 1));
    assertThat(steps.get(1).note()).contains("only later ones can follow");
  }

  @Test
  void whateverBytesAreChangedItIsRefusedOrReadAndNothingElse() throws Exception {
    fill();
    Path plain = tarballs.resolve("alpha-srv-data1.tar");
    shell("cd \"$1\" && tar --format=posix -S -cf \"$2\" srv/data", tree, plain);
    byte[] whole = Files.readAllBytes(plain);
    Random chance = new Random(5);
    int refused = 0;
    for (int i = 0; i < 400; i++) {
      byte[] mutated = whole.clone();
      for (int n = chance.nextInt(4); n >= 0; n--) {
        mutated[chance.nextInt(20) == 0 ? chance.nextInt(whole.length) : chance.nextInt(9000)] =
            (byte) chance.nextInt(256);
      }
      Files.write(plain, mutated);
      try (ReadTarball read = new ReadTarball(plain, folder, ReadTarball.Bound.of(null, folder))) {
        TarballSet.of(read, KEY.path(), null);
      } catch (TarballException told) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(100);
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left.map(Path::getFileName).map(Path::toString))
          .noneMatch(n -> n.endsWith(".contents"));
    }
  }

  @Test
  void ofANameThatIsThereTwiceTheLastCountsAndDevicesAndAttributesAreKept() throws Exception {
    python(
        String.join(
            "\n",
            "add('srv/data/a', b'first')",
            "add('srv/data/b', type=tarfile.LNKTYPE, linkname='srv/data/a')",
            "add('srv/data/a', b'second')",
            "add('srv/data/null', type=tarfile.CHRTYPE, devmajor=1, devminor=3, mode=0o666)",
            "add('srv/data/pipe', type=tarfile.FIFOTYPE)",
            "add('srv/data/x', b'x', pax_headers={'SCHILY.xattr.user.k': 'v', 'mtime': '-1.25'})",
            "add('srv/data/acl', b'x', pax_headers={'SCHILY.acl.access': 'user::rw-,user:joe:r--'})"));
    assertThat(run()).isEqualTo(new TakeOver.Summary(1, 0, 0));
    assertThat(steps.get(0).note())
        .contains("1 replaced by later ones")
        .contains("1 with attributes that could not be kept");
    VersionHeader version = versions().get(0);
    Path restored = Files.createTempDirectory(folder, "restored");
    Buckets.restore(store, version, threads, restored);
    assertThat(restored.resolve("srv/data/a")).hasContent("second");
    assertThat(restored.resolve("srv/data/b")).hasContent("first");
    Entry device = line(version, "srv/data/null").entry();
    assertThat(device.type()).isEqualTo(Entry.Type.CHARACTER_DEVICE);
    assertThat(device.device()).isEqualTo(new Entry.Device(1, 3));
    Entry x = line(version, "srv/data/x").entry();
    assertThat(x.attributes()).containsEntry("user.k", "dg==");
    assertThat(x.mtimeSeconds()).isEqualTo(-2);
    assertThat(x.mtimeNanos()).isEqualTo(750_000_000);
    assertThat(line(version, "srv/data/acl").entry().warning())
        .isEqualTo(Entry.Warning.ATTRIBUTES_LEFT_OUT);
  }

  @Test
  void aSparseFileOfOldGnuHeadersWithManyPartsIsRead() throws Exception {
    ByteArrayOutputStream script = new ByteArrayOutputStream();
    for (int i = 0; i < 40; i++) {
      script.writeBytes(
          ("printf part | dd of=\"$1\"/sparse bs=1 seek="
                  + i * 65536
                  + " conv=notrunc 2> /dev/null\n")
              .getBytes(StandardCharsets.UTF_8));
    }
    shell("truncate -s 9M \"$1\"/sparse\n" + script.toString(StandardCharsets.UTF_8), data());
    Path tarball = tarballs.resolve("alpha-srv-data1.tar");
    shell("cd \"$1\" && tar --format=gnu -S -cf \"$2\" srv/data", tree, tarball);
    run();
    List<Extent> parts = line(versions().get(0), "srv/data/sparse").entry().data();
    assertThat(parts).hasSize(40);
    assertSame(versions().get(0), tarball);
  }

  @Test
  void itIsWrittenAsIsAskedAndADryRunWritesNothing() throws Exception {
    fill();
    pack(1);
    assertThat(run(store, new TakeOver.Wanted(KEY, null, null, true, false, null)))
        .isEqualTo(new TakeOver.Summary(1, 0, 0));
    assertThat(steps.get(0).outcome()).isEqualTo(TakeOver.Outcome.PLANNED);
    assertThat(Buckets.objects(store, "")).isEmpty();
    BackupOptions zstd =
        new BackupOptions(List.of(), false, BackupOptions.Codec.ZSTD, null, List.of(), false, null);
    run(store, new TakeOver.Wanted(KEY, null, zstd, false, false, null));
    VersionHeader version = versions().get(0);
    assertThat(version.archives().get(0).key()).endsWith(".tar.zst");
    assertSame(version, tarballs.resolve("alpha-srv-data1.tgz"));
  }

  @Test
  void anotherVersionThatComesMeanwhileIsNotWrittenOver() throws Exception {
    fill();
    pack(1);
    pack(2);
    Killing dies = new Killing(store, 3, true);
    try {
      run(dies, wanted(KEY));
    } catch (Killing.Killed killed) {
      // The archive is there, and the manifest is not.
    }
    assertThat(versions()).isEmpty();
    List<Tarball> found =
        new TarballFolder(tarballs, new Naming(null, null, ZoneOffset.UTC)).of(KEY);
    VersionMaker maker =
        new VersionMaker(store, folder, threads, Platform.ofJvm(), KEY, 1, BackupOptions.NONE);
    try (ReadTarball read =
        new ReadTarball(found.get(1).file(), folder, ReadTarball.Bound.of(null, folder))) {
      run(); // another process commits both
      TarballSet set = TarballSet.of(read, KEY.path(), null);
      VersionHeader there = maker.make(found.get(1), read, set, versions().get(0));
      assertThat(there).as("made by the other").isEqualTo(versions().get(1));
    }
    try (ReadTarball read =
        new ReadTarball(found.get(0).file(), folder, ReadTarball.Bound.of(null, folder))) {
      TarballSet set = TarballSet.of(read, KEY.path(), null);
      assertThatThrownBy(() -> maker.make(found.get(0), read, set, null))
          .isInstanceOf(TarballException.class)
          .hasMessageContaining("was committed meanwhile");
    }
    assertThat(versions()).hasSize(2);
  }

  /** Whoever imports may sleep for a night between the two. */
  @Test
  void anArchiveThatWasSweptBeforeItsVersionIsMadeMakesNone() throws Exception {
    Files.write(data().resolve("a"), random(1, 1000));
    pack(1);
    ArchiveStore sweeping =
        new ForwardingStore(store) {
          @Override
          public Optional<StoredObject> head(ObjectKey key) throws StoreException {
            if (key.value().startsWith(BucketLayout.archives(KEY))) {
              store.delete(key);
            }
            return super.head(key);
          }
        };
    assertThatThrownBy(() -> run(sweeping, wanted(KEY)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("swept");
    assertThat(versions()).isEmpty();
    assertThat(run().made()).isEqualTo(1);
  }
}
