package resguardo.worker;

import java.io.IOException;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import resguardo.archive.MergedArchive;
import resguardo.core.Sha256;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.Piece;

/**
 * The bytes of an archive that is merged of others, on their way into the store. Members that lie
 * side by side are copied together, by the store itself where they are many: then they are only
 * read here, for the digest.
 */
final class MovedBytes implements MergedArchive.Target, AutoCloseable {
  /**
   * Of less the store would have a part to read all the same: parts of an S3's upload have 8 MiB,
   * and the one before has to be full.
   */
  private static final long MANY = 16L * 1024 * 1024;

  private static final int READ = 1024 * 1024;

  private final Map<Integer, ObjectKey> keys = new HashMap<>();
  private final ArchiveMembers members;
  private final Compaction.Uploads uploads;
  private final MessageDigest digest = Sha256.newDigest();
  private ArchiveStore.@Nullable Upload upload;
  private int archive;
  private long from;
  private long to;

  MovedBytes(ArchiveStore store, List<ArchiveRef> archives, Compaction.Uploads uploads) {
    archives.forEach(ref -> keys.put(ref.number(), new ObjectKey(ref.key())));
    this.members = new ArchiveMembers(store, archives);
    this.uploads = uploads;
  }

  @Override
  public void write(byte[] member) throws IOException {
    flush();
    digest.update(member);
    upload().write(member, 0, member.length);
  }

  @Override
  public void copy(int number, long offset, int length) throws IOException {
    if (number != archive || offset != to) {
      flush();
      archive = number;
      from = offset;
    }
    to = offset + length;
  }

  private ArchiveStore.Upload upload() throws IOException {
    ArchiveStore.Upload open = upload == null ? uploads.begin() : upload;
    upload = open;
    return open;
  }

  private void flush() throws IOException {
    boolean byTheStore = to - from >= MANY;
    for (long at = from; at < to; at += READ) {
      int length = (int) Math.min(READ, to - at);
      byte[] bytes = members.read(new Piece(archive, at, length, 0, 0));
      digest.update(bytes);
      if (!byTheStore) {
        upload().write(bytes, 0, length);
      }
    }
    if (byTheStore) {
      ObjectKey source = keys.get(archive);
      if (source == null) {
        throw new IOException("archive " + archive + " is none of the version's");
      }
      upload().copy(source, from, to - from);
    }
    from = to;
  }

  /** Makes the archive. */
  Sha256 complete() throws IOException {
    flush();
    upload().complete();
    return Sha256.ofDigest(digest.digest());
  }

  /** Gives up what was not completed. */
  @Override
  public void close() throws IOException {
    if (upload != null) {
      upload.close();
    }
    members.close();
  }
}
