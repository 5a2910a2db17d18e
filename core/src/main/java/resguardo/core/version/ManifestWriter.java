package resguardo.core.version;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import resguardo.core.port.Content;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.stream.LineSplitter;

/**
 * Writes a manifest: gzip of lines of JSON, the first the {@link VersionHeader}, each further one
 * an {@link Entry}. The header, which is known only at the end, is a gzip member of its own before
 * those of the entries: so the entries go to a spool file as they come, memory stays the same for
 * any number of them, and a header can be read without the rest.
 */
public final class ManifestWriter implements AutoCloseable {
  private static final int BUFFER = 64 * 1024;

  /** After so many bytes of lines it is looked how much room is left. */
  private static final long LOOK = 16L << 20;

  private final Path spool;
  private final Room room;
  private long unlooked;
  private final LinePacker packer;
  private final OutputStream entries;

  /** One that packs by the JDK; as {@link #ManifestWriter(Path, LinePacker)}. */
  public ManifestWriter(Path folder) throws IOException {
    this(folder, LinePacker.JDK);
  }

  /**
   * @param folder where the spool file is made; it is removed on close
   */
  public ManifestWriter(Path folder, LinePacker packer) throws IOException {
    this(folder, packer, () -> Files.getFileStore(folder).getUsableSpace());
  }

  /** How many bytes are left where the spool file lies; 0: that is not known. */
  interface Room {
    long left() throws IOException;
  }

  ManifestWriter(Path folder, LinePacker packer, Room room) throws IOException {
    this.packer = packer;
    this.room = room;
    spool = Files.createTempFile(folder, "manifest", ".gz");
    entries = new MemberOutput(Files.newOutputStream(spool), packer);
  }

  /**
   * Adds lines of {@link EntryCodec}, each with its newline, as they came over a stream.
   *
   * @throws IOException when the spool file cannot be written, or takes more room than it leaves:
   *     there are others beside it, and who sends the lines may never end
   */
  public void addLines(byte[] lines) throws IOException {
    entries.write(lines);
    unlooked += lines.length;
    if (unlooked >= LOOK) {
      unlooked = 0;
      refuseTooMuch();
    }
  }

  private void refuseTooMuch() throws IOException {
    long size = Files.size(spool);
    long left = room.left();
    if (left > 0 && size > left) {
      throw new IOException(
          "its lines take "
              + size
              + " bytes of "
              + spool.getParent()
              + ", where "
              + left
              + " are left");
    }
  }

  /**
   * Reads all lines that were added, in their order. Nothing can be added after this.
   *
   * @throws IOException when the spool file cannot be written or read, or the taker says so
   */
  public void readBack(LineSplitter.Taker taker) throws IOException, MalformedMessageException {
    entries.close();
    LineSplitter lines = new LineSplitter(EntryCodec.LONGEST_LINE, taker);
    byte[] buffer = new byte[BUFFER];
    try (InputStream in = new GZIPInputStream(Files.newInputStream(spool), BUFFER)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        lines.take(buffer, n);
      }
    }
  }

  /**
   * The whole manifest. Nothing can be added after this; it can be read until the writer is closed.
   *
   * @throws IOException when the spool file cannot be written
   */
  public Content finish(VersionHeader header) throws IOException {
    entries.close();
    byte[] head = headMember(header);
    long size = head.length + Files.size(spool);
    return new Content() {
      @Override
      public long size() {
        return size;
      }

      @Override
      public InputStream open() throws IOException {
        return new SequenceInputStream(new ByteArrayInputStream(head), Files.newInputStream(spool));
      }
    };
  }

  private byte[] headMember(VersionHeader header) {
    byte[] json = Json.write(header);
    byte[] line = Arrays.copyOf(json, json.length + 1);
    line[json.length] = '\n';
    return packer.member(line, line.length);
  }

  @Override
  public void close() throws IOException {
    try {
      entries.close();
    } finally {
      Files.deleteIfExists(spool);
    }
  }
}
