package resguardo.archive;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import resguardo.core.Sha256;
import resguardo.core.version.Entry;
import resguardo.core.version.Extent;

/** The content of the one file of an archive that was made of nothing else. For one thread. */
public final class SingleFile {
  private static final int BUFFER = 64 * 1024;

  private final TarReader tar;
  private final TarReader.Item item;
  private final byte[] buffer = new byte[BUFFER];
  private final MessageDigest digest = Sha256.newDigest();

  private SingleFile(TarReader tar, TarReader.Item item) {
    this.tar = tar;
    this.item = item;
  }

  /**
   * Reads as far as the beginning of its content.
   *
   * @param unpacked a tar
   * @throws IOException when there is no file in it
   */
  public static SingleFile open(InputStream unpacked) throws IOException {
    TarReader tar = new TarReader(unpacked);
    Optional<TarReader.Item> first = tar.next();
    if (first.isEmpty() || first.get().type() != '0') {
      throw new IOException("the archive begins with no file");
    }
    return new SingleFile(tar, first.get());
  }

  /** How long it is, holes included. */
  public long size() {
    return item.size();
  }

  /**
   * Writes its content, holes as zeros, and returns when all of it is what the entry says.
   *
   * @throws IOException when it is not, or cannot be read or written; some may be written then
   */
  public void into(OutputStream out, Entry expected) throws IOException {
    long at = 0;
    for (Extent extent : data()) {
      zeros(out, extent.offset() - at);
      content(out, extent.length());
      at = extent.end();
    }
    zeros(out, item.size() - at);
    boolean same = expected.digest() == null || expected.digest().equals(read());
    if (!same || item.size() != expected.size() || tar.next().isPresent()) {
      throw new IOException("it is not what was stored");
    }
  }

  private Sha256 read() {
    return Sha256.ofDigest(digest.digest());
  }

  private List<Extent> data() {
    if (item.data() != null) {
      return item.data();
    }
    return item.size() == 0 ? List.of() : List.of(new Extent(0, item.size()));
  }

  private void content(OutputStream out, long length) throws IOException {
    for (long left = length; left > 0; ) {
      int many = tar.read(buffer, left);
      if (many < 0) {
        throw new IOException("the archive ends within a file");
      }
      digest.update(buffer, 0, many);
      out.write(buffer, 0, many);
      left -= many;
    }
  }

  private void zeros(OutputStream out, long length) throws IOException {
    byte[] none = new byte[(int) Math.min(BUFFER, Math.max(0, length))];
    for (long left = length; left > 0; left -= none.length) {
      out.write(none, 0, (int) Math.min(left, none.length));
    }
  }
}
