package resguardo.archive;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import resguardo.core.FetchJob;
import resguardo.core.NodeName;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.Schedule;
import resguardo.core.Serial;
import resguardo.core.Sha256;
import resguardo.core.SourcePath;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.version.ArchiveForm;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.Chunk;
import resguardo.core.version.Entry;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.ManifestWriter;
import resguardo.core.version.Piece;
import resguardo.core.version.Placed;
import resguardo.core.version.VersionHeader;

/**
 * Makes the versions of one test vector out of lists of entries, with nothing of a file system and
 * no clock: what an agent and a worker would put into the bucket, in a map.
 */
final class VectorVersions {
  private static final Instant DAY = Instant.parse("2026-01-02T03:04:05Z");

  /** An entry as a walk finds it, and its content: of a sparse file the parts that are data. */
  record Item(Entry entry, byte[] content) {
    Sha256 digest() {
      return Sha256.of(content);
    }
  }

  private final RegistrationKey key;
  private final MemberDeflater deflater;
  private final ExecutorService threads;
  private final java.nio.file.Path spool;
  private final Map<String, byte[]> objects = new TreeMap<>();
  private final List<ArchiveRef> archives = new ArrayList<>();
  private Map<String, Item> before = Map.of();
  private List<Placed> placed = List.of();
  private int versions;

  VectorVersions(
      String name, MemberDeflater deflater, ExecutorService threads, java.nio.file.Path spool) {
    this.key = new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/vectors/" + name));
    this.deflater = deflater;
    this.threads = threads;
    this.spool = spool;
  }

  /** All objects, by key. */
  Map<String, byte[]> objects() {
    return objects;
  }

  /** Adds a version with these entries. */
  void add(List<Item> items, boolean whole) throws Exception {
    List<Item> sorted =
        items.stream().sorted(Comparator.comparing(item -> item.entry().name())).toList();
    Serial serial = new Serial(++versions);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    List<Placed> now = new ArrayList<>();
    Deque<Placed> old = new ArrayDeque<>(placed);
    ArchiveWriter writer =
        new ArchiveWriter(deflater, threads, versions, whole, bytes::writeBytes, edit(old, now));
    Map<String, Item> items2 = new HashMap<>();
    Deque<Placed> unread = new ArrayDeque<>(placed);
    for (Item item : sorted) {
      items2.put(item.entry().name().text(), item);
      while (!whole && !unread.isEmpty() && precedes(unread.peek(), item)) {
        unread.remove();
        writer.drop();
      }
      boolean there =
          !whole && !unread.isEmpty() && unread.peek().entry().name().equals(item.entry().name());
      Placed last = there ? unread.remove() : null;
      if (last != null && item.equals(before.get(item.entry().name().text()))) {
        writer.keep();
        continue;
      }
      if (last != null) {
        writer.drop();
      }
      put(writer, item, whole ? null : last, now);
    }
    while (!whole && !unread.isEmpty()) {
      unread.remove();
      writer.drop();
    }
    ArchiveWriter.Written written = writer.finish();
    before = items2;
    placed = now;
    commit(serial, bytes.toByteArray(), written, whole);
  }

  /** Merges what the last version needs into one archive; nothing else stays. */
  void merge() throws IOException {
    Map<Integer, byte[]> bytes = new HashMap<>();
    archives.forEach(ref -> bytes.put(ref.number(), objects.get(ref.key())));
    objects.clear();
    archives.clear();
    LiveMembers live = new LiveMembers();
    placed.forEach(live::add);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    MergedArchive merged =
        new MergedArchive(
            deflater,
            versions + 1,
            bytes.keySet(),
            live,
            new MergedArchive.Target() {
              @Override
              public void write(byte[] member) {
                out.writeBytes(member);
              }

              @Override
              public void copy(Piece member) {
                out.write(bytes.get(member.archive()), (int) member.offset(), member.length());
              }
            });
    List<Placed> now = new ArrayList<>();
    for (Placed one : placed) {
      now.add(merged.moved(one));
    }
    merged.finish();
    placed = now;
    Serial serial = new Serial(versions++);
    ArchiveForm form =
        new ArchiveForm(deflater.form().codec(), ArchiveForm.MERGED, deflater.form().level());
    ArchiveWriter.Written written =
        new ArchiveWriter.Written(out.size(), Sha256.of(out.toByteArray()), form);
    commit(serial, out.toByteArray(), written, false);
  }

  private static boolean precedes(Placed old, Item item) {
    return old.entry().name().compareTo(item.entry().name()) < 0;
  }

  private static ArchiveWriter.Edit edit(Deque<Placed> old, List<Placed> now) {
    return new ArchiveWriter.Edit() {
      @Override
      public void keep(long lines) {
        for (long i = 0; i < lines; i++) {
          now.add(old.remove());
        }
      }

      @Override
      public void drop(long lines) {
        for (long i = 0; i < lines; i++) {
          old.remove();
        }
      }
    };
  }

  private void put(ArchiveWriter writer, Item item, @Nullable Placed last, List<Placed> now)
      throws IOException, InterruptedException {
    Entry entry = item.entry();
    boolean content = entry.type() == Entry.Type.FILE && entry.warning() == null;
    if (!content) {
      writer.add(entry, now::add);
      return;
    }
    Entry read = entry.read(item.digest(), null);
    Placed same =
        last != null && item.digest().equals(last.entry().digest()) ? last : renamed(item);
    if (same != null && item.content().length > 0) {
      writer.known(read, ArchiveWriter.contentOf(same.entry(), same.place()), now::add);
    } else if (item.content().length <= ArchiveWriter.SMALL) {
      writer.add(read, item.content(), item.content().length, now::add);
    } else {
      InputStream in = new ByteArrayInputStream(item.content());
      writer.add(entry, in::read, this::chunk, now::add);
    }
  }

  private @Nullable Placed renamed(Item item) {
    return placed.stream()
        .filter(one -> item.digest().equals(one.entry().digest()))
        .findFirst()
        .orElse(null);
  }

  private @Nullable Chunk chunk(Sha256 digest) {
    return placed.stream()
        .flatMap(one -> one.place().chunks().stream())
        .filter(chunk -> chunk.digest().equals(digest))
        .findFirst()
        .orElse(null);
  }

  private void commit(Serial serial, byte[] archive, ArchiveWriter.Written written, boolean whole)
      throws IOException {
    if (archive.length > 0) {
      ReplyId attempt = new ReplyId(String.format("%032x", versions));
      String object =
          BucketLayout.archive(
                  key,
                  serial,
                  attempt,
                  written.form().codec(),
                  !written.form().recipients().isEmpty())
              .value();
      objects.put(object, archive);
      archives.add(
          new ArchiveRef(versions, object, archive.length, written.digest(), written.form()));
    }
    SetTotals set = new SetTotals();
    try (ManifestWriter manifest = new ManifestWriter(spool)) {
      for (Placed one : placed) {
        byte[] line = EntryCodec.write(one);
        set.add(one.entry(), line);
        manifest.addLines(line);
        manifest.addLines(new byte[] {'\n'});
      }
      try (InputStream in = manifest.finish(header(serial, set, whole)).open()) {
        objects.put(BucketLayout.manifest(key, serial).value(), in.readAllBytes());
      }
    }
  }

  private VersionHeader header(Serial serial, SetTotals set, boolean whole) {
    Instant slot = DAY.plusSeconds(3600L * versions);
    Registration registration =
        new Registration(key, new Schedule.Every(3600), 1, DAY, Registration.State.ACTIVE);
    List<ArchiveRef> used =
        archives.stream()
            .filter(
                ref ->
                    placed.stream()
                        .flatMap(one -> one.place().pieces())
                        .anyMatch(piece -> piece.archive() == ref.number()))
            .toList();
    return new VersionHeader(
        VersionHeader.FORMAT,
        key,
        serial,
        1,
        FetchJob.first(registration, slot).id(),
        slot,
        slot,
        used,
        whole,
        set.index(),
        set.totals());
  }
}
