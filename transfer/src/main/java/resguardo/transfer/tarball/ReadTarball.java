package resguardo.transfer.tarball;

import com.github.luben.zstd.ZstdIOException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.zip.ZipException;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.jspecify.annotations.Nullable;
import resguardo.archive.ArchiveWriter;
import resguardo.archive.ForeignTar;
import resguardo.archive.MemberCodecs;
import resguardo.core.RawPath;
import resguardo.core.Sha256;
import resguardo.core.version.Entry;

/**
 * A tarball as {@code tar -x} would leave it: of a name that is there twice the last counts, and
 * another name of a file is of what the file was then. The contents lie in a file of the spool, so
 * that they can be read in another order; names and metadata are kept in memory. For one thread.
 */
final class ReadTarball implements AutoCloseable {
  private static final int BUFFER = 256 * 1024;
  private static final byte[] GZIP = {0x1f, (byte) 0x8b};
  private static final byte[] ZSTD = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd};
  private static final byte[] BZIP2 = {'B', 'Z', 'h'};

  /**
   * A file, folder or special file, whatever its names are.
   *
   * @param entry with the digest of its content, where it has one, and the name that it had first
   * @param offset of its content in the spool
   */
  record Node(Entry entry, long offset) {}

  /**
   * How much a tarball may be unpacked, headers and all: what is compressed may be without end.
   *
   * @param bytes at the most
   * @param wanted whether somebody said so: then one that has more is refused; else there is no
   *     room for it
   */
  record Bound(long bytes, boolean wanted) {
    /** So much of the room that is free is left to others. */
    private static final int TENTH = 10;

    /**
     * As somebody wants it, or as there is room.
     *
     * @param bytes absent: nobody said so
     */
    static Bound of(@Nullable Long bytes, Path folder) throws IOException {
      if (bytes != null) {
        return new Bound(bytes, true);
      }
      long free = Files.getFileStore(folder).getUsableSpace();
      return new Bound(free <= 0 ? Long.MAX_VALUE : free - free / TENTH, false);
    }
  }

  private final Path spool;
  private final Bound bound;
  private final SeekableByteChannel contents;
  private final NavigableMap<RawPath, Node> names = new TreeMap<>();
  private final Sha256 digest;
  private int replaced;

  /**
   * Reads a tarball.
   *
   * @param folder of the spool
   * @throws TarballException when it is damaged, ends early, is too large, or has what no version
   *     can have
   * @throws IOException when the spool cannot be written, or has no room for it
   */
  ReadTarball(Path file, Path folder, Bound bound) throws IOException {
    this.bound = bound;
    spool = Files.createTempFile(folder, "tarball", ".contents");
    try {
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(spool), BUFFER)) {
        digest = read(file, out);
      }
      contents = Files.newByteChannel(spool);
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(spool);
      throw e;
    }
  }

  /** What the bytes of a file are, without looking into it. */
  static Sha256 digestOf(Path file) throws IOException {
    MessageDigest digest = Sha256.newDigest();
    try (InputStream in = Files.newInputStream(file)) {
      byte[] buffer = new byte[BUFFER];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    }
    return Sha256.ofDigest(digest.digest());
  }

  /** All names, in their order. */
  NavigableMap<RawPath, Node> names() {
    return Collections.unmodifiableNavigableMap(names);
  }

  /** The digest of the file itself, as it was read. */
  Sha256 digest() {
    return digest;
  }

  /** How many entries were replaced by later ones of the same name. */
  int replaced() {
    return replaced;
  }

  private Sha256 read(Path file, OutputStream out) throws IOException {
    try (DigestInputStream bytes =
        new DigestInputStream(Files.newInputStream(file), Sha256.newDigest())) {
      InputStream unpacked = unpacked(new BufferedInputStream(bytes, BUFFER));
      ForeignTar tar = new ForeignTar(new Bounded(unpacked, bound));
      byte[] buffer = new byte[BUFFER];
      long offset = 0;
      for (var next = tar.next(); next.isPresent(); next = tar.next()) {
        Entry entry = next.get();
        Node node = new Node(withContent(entry, tar, buffer, out), offset);
        offset += entry.type() == Entry.Type.FILE ? entry.stored() : 0;
        take(entry.type() == Entry.Type.HARD_LINK ? linked(entry) : node, entry.name());
      }
      while (bytes.read(buffer) >= 0) {
        // Whatever comes after it counts for the digest of the file.
      }
      refuseWhatCannotBe();
      return Sha256.ofDigest(bytes.getMessageDigest().digest());
    } catch (UncheckedIOException spoolFailed) {
      throw spoolFailed.getCause();
    } catch (EOFException e) {
      throw new TarballException("it ends early: it was cut off");
    } catch (ZipException | ZstdIOException e) {
      throw new TarballException("what is compressed in it is damaged: " + e.getMessage());
    } catch (TarballException e) {
      throw e;
    } catch (IOException e) {
      throw new TarballException(String.valueOf(e.getMessage()));
    }
  }

  private static InputStream unpacked(BufferedInputStream in) throws IOException {
    in.mark(ZSTD.length);
    byte[] first = in.readNBytes(ZSTD.length);
    in.reset();
    if (startsWith(first, GZIP) || startsWith(first, ZSTD)) {
      return MemberCodecs.unpacked(in, BUFFER);
    }
    return startsWith(first, BZIP2)
        ? new BufferedInputStream(new BZip2CompressorInputStream(in, true), BUFFER)
        : in;
  }

  /** What comes out, until it is too much. */
  private static final class Bounded extends FilterInputStream {
    private final Bound bound;
    private long left;

    Bounded(InputStream in, Bound bound) {
      super(in);
      this.bound = bound;
      this.left = bound.bytes();
    }

    @Override
    public int read() throws IOException {
      int one = super.read();
      took(one < 0 ? 0 : 1);
      return one;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int count = super.read(into, offset, length);
      took(Math.max(0, count));
      return count;
    }

    @Override
    public long skip(long count) throws IOException {
      long skipped = super.skip(count);
      took(skipped);
      return skipped;
    }

    private void took(long count) throws TarballException {
      left -= count;
      if (left < 0 && bound.wanted()) {
        throw new TarballException(
            "unpacked it has more than " + bound.bytes() + " bytes: --largest allows more");
      } else if (left < 0) {
        throw new UncheckedIOException(
            new IOException(
                "unpacked it has more than "
                    + bound.bytes()
                    + " bytes, for which there is no room: --spool names another folder,"
                    + " and --largest how much a tarball may have"));
      }
    }
  }

  private static boolean startsWith(byte[] bytes, byte[] magic) {
    return java.util.Arrays.mismatch(bytes, magic) >= magic.length
        || java.util.Arrays.equals(bytes, magic);
  }

  private static Entry withContent(Entry entry, ForeignTar tar, byte[] buffer, OutputStream out)
      throws IOException {
    if (entry.type() != Entry.Type.FILE) {
      return entry;
    }
    MessageDigest content = Sha256.newDigest();
    for (int n = tar.read(buffer, 0, buffer.length);
        n >= 0;
        n = tar.read(buffer, 0, buffer.length)) {
      content.update(buffer, 0, n);
      try {
        out.write(buffer, 0, n);
      } catch (IOException e) {
        throw new UncheckedIOException(e); // the spool's, and not the tarball's
      }
    }
    return entry.read(Sha256.ofDigest(content.digest()), entry.warning());
  }

  private Node linked(Entry link) throws TarballException {
    Node node = link.link() == null ? null : names.get(link.link());
    if (node == null) {
      throw new TarballException(
          link.name() + " is another name of " + link.link() + ", which does not come before it");
    } else if (node.entry().type() == Entry.Type.FOLDER) {
      throw new TarballException(link.name() + " is another name of a folder");
    }
    return node;
  }

  private void take(Node node, RawPath name) {
    replaced += names.put(name, node) == null ? 0 : 1;
  }

  /** That something lies in what is no folder is how links are used to write elsewhere. */
  private void refuseWhatCannotBe() throws TarballException {
    for (RawPath name : names.keySet()) {
      RawPath above = RawPath.parse("");
      for (RawPath part : name.components()) {
        Node node = above.equals(name) ? null : names.get(above);
        if (node != null && node.entry().type() != Entry.Type.FOLDER) {
          throw new TarballException(name + " lies in " + above + ", which is no folder");
        }
        above = above.resolve(part);
      }
    }
  }

  /** The content of a file, to be read before that of another is asked for. */
  ArchiveWriter.Source content(Node node) throws IOException {
    contents.position(node.offset());
    InputStream in = Channels.newInputStream(contents);
    return new ArchiveWriter.Source() {
      private long left = node.entry().stored();

      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        if (left == 0) {
          return -1;
        }
        int read = in.read(into, offset, (int) Math.min(left, length));
        left -= Math.max(0, read);
        return read;
      }
    };
  }

  @Override
  public void close() throws IOException {
    try {
      contents.close();
    } finally {
      Files.deleteIfExists(spool);
    }
  }
}
