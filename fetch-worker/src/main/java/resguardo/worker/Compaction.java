package resguardo.worker;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import resguardo.archive.Deflaters;
import resguardo.archive.EncryptingDeflater;
import resguardo.archive.JdkDeflater;
import resguardo.archive.LiveMembers;
import resguardo.archive.MemberDeflater;
import resguardo.archive.MergedArchive;
import resguardo.archive.SetTotals;
import resguardo.core.Sha256;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.stream.LineSplitter;
import resguardo.core.version.ArchiveForm;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.ManifestWriter;
import resguardo.core.version.Placed;

/**
 * Moves what a version needs of some of its archives into one new archive, within the store: no
 * node is asked, and nothing is unpacked but to see whether it is whole. What it writes is seen by
 * nobody before a manifest names it, and can be thrown away until then. Memory is 16 bytes for each
 * member that is moved, and a line.
 */
public final class Compaction {
  private static final MemberDeflater GZIP = new JdkDeflater(1);

  private static final byte[] NEWLINE = {'\n'};

  private final ArchiveStore store;
  private final List<ArchiveRef> archives;
  private final LiveMembers live;

  /** The lines of a version, in their order. */
  @FunctionalInterface
  public interface Lines {
    /** Gives all of them to a taker, without their newlines. */
    void each(LineSplitter.Taker taker) throws IOException, MalformedMessageException;
  }

  /** Begins the upload, noted down so that it is found if this process dies. */
  @FunctionalInterface
  public interface Uploads {
    /** The upload of the new archive; called once, if anything is to be moved at all. */
    ArchiveStore.Upload begin() throws IOException;
  }

  /**
   * What came of it.
   *
   * @param archive the new one, which is complete; absent when all that was retired was dead
   * @param index of the lines as they are now (see {@link
   *     resguardo.core.version.VersionHeader#index})
   */
  public record Compacted(@Nullable ArchiveRef archive, Sha256 index) {}

  /**
   * @param archives that the lines speak of
   * @param live which members of them the lines need
   */
  public Compaction(ArchiveStore store, List<ArchiveRef> archives, LiveMembers live) {
    this.store = store;
    this.archives = List.copyOf(archives);
    this.live = live;
  }

  /** Whether an archive can be merged with another. */
  public static boolean canMove(ArchiveRef archive, ArchiveRef other, LiveMembers live) {
    return archive.form().mixesWith(other.form()) && live.bytes(archive.number()).isPresent();
  }

  /**
   * Moves.
   *
   * @param retired numbers of the archives that the lines are not to speak of any more; each one
   *     that {@link #canMove can be merged} with the first archive of all
   * @param number of the new archive
   * @param key of the new archive
   * @param into takes the lines, with the places where things lie then
   * @throws resguardo.core.port.StoreException.NotFound when an archive is gone
   * @throws java.io.EOFException when an archive is shorter than it should be
   * @throws DamagedArchiveException when something of an archive is not as it was written
   * @throws IOException when the store cannot be used; what was begun is given up
   */
  public Compacted run(
      Lines lines,
      Set<Integer> retired,
      int number,
      ObjectKey key,
      Uploads uploads,
      ManifestWriter into)
      throws IOException, MalformedMessageException {
    SetTotals set = new SetTotals();
    try (MovedBytes bytes = new MovedBytes(store, archives, uploads)) {
      bytes.checkEncrypted(retired);
      MemberDeflater headers = headers();
      MergedArchive merged = new MergedArchive(headers, number, retired, live, bytes);
      lines.each(
          line -> {
            Placed before = EntryCodec.read(line);
            Placed now = merged.moved(before);
            byte[] written = now == before ? line : EntryCodec.write(now);
            set.add(now.entry(), written);
            into.addLines(written);
            into.addLines(NEWLINE);
          });
      long size = merged.finish();
      return new Compacted(
          size == 0 ? null : ref(number, key, size, bytes.complete(), headers.form()), set.index());
    }
  }

  /** Only the headers of chunks are compressed here: any deflater is fast enough. */
  private MemberDeflater headers() throws IOException {
    ArchiveForm form = archives.get(0).form();
    return EncryptingDeflater.to(form.recipients(), Deflaters.of(form.codec(), null, GZIP));
  }

  private static ArchiveRef ref(
      int number, ObjectKey key, long size, Sha256 digest, ArchiveForm headers) {
    ArchiveForm form =
        new ArchiveForm(
            headers.codec(), ArchiveForm.MERGED, headers.level(), headers.encryptedTo());
    return new ArchiveRef(number, key.value(), size, digest, form);
  }
}
