package resguardo.worker;

import java.io.IOException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import resguardo.archive.MemberCodecs;
import resguardo.archive.MergedArchive;
import resguardo.core.Sha256;
import resguardo.core.catalog.Damage;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.Piece;

/**
 * The bytes of an archive that is merged of others, on their way into the store. Members that lie
 * side by side are copied together, by the store itself where they are many: then they are only
 * read here, for the digest. Each is looked at on its way: the versions before will be expired one
 * day, and what is damaged in the archive that is made would be so for good.
 *
 * <p>Of one that is encrypted no more can be seen than whether the archive that it is in is as it
 * was written: see {@link #checkEncrypted}.
 */
final class MovedBytes implements MergedArchive.Target, AutoCloseable {
  /**
   * Of less the store would have a part to read all the same: parts of an S3's upload have 8 MiB,
   * and the one before has to be full.
   */
  private static final long MANY = 16L * 1024 * 1024;

  /** Members that lie side by side are taken together up to so many; each is kept in mind. */
  private static final int TOGETHER = 64 * 1024;

  private final ArchiveStore store;
  private final Map<Integer, ArchiveRef> archives = new HashMap<>();
  private final ArchiveMembers members;
  private final Compaction.Uploads uploads;
  private final MessageDigest digest = Sha256.newDigest();
  private ArchiveStore.@Nullable Upload upload;
  private final List<Piece> together = new ArrayList<>();

  MovedBytes(ArchiveStore store, List<ArchiveRef> archives, Compaction.Uploads uploads) {
    this.store = store;
    archives.forEach(ref -> this.archives.put(ref.number(), ref));
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
  public void copy(Piece member) throws IOException {
    if (!together.isEmpty()) {
      Piece last = together.get(together.size() - 1);
      boolean beside =
          last.archive() == member.archive() && last.offset() + last.length() == member.offset();
      if (!beside || together.size() == TOGETHER) {
        flush();
      }
    }
    together.add(member);
  }

  private ArchiveStore.Upload upload() throws IOException {
    ArchiveStore.Upload open = upload == null ? uploads.begin() : upload;
    upload = open;
    return open;
  }

  private void flush() throws IOException {
    if (together.isEmpty()) {
      return;
    }
    Piece first = together.get(0);
    Piece last = together.get(together.size() - 1);
    ArchiveRef archive = archive(first.archive());
    long length = last.offset() + last.length() - first.offset();
    boolean byTheStore = length >= MANY;
    for (Piece member : together) {
      byte[] bytes = whole(archive, member);
      digest.update(bytes);
      if (!byTheStore) {
        upload().write(bytes, 0, bytes.length);
      }
    }
    if (byTheStore) {
      upload().copy(new ObjectKey(archive.key()), first.offset(), length);
    }
    together.clear();
  }

  private ArchiveRef archive(int number) throws IOException {
    ArchiveRef archive = archives.get(number);
    if (archive == null) {
      throw new IOException("archive " + number + " is none of the version's");
    }
    return archive;
  }

  /** A member as it was made; it is read once more before the archive is taken to be damaged. */
  private byte[] whole(ArchiveRef archive, Piece member) throws IOException {
    byte[] bytes = members.read(member);
    if (!archive.form().recipients().isEmpty() || isWhole(bytes, member)) {
      return bytes;
    }
    try (ArchiveMembers anew = new ArchiveMembers(store, List.of(archive))) {
      byte[] again = anew.read(member);
      if (isWhole(again, member)) {
        return again;
      }
    }
    throw new DamagedArchiveException(Damage.Part.of(archive, member));
  }

  private static boolean isWhole(byte[] bytes, Piece member) {
    try {
      MemberCodecs.check(bytes, member.raw());
      return true;
    } catch (IOException damaged) {
      return false;
    }
  }

  /**
   * Reads archives that are encrypted from one end to the other.
   *
   * @param numbers of archives; those that are not encrypted are passed over
   * @throws DamagedArchiveException when one is not as it was written
   */
  void checkEncrypted(Set<Integer> numbers) throws IOException {
    for (int number : numbers) {
      ArchiveRef archive = archive(number);
      if (!archive.form().recipients().isEmpty()
          && !StoredArchives.isAsWritten(store, archive, more -> {})) {
        throw new DamagedArchiveException(Damage.Part.whole(archive.key()));
      }
    }
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
