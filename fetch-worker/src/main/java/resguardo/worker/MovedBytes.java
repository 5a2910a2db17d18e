package resguardo.worker;

import java.io.IOException;
import java.security.MessageDigest;
import java.util.List;
import org.jspecify.annotations.Nullable;
import resguardo.archive.MergedArchive;
import resguardo.core.Sha256;
import resguardo.core.port.ArchiveStore;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.Piece;

/** The bytes of an archive that is merged of others, on their way into the store. */
final class MovedBytes implements MergedArchive.Target, AutoCloseable {
  private final ArchiveMembers members;
  private final Compaction.Uploads uploads;
  private final MessageDigest digest = Sha256.newDigest();
  private ArchiveStore.@Nullable Upload upload;

  MovedBytes(ArchiveStore store, List<ArchiveRef> archives, Compaction.Uploads uploads) {
    this.members = new ArchiveMembers(store, archives);
    this.uploads = uploads;
  }

  @Override
  public void write(byte[] member) throws IOException {
    ArchiveStore.Upload open = upload == null ? uploads.begin() : upload;
    upload = open;
    digest.update(member);
    open.write(member, 0, member.length);
  }

  @Override
  public void copy(int archive, long offset, int length) throws IOException {
    write(members.read(new Piece(archive, offset, length, 0, 0)));
  }

  /** Makes the archive. */
  Sha256 complete() throws IOException {
    if (upload == null) {
      throw new IllegalStateException("nothing was moved");
    }
    upload.complete();
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
