package resguardo.admin;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import resguardo.core.NodeName;
import resguardo.core.SourcePath;
import resguardo.core.protocol.Command.Query;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.protocol.QueryJob;
import resguardo.core.protocol.VersionChoice;
import resguardo.core.stream.ManifestEdit;
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
      VersionQuery query,
      NodeName node,
      SourcePath path,
      @Nullable VersionChoice which,
      Taker taker)
      throws AdminException, IOException, InterruptedException {
    ManifestEdit.Decoder decoder =
        new ManifestEdit.Decoder(EntryCodec.LONGEST_LINE, new OnlyLines(taker));
    return query
        .run(
            replyTo -> new Query(node, path, which, QueryJob.What.ENTRIES, null, replyTo),
            data -> {
              try {
                decoder.take(data.payload());
              } catch (MalformedMessageException e) {
                throw new IOException("an entry that cannot be read: " + e.getMessage(), e);
              }
            })
        .opened()
        .header();
  }

  /** A manifest is an edit of nothing. */
  private record OnlyLines(Taker taker) implements ManifestEdit.Reader {
    @Override
    public void keep(long lines) throws MalformedMessageException {
      throw new MalformedMessageException("an edit instead of an entry");
    }

    @Override
    public void drop(long lines) throws MalformedMessageException {
      throw new MalformedMessageException("an edit instead of an entry");
    }

    @Override
    public void add(byte[] line) throws IOException, MalformedMessageException {
      taker.take(EntryCodec.read(line));
    }
  }
}
