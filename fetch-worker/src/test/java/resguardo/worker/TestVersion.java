package resguardo.worker;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import resguardo.archive.ArchiveWriter;
import resguardo.archive.Deflaters;
import resguardo.archive.SetTotals;
import resguardo.core.BackupOptions;
import resguardo.core.JobId;
import resguardo.core.NodeName;
import resguardo.core.RawPath;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.Sha256;
import resguardo.core.SourcePath;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.version.ArchiveForm;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.Entry;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.ManifestWriter;
import resguardo.core.version.Placed;
import resguardo.core.version.VersionHeader;

/** A version of {@code alpha:/srv/data} with one archive, as a worker would have written it. */
final class TestVersion {
  static final RegistrationKey KEY =
      new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/srv/data"));
  static final ObjectKey ARCHIVE = new ObjectKey("archives/alpha/srv/data/@/000001-01234567.tgz");

  private static final ArchiveWriter.Edit NO_BASE =
      new ArchiveWriter.Edit() {
        @Override
        public void keep(long lines) {
          throw new IllegalStateException("there is no base");
        }

        @Override
        public void drop(long lines) {
          throw new IllegalStateException("there is no base");
        }
      };

  private record Item(Entry entry, byte @Nullable [] content) {}

  private final List<Item> items = new ArrayList<>();
  private final List<Placed> placed = new ArrayList<>();
  private final Map<RawPath, UnaryOperator<Placed>> told = new HashMap<>();

  /** Puts a version of one file, all of whose content lies in one archive, into a store. */
  static void put(ArchiveStore store, Path spool, Placed file, byte[] archive) throws Exception {
    store.put(ARCHIVE, Content.of(archive));
    byte[] line = EntryCodec.write(file);
    SetTotals totals = new SetTotals();
    totals.add(file.entry(), line);
    try (ManifestWriter manifest = new ManifestWriter(spool)) {
      manifest.addLines(line);
      manifest.addLines(new byte[] {'\n'});
      store.put(
          BucketLayout.manifest(KEY, Serial.first()), manifest.finish(header(archive, totals)));
    }
  }

  private static VersionHeader header(byte[] archive, SetTotals totals) {
    ArchiveForm form = new ArchiveForm(BackupOptions.Codec.GZIP, "jdk-zlib", 1);
    return new VersionHeader(
        VersionHeader.FORMAT,
        KEY,
        Serial.first(),
        1,
        JobId.of(KEY, 1, Instant.EPOCH),
        Instant.EPOCH,
        Instant.EPOCH,
        List.of(new ArchiveRef(1, ARCHIVE.value(), archive.length, Sha256.of(archive), form)),
        false,
        totals.index(),
        totals.totals());
  }

  static RawPath raw(String latin1) {
    return RawPath.ofBytes(latin1.getBytes(ISO_8859_1));
  }

  TestVersion add(String name, Entry.Type type, @Nullable String link) {
    items.add(new Item(entry(name, type, 0, link), null));
    return this;
  }

  TestVersion folder(String name) {
    return add(name, Entry.Type.FOLDER, null);
  }

  TestVersion files(String... names) {
    for (String name : names) {
      file(name, new byte[0]);
    }
    return this;
  }

  TestVersion file(String name, byte[] content) {
    items.add(new Item(entry(name, Entry.Type.FILE, content.length, null), content));
    return this;
  }

  static Entry entry(String name, Entry.Type type, long size, @Nullable String link) {
    return new Entry(
        raw(name),
        type,
        type == Entry.Type.FOLDER ? 0755 : 0644,
        0,
        0,
        null,
        null,
        1_700_000_000,
        0,
        size,
        null,
        link == null ? null : raw(link),
        null,
        null);
  }

  /** A file that is packed as if it had another size. */
  TestVersion file(String name, byte[] content, long size) {
    items.add(new Item(entry(name, Entry.Type.FILE, size, null), content));
    return this;
  }

  /** Has the manifest say something else of an entry than stands in the archive. */
  TestVersion but(String name, UnaryOperator<Placed> inTheManifest) {
    told.put(raw(name), inTheManifest);
    return this;
  }

  /** As {@link #but(String, UnaryOperator)}, another name. */
  TestVersion but(String name, String inTheManifest) {
    return but(
        name,
        packed ->
            new Placed(
                packed.entry().named(raw(inTheManifest), packed.entry().link()), packed.place()));
  }

  /** Where an entry lies, after it was stored. */
  Placed placed(String name) {
    return placed.stream().filter(p -> p.entry().name().equals(raw(name))).findAny().orElseThrow();
  }

  /** Writes it. */
  VersionHeader store(ArchiveStore store, ExecutorService threads, Path spool) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ArchiveWriter writer =
        new ArchiveWriter(
            Deflaters.choose(Deflaters.Choice.JDK), threads, 1, true, out::writeBytes, NO_BASE);
    items.sort(Comparator.comparing(item -> item.entry().name()));
    for (Item item : items) {
      write(writer, item);
    }
    ArchiveWriter.Written written = writer.finish();
    store.put(ARCHIVE, Content.of(out.toByteArray()));
    ArchiveRef archive =
        new ArchiveRef(1, ARCHIVE.value(), written.bytes(), written.digest(), written.form());
    try (ManifestWriter manifest = new ManifestWriter(spool)) {
      SetTotals totals = lines(manifest);
      VersionHeader header = header(archive, totals);
      store.put(BucketLayout.manifest(KEY, Serial.first()), manifest.finish(header));
      return header;
    }
  }

  private void write(ArchiveWriter writer, Item item) throws IOException, InterruptedException {
    byte[] content = item.content();
    if (content == null) {
      writer.add(item.entry(), placed::add);
    } else if (content.length <= ArchiveWriter.SMALL) {
      Entry read = item.entry().read(Sha256.of(content), null);
      writer.add(read, content, content.length, placed::add);
    } else {
      InputStream in = new ByteArrayInputStream(content);
      writer.add(item.entry(), in::read, digest -> null, placed::add);
    }
  }

  private SetTotals lines(ManifestWriter manifest) throws IOException {
    SetTotals totals = new SetTotals();
    for (Placed packed : placed) {
      Placed one = told.getOrDefault(packed.entry().name(), same -> same).apply(packed);
      byte[] line = EntryCodec.write(one);
      totals.add(one.entry(), line);
      manifest.addLines(line);
      manifest.addLines(new byte[] {'\n'});
    }
    return totals;
  }

  private static VersionHeader header(ArchiveRef archive, SetTotals totals) {
    return new VersionHeader(
        VersionHeader.FORMAT,
        KEY,
        Serial.first(),
        1,
        JobId.of(KEY, 1, Instant.EPOCH),
        Instant.EPOCH,
        Instant.EPOCH,
        List.of(archive),
        true,
        totals.index(),
        totals.totals());
  }
}
