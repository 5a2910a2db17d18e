package resguardo.worker;

import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import resguardo.core.Sha256;
import resguardo.core.port.ArchiveStore;
import resguardo.core.version.Chunk;
import resguardo.core.version.Place;
import resguardo.core.version.Placed;
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
    Placed file =
        new Placed(
            MadeEntries.file("srv/data/x", count).read(Sha256.of(content), null),
            new Place(null, null, chunks));
    TestVersion.put(store, spool, file, member.toByteArray());
  }
}
