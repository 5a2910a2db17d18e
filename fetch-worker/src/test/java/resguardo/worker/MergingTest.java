package resguardo.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import resguardo.archive.AgeIdentities;
import resguardo.archive.ArchiveWriter;
import resguardo.archive.ContentCheck;
import resguardo.archive.Deflaters;
import resguardo.archive.EncryptingDeflater;
import resguardo.archive.JdkDeflater;
import resguardo.archive.LiveMembers;
import resguardo.archive.MemberCodecs;
import resguardo.archive.MemberDeflater;
import resguardo.archive.MemberReceiver;
import resguardo.archive.MemberSender;
import resguardo.archive.SetTotals;
import resguardo.core.BackupOptions;
import resguardo.core.JobId;
import resguardo.core.NodeName;
import resguardo.core.RawPath;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.Sha256;
import resguardo.core.SourcePath;
import resguardo.core.catalog.Damage;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.Entry;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.ManifestWriter;
import resguardo.core.version.Piece;
import resguardo.core.version.Placed;
import resguardo.core.version.VersionHeader;
import resguardo.testkit.store.ForwardingStore;
import resguardo.testkit.store.MemoryArchiveStore;
import resguardo.testkit.store.StoredBytes;
import resguardo.testkit.versions.MadeEntries;

/** A version that needs many archives, as it is made ready to be committed. */
class MergingTest {
  private static final RegistrationKey KEY =
      new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/t"));
  // Made by age-keygen, for these tests alone.
  private static final String ALICE =
      "age1d8v2t2vhh2w5t9xkhz8k705e3tdc4nvq8rc5s03te7565fs829fscmjc0g";
  private static final AgeIdentities ALICES_KEY =
      AgeIdentities.of(
          List.of("AGE-SECRET-KEY-10K7ATN3TDJWHTDANA07G3S7YP7TL98DXYME9ZJRHZ3C08KCEPL0QR7GLTX"));

  private static final ObjectKey MERGED = new ObjectKey("archives/merged.tgz");

  @AutoClose("shutdown")
  private static final ExecutorService THREADS = Executors.newSingleThreadExecutor();

  @TempDir Path spool;

  private final MemoryArchiveStore store = new MemoryArchiveStore();
  private MemberDeflater deflater = new JdkDeflater(1);
  private final List<String> told = new ArrayList<>();
  private final List<Damage.Part> damaged = new ArrayList<>();
  private final TreeMap<RawPath, Placed> version = new TreeMap<>();
  private final List<ArchiveRef> archives = new ArrayList<>();

  private static byte[] random(long seed, int size) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** Puts an archive with these files into the store; the first is whole. */
  private void archive(Map<String, byte[]> files) throws Exception {
    int number = archives.size() + 1;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ArchiveWriter writer =
        new ArchiveWriter(deflater, THREADS, number, number == 1, out::writeBytes, null);
    for (Map.Entry<String, byte[]> file : new TreeMap<>(files).entrySet()) {
      byte[] content = file.getValue();
      Entry entry = MadeEntries.file(file.getKey(), content.length);
      if (content.length > ArchiveWriter.SMALL) {
        InputStream in = new ByteArrayInputStream(content);
        writer.add(entry, in::read, digest -> null, this::place);
      } else {
        writer.add(entry.read(Sha256.of(content), null), content, content.length, this::place);
      }
    }
    ArchiveWriter.Written written = writer.finish();
    ObjectKey key = new ObjectKey("archives/" + number + ".tgz");
    store.put(key, Content.of(out.toByteArray()));
    archives.add(
        new ArchiveRef(number, key.value(), written.bytes(), written.digest(), written.form()));
  }

  private void place(Placed placed) {
    version.put(placed.entry().name(), placed);
  }

  private void archives(int many) throws Exception {
    archive(Map.of("t/large", random(0, 6_000_000), "t/x", random(1, 1000)));
    while (archives.size() < many) {
      int i = archives.size();
      archive(Map.of("t/f" + i, random(i, 1000), "t/g" + i % 3, random(i, 300_000)));
    }
  }

  private LiveMembers live() {
    LiveMembers live = new LiveMembers();
    version.values().forEach(live::add);
    return live;
  }

  private ManifestWriter lines() throws IOException {
    ManifestWriter lines = new ManifestWriter(spool);
    for (Placed placed : version.values()) {
      lines.addLines(EntryCodec.write(placed));
      lines.addLines(new byte[] {'\n'});
    }
    return lines;
  }

  private Merging merging() {
    return new Merging(store, spool, told::add, damaged::add);
  }

  /** Of a version whose newest archive came with it. */
  private Merging.Ready merged(Merging merging, Merging.Ready came) throws IOException {
    return merging.merged(came, live(), archives.size(), MERGED, () -> store.startUpload(MERGED));
  }

  private Optional<String> check(Merging.Ready ready) throws Exception {
    SetTotals set = new SetTotals();
    ready.lines().readBack(line -> set.add(EntryCodec.read(line).entry(), line));
    assertThat(ready.index()).isEqualTo(set.index());
    VersionHeader header =
        new VersionHeader(
            VersionHeader.FORMAT,
            KEY,
            Serial.first(),
            1,
            JobId.of(KEY, 1, Instant.EPOCH),
            Instant.EPOCH,
            Instant.EPOCH,
            ready.archives(),
            false,
            ready.index(),
            set.totals());
    try (ManifestReader manifest = new ManifestReader(ready.lines().finish(header).open())) {
      StreamMessage.Verified verified =
          new VersionCheck(store, header, (entries, bytes) -> {}).run(manifest, true);
      return verified.problems().stream().findFirst();
    }
  }

  @ParameterizedTest
  @EnumSource
  void tooManyArchivesBecomeFewAndAllContentIsThere(BackupOptions.Codec codec) throws Exception {
    deflater = Deflaters.of(codec, null, deflater);
    archives(17);
    SetTotals before = new SetTotals();
    version.values().forEach(one -> before.add(one.entry(), EntryCodec.write(one)));
    try (ManifestWriter lines = lines();
        Merging merging = merging()) {
      Merging.Ready ready = merged(merging, new Merging.Ready(lines, archives, before.index()));
      assertThat(ready.archives()).hasSize(6).last().extracting(ArchiveRef::number).isEqualTo(18);
      assertThat(ready.archives().get(5).digest())
          .isEqualTo(Sha256.of(StoredBytes.of(store, MERGED)));
      assertThat(ready.archives().get(5).bytes()).isLessThan(1_000_000);
      assertThat(ready.archives().get(5).form().codec()).isEqualTo(codec);
      try (InputStream tar =
          MemberCodecs.unpacked(new ByteArrayInputStream(StoredBytes.of(store, MERGED)), 4096)) {
        assertThat(tar.readAllBytes()).endsWith(new byte[1024]);
      }
      for (ArchiveRef gone : archives) {
        if (!ready.archives().contains(gone)) {
          store.delete(new ObjectKey(gone.key()));
        }
      }
      assertThat(check(ready)).isEmpty();
      assertThat(told).singleElement().asString().contains("merged 12 archives");
    }
    assertThat(store.openUploads()).isZero();
  }

  @Test
  void manyMembersThatLieSideBySideAreCopiedByTheStore() throws Exception {
    archive(Map.of("t/large", random(0, 40_000_000), "t/dead", random(1, 70_000_000)));
    archive(Map.of("t/x", random(2, 1000)));
    version.remove(RawPath.parse("t/dead"));
    try (ManifestWriter lines = lines();
        Merging merging = merging()) {
      Merging.Ready ready =
          merged(merging, new Merging.Ready(lines, archives, Sha256.of(new byte[0])));
      assertThat(ready.archives()).extracting(ArchiveRef::number).containsExactly(2, 3);
      assertThat(ready.archives().get(1).digest())
          .isEqualTo(Sha256.of(StoredBytes.of(store, MERGED)));
      assertThat(store.copied()).isBetween(40_000_000L, 40_100_000L);
      assertThat(check(ready)).isEmpty();
    }
  }

  @Test
  void encryptedArchivesAreMergedWithoutTheirKey() throws Exception {
    deflater = EncryptingDeflater.to(List.of(ALICE), deflater);
    archives(17);
    try (ManifestWriter lines = lines();
        Merging merging = merging()) {
      Merging.Ready ready =
          merged(merging, new Merging.Ready(lines, archives, Sha256.of(new byte[0])));
      assertThat(ready.archives())
          .hasSize(6)
          .allSatisfy(ref -> assertThat(ref.form().encryptedTo()).containsExactly(ALICE));
      assertThat(check(ready)).isEmpty();
      assertThat(read(ready)).isEqualTo(version.size());
    }
  }

  /** Reads all of it with the key, and says how many entries that were. */
  private int read(Merging.Ready ready) throws Exception {
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    try (ArchiveMembers members = new ArchiveMembers(store, ready.archives())) {
      MemberSender sender = new MemberSender(members, sent::writeBytes);
      ready
          .lines()
          .readBack(
              line -> {
                try {
                  sender.add(EntryCodec.read(line));
                } catch (InterruptedException e) {
                  throw new IllegalStateException("nobody interrupts this", e);
                }
              });
    }
    MemberReceiver receiver =
        new MemberReceiver(new ByteArrayInputStream(sent.toByteArray()), ALICES_KEY);
    ContentCheck check = new ContentCheck(receiver);
    int read = 0;
    for (Optional<Placed> one = receiver.next(); one.isPresent(); one = receiver.next()) {
      check.check(one.get());
      read++;
    }
    return read;
  }

  @Test
  void whatIsShortStaysAsItCame() throws Exception {
    archives(16);
    try (ManifestWriter lines = lines();
        Merging merging = merging()) {
      Merging.Ready came = new Merging.Ready(lines, archives, Sha256.of(new byte[0]));
      assertThat(merged(merging, came)).isSameAs(came);
    }
  }

  @Test
  void anArchiveThatIsGoneOrCutKeepsNoVersionFromBeingMade() throws Exception {
    archives(17);
    ObjectKey fifth = new ObjectKey(archives.get(4).key());
    byte[] whole = StoredBytes.of(store, fifth);
    for (boolean gone : new boolean[] {true, false}) {
      if (gone) {
        store.delete(fifth);
      } else {
        store.put(fifth, Content.of(java.util.Arrays.copyOf(whole, 10)));
      }
      try (ManifestWriter lines = lines();
          Merging merging = merging()) {
        Merging.Ready came = new Merging.Ready(lines, archives, Sha256.of(new byte[0]));
        assertThat(merged(merging, came)).isSameAs(came);
      }
      assertThat(store.head(MERGED)).isEmpty();
      assertThat(store.openUploads()).isZero();
      assertThat(told).last().asString().contains("could not be merged", fifth.value());
    }
  }

  private void flip(ObjectKey archive, int at) throws Exception {
    byte[] bytes = StoredBytes.of(store, archive);
    bytes[at] ^= 1;
    store.put(archive, Content.of(bytes));
  }

  private void assertStaysAsItCame() throws Exception {
    try (ManifestWriter lines = lines();
        Merging merging = merging()) {
      Merging.Ready came = new Merging.Ready(lines, archives, Sha256.of(new byte[0]));
      assertThat(merged(merging, came)).isSameAs(came);
    }
    assertThat(store.head(MERGED)).isEmpty();
    assertThat(store.openUploads()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void whatIsDamagedIsNotMovedAndIsNotedSoThatItIsBroughtAgain(BackupOptions.Codec codec)
      throws Exception {
    deflater = Deflaters.of(codec, null, deflater);
    archives(17);
    Piece member = placeOf("t/f4");
    ObjectKey fifth = new ObjectKey(archives.get(4).key());
    long end = member.offset() + member.length();
    for (long at = member.offset() + 10; at < end; at += 97) {
      byte[] whole = StoredBytes.of(store, fifth);
      flip(fifth, (int) at);
      assertStaysAsItCame();
      assertThat(damaged)
          .as("a byte at %s of %s to %s", at, member.offset(), end)
          .containsExactly(new Damage.Part(fifth.value(), member.offset(), end));
      assertThat(told).last().asString().contains("could not be merged", fifth.value());
      store.put(fifth, Content.of(whole));
      damaged.clear();
    }
  }

  private Piece placeOf(String name) {
    Placed placed = version.get(RawPath.parse(name));
    return placed.place().pieces().findFirst().orElseThrow();
  }

  @Test
  void whatTheStoreCopiesItselfIsLookedAtToo() throws Exception {
    archive(Map.of("t/large", random(0, 40_000_000), "t/dead", random(1, 70_000_000)));
    archive(Map.of("t/x", random(2, 1000)));
    version.remove(RawPath.parse("t/dead"));
    List<Piece> members = version.get(RawPath.parse("t/large")).place().pieces().toList();
    Piece last = members.get(members.size() - 1);
    ObjectKey first = new ObjectKey(archives.get(0).key());
    flip(first, (int) last.offset() + last.length() / 2);
    assertStaysAsItCame();
    assertThat(damaged)
        .containsExactly(
            new Damage.Part(first.value(), last.offset(), last.offset() + last.length()));
  }

  @Test
  void whatWasOnlyWrongOnItsWayIsReadOnceMore() throws Exception {
    archives(17);
    AtomicInteger reads = new AtomicInteger();
    ArchiveStore shaky =
        new ForwardingStore(store) {
          @Override
          public InputStream read(ObjectKey key, long offset, long length) throws StoreException {
            InputStream in = super.read(key, offset, length);
            return reads.incrementAndGet() % 2 == 0 ? in : flipped(in);
          }
        };
    try (ManifestWriter lines = lines();
        Merging merging = new Merging(shaky, spool, told::add, damaged::add)) {
      Merging.Ready ready =
          merged(merging, new Merging.Ready(lines, archives, Sha256.of(new byte[0])));
      assertThat(ready.archives()).hasSize(6);
      assertThat(reads).hasValueGreaterThan(12);
      assertThat(check(ready)).isEmpty();
    }
    assertThat(damaged).isEmpty();
  }

  /** The same with a bit of its hundredth byte another. */
  private static InputStream flipped(InputStream in) {
    return new FilterInputStream(in) {
      private long position;

      @Override
      public int read() throws IOException {
        int b = super.read();
        return b >= 0 && position++ == 100 ? b ^ 1 : b;
      }

      @Override
      public int read(byte[] bytes, int from, int length) throws IOException {
        int n = super.read(bytes, from, length);
        if (n > 0 && position <= 100 && position + n > 100) {
          bytes[from + (int) (100 - position)] ^= 1;
        }
        position += Math.max(n, 0);
        return n;
      }
    };
  }

  @Test
  void anEncryptedArchiveOfWhichAByteFlippedIsNotMoved() throws Exception {
    deflater = EncryptingDeflater.to(List.of(ALICE), deflater);
    archives(17);
    ObjectKey fifth = new ObjectKey(archives.get(4).key());
    flip(fifth, StoredBytes.of(store, fifth).length / 2);
    assertStaysAsItCame();
    assertThat(damaged).containsExactly(Damage.Part.whole(fifth.value()));
  }

  @Test
  void aStoreThatCannotBeUsedEndsTheAttemptAndLeavesNoUpload() throws Exception {
    archives(17);
    try (ManifestWriter lines = lines();
        Merging merging = merging()) {
      Merging.Ready came = new Merging.Ready(lines, archives, Sha256.of(new byte[0]));
      assertThatThrownBy(
              () ->
                  merging.merged(
                      came,
                      live(),
                      17,
                      MERGED,
                      () -> {
                        throw new StoreException.Unavailable("slow down", null);
                      }))
          .isInstanceOf(StoreException.Unavailable.class);
    }
    assertThat(store.openUploads()).isZero();
  }
}
