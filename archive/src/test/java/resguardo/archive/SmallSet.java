package resguardo.archive;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import resguardo.core.RawPath;
import resguardo.core.Sha256;
import resguardo.core.version.Entry;
import resguardo.core.version.Piece;
import resguardo.core.version.Placed;

/** A few files of every kind that archives tell apart, packed whole by one deflater. */
final class SmallSet {
  private static final int LARGE = 3 * 1024 * 1024 + 77;

  private final Map<RawPath, byte[]> files = new TreeMap<>();
  private final List<Placed> placed = new ArrayList<>();
  private byte[] archive = {};

  /** Not packed yet. */
  SmallSet() {
    Random random = new Random(1);
    for (int i = 0; i < 40; i++) {
      byte[] text = ("line " + i + " of a file\n").repeat(random.nextInt(2000)).getBytes(UTF_8);
      files.put(RawPath.parse(String.format("t/%02d", i)), text);
    }
    byte[] incompressible = new byte[LARGE];
    random.nextBytes(incompressible);
    files.put(RawPath.parse("t/20 large"), incompressible);
    files.put(RawPath.parse("t/30 zeros"), new byte[LARGE]);
  }

  private static final java.nio.charset.Charset UTF_8 = StandardCharsets.UTF_8;

  /** Packs it. */
  SmallSet packed(MemberDeflater deflater, ExecutorService threads) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ArchiveWriter writer =
        new ArchiveWriter(deflater, threads, 1, true, out::writeBytes, new NoBase());
    for (Map.Entry<RawPath, byte[]> file : files.entrySet()) {
      byte[] content = file.getValue();
      if (content.length <= ArchiveWriter.SMALL) {
        Entry read = entry(file.getKey(), content.length).read(Sha256.of(content), null);
        writer.add(read, content, content.length, placed::add);
      } else {
        InputStream in = new ByteArrayInputStream(content);
        writer.add(entry(file.getKey(), content.length), in::read, digest -> null, placed::add);
      }
    }
    writer.finish();
    archive = out.toByteArray();
    return this;
  }

  private static Entry entry(RawPath name, long size) {
    return new Entry(
        name,
        Entry.Type.FILE,
        0640,
        0,
        0,
        "root",
        "root",
        1_700_000_000,
        123_456_789,
        size,
        null,
        null,
        null,
        null);
  }

  private static final class NoBase implements ArchiveWriter.Edit {
    @Override
    public void keep(long lines) {
      throw new IllegalStateException("there is no base");
    }

    @Override
    public void drop(long lines) {
      throw new IllegalStateException("there is no base");
    }
  }

  /** What was packed, by name. */
  Map<RawPath, byte[]> files() {
    return files;
  }

  /** The archive. */
  byte[] archive() {
    return archive;
  }

  /** The lines of the manifest. */
  List<Placed> placed() {
    return placed;
  }

  /** A member as it lies in the archive. */
  byte[] member(Piece piece) {
    return Arrays.copyOfRange(archive, (int) piece.offset(), (int) piece.offset() + piece.length());
  }

  /** Composed anew by another deflater. */
  byte[] composed(
      MemberDeflater deflater, ExecutorService threads, Composer.@Nullable Members members)
      throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Composer composer =
        new Composer(deflater, threads, members == null ? this::member : members, out::writeBytes);
    for (Placed one : placed) {
      composer.add(one);
    }
    composer.finish();
    return out.toByteArray();
  }
}
