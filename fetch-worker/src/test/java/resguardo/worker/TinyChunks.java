package resguardo.worker;

import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import resguardo.archive.SetTotals;
import resguardo.core.BackupOptions;
import resguardo.core.JobId;
import resguardo.core.Serial;
import resguardo.core.Sha256;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.version.ArchiveForm;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.Chunk;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.ManifestWriter;
import resguardo.core.version.Place;
import resguardo.core.version.Placed;
import resguardo.core.version.VersionHeader;
import resguardo.testkit.versions.MadeEntries;

/** A version of one file whose chunks are a byte each and lie in two members, by turns. */
final class TinyChunks {
  private TinyChunks() {}

  static void store(ArchiveStore store, Path spool, int count) throws Exception {
    ByteArrayOutputStream member = new ByteArrayOutputStream();
    try (GZIPOutputStream packed = new GZIPOutputStream(member)) {
      packed.write(1);
    }
    int length = member.size();
    member.writeBytes(member.toByteArray());
    Sha256 one = Sha256.of(new byte[] {1});
    List<Chunk> chunks = new ArrayList<>();
    byte[] content = new byte[count];
    for (int i = 0; i < count; i++) {
      content[i] = 1;
      chunks.add(new Chunk(1, (long) length * (i % 2), length, 1, one));
    }
    store.put(TestVersion.ARCHIVE, Content.of(member.toByteArray()));
    Placed file =
        new Placed(
            MadeEntries.file("srv/data/x", count).read(Sha256.of(content), null),
            new Place(null, null, chunks));
    byte[] line = EntryCodec.write(file);
    SetTotals totals = new SetTotals();
    totals.add(file.entry(), line);
    try (ManifestWriter manifest = new ManifestWriter(spool)) {
      manifest.addLines(line);
      manifest.addLines(new byte[] {'\n'});
      store.put(
          BucketLayout.manifest(TestVersion.KEY, Serial.first()),
          manifest.finish(header(member.toByteArray(), totals)));
    }
  }

  private static VersionHeader header(byte[] archive, SetTotals totals) {
    ArchiveForm form = new ArchiveForm(BackupOptions.Codec.GZIP, "jdk-zlib", 1);
    String key = TestVersion.ARCHIVE.value();
    return new VersionHeader(
        VersionHeader.FORMAT,
        TestVersion.KEY,
        Serial.first(),
        1,
        JobId.of(TestVersion.KEY, 1, Instant.EPOCH),
        Instant.EPOCH,
        Instant.EPOCH,
        List.of(new ArchiveRef(1, key, archive.length, Sha256.of(archive), form)),
        false,
        totals.index(),
        totals.totals());
  }
}
