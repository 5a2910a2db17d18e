package resguardo.archive;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import resguardo.core.RawPath;
import resguardo.core.Sha256;
import resguardo.core.version.Entry;

/**
 * Holds a tar, read as a restore reads it, against the entries that it should have: all that a
 * restore takes from it. Nothing is written anywhere. For one thread.
 */
public final class TarCheck {
  private static final int BUFFER = 256 * 1024;

  private final InputStream tar;
  private final TarReader reader;
  private final byte[] buffer = new byte[BUFFER];

  /**
   * @param tar not compressed
   */
  public TarCheck(InputStream tar) {
    this.tar = tar;
    this.reader = new TarReader(tar);
  }

  /**
   * Reads the next entry.
   *
   * @param expected the next that has a form in a tar, see {@link ArchiveWriter#hasTarForm}
   * @return what is wrong with it, in words; empty: it is as it should be
   * @throws IOException when the archive cannot be read on from here
   */
  public Optional<String> flaw(Entry expected) throws IOException {
    TarReader.Item item =
        reader
            .next()
            .orElseThrow(() -> new IOException("the archive ends before " + expected.name()));
    TarReader.Item wanted =
        new TarReader(new ByteArrayInputStream(TarHeaders.of(expected))).next().orElseThrow();
    if (!item.name().equals(wanted.name())) {
      throw new IOException(
          "the archive has " + item.name() + " in the place of " + expected.name());
    }
    if (!isSame(item, wanted)) {
      return Optional.of(expected.name() + ": it is not what was stored");
    }
    return item.type() == '0' && !content().equals(expected.digest())
        ? Optional.of(expected.name() + ": its content is not what was stored")
        : Optional.empty();
  }

  private Sha256 content() throws IOException {
    MessageDigest digest = Sha256.newDigest();
    for (int read = reader.read(buffer); read >= 0; read = reader.read(buffer)) {
      digest.update(buffer, 0, read);
    }
    return Sha256.ofDigest(digest.digest());
  }

  private static boolean isSame(TarReader.Item a, TarReader.Item b) {
    return a.type() == b.type()
        && a.mode() == b.mode()
        && a.uid() == b.uid()
        && a.gid() == b.gid()
        && a.mtimeSeconds() == b.mtimeSeconds()
        && a.mtimeNanos() == b.mtimeNanos()
        && a.size() == b.size()
        && java.util.Objects.equals(a.data(), b.data())
        && a.link().equals(b.link())
        && a.device().equals(b.device())
        && isSame(a.attributes(), b.attributes());
  }

  private static boolean isSame(SortedMap<RawPath, byte[]> a, SortedMap<RawPath, byte[]> b) {
    Iterator<Map.Entry<RawPath, byte[]>> others = b.entrySet().iterator();
    for (Map.Entry<RawPath, byte[]> one : a.entrySet()) {
      if (!others.hasNext()) {
        return false;
      }
      Map.Entry<RawPath, byte[]> other = others.next();
      if (!one.getKey().equals(other.getKey())
          || !Arrays.equals(one.getValue(), other.getValue())) {
        return false;
      }
    }
    return !others.hasNext();
  }

  /**
   * Reads to the end: nothing is to come any more.
   *
   * @throws IOException when something does, or the archive does not end as it should
   */
  public void end() throws IOException {
    Optional<TarReader.Item> more = reader.next();
    if (more.isPresent()) {
      throw new IOException("the archive has " + more.get().name() + ", which was not stored");
    }
    tar.transferTo(OutputStream.nullOutputStream());
  }
}
