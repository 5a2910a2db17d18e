package resguardo.admin;

import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;
import resguardo.archive.AgeIdentities;
import resguardo.core.protocol.QueryJob;
import resguardo.core.protocol.StreamMessage;

/** Where the complete archive of a version comes from. For one use. */
public interface ArchiveSource {
  /** Makes the question for a version. */
  interface Asking {
    /** The question for this of it. */
    Desk.Question about(QueryJob.What what, QueryJob.Packing packing);
  }

  /** Is told how far it is. */
  interface Progress {
    /** Which version comes; told once, before anything else. */
    default void opened(StreamMessage.QueryOpened opened) {}

    /** So many bytes were written so far. */
    void at(long bytes);
  }

  /**
   * Of this version.
   *
   * @param identities open what is encrypted; absent: a worker sends it as it is to be
   */
  static ArchiveSource of(
      VersionQuery query,
      Asking asking,
      QueryJob.Packing packing,
      @Nullable AgeIdentities identities) {
    return identities == null
        ? new SentArchive(query, asking.about(QueryJob.What.ARCHIVE, packing))
        : new OpenedArchive(
            new MemberStream(query, identities),
            asking.about(QueryJob.What.MEMBERS, packing),
            packing);
  }

  /**
   * Writes it, and returns when all of it is there and is what it should be.
   *
   * @return how the stream began and ended
   * @throws AdminException when it cannot be had
   * @throws IOException when it cannot be written
   */
  VersionQuery.Served into(OutputStream out, Progress progress)
      throws AdminException, IOException, InterruptedException;
}
