package resguardo.admin;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import resguardo.core.protocol.Command.Query;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.protocol.QueryJob;
import resguardo.core.protocol.VersionChoice;
import resguardo.core.stream.LineSplitter;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.Placed;
import resguardo.core.version.VersionHeader;

/** The entries of a version, one after the other. */
final class ManifestLines {
  private ManifestLines() {}

  /** Takes entries in their order. */
  interface Taker {
    void take(Placed placed) throws IOException;
  }

  /**
   * Asks for the entries of a version.
   *
   * @param which absent: the latest
   * @return what is said of the version as a whole
   */
  static VersionHeader read(
      VersionQuery query, OnPath of, @Nullable VersionChoice which, Taker taker)
      throws AdminException, IOException, InterruptedException {
    LineSplitter lines =
        new LineSplitter(EntryCodec.LONGEST_LINE, line -> taker.take(EntryCodec.read(line)));
    return query
        .run(
            replyTo ->
                new Query(of.node(), of.path(), which, QueryJob.What.ENTRIES, null, null, replyTo),
            data -> {
              try {
                lines.take(data.payload(), data.payload().length);
              } catch (MalformedMessageException e) {
                throw new IOException("an entry that cannot be read: " + e.getMessage(), e);
              }
            })
        .opened()
        .header();
  }
}
