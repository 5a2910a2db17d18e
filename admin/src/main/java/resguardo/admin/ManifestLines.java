package resguardo.admin;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import resguardo.core.RawPath;
import resguardo.core.RegistrationKey;
import resguardo.core.protocol.Command.Query;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.protocol.QueryJob;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.protocol.VersionChoice;
import resguardo.core.stream.ChunkReceiver;
import resguardo.core.stream.LineSplitter;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.VersionHeader;

/** The lines of a version, one after the other. */
public final class ManifestLines {
  private ManifestLines() {}

  /** Takes lines in their order. */
  public interface Taker {
    /** Told once, before any line, what is said of the version as a whole. */
    default void opened(VersionHeader header) {}

    /**
     * Takes the next.
     *
     * @param line whose first bytes are an entry
     * @param length of the entry, in bytes
     */
    void take(byte[] line, int length) throws IOException, MalformedMessageException;
  }

  /**
   * Asks for the lines of a version.
   *
   * @param which absent: the latest
   * @param entries absent: all
   * @throws IOException when a line cannot be read, or the taker fails
   */
  public static void read(
      VersionQuery query,
      RegistrationKey of,
      @Nullable VersionChoice which,
      @Nullable List<RawPath> entries,
      Taker taker)
      throws AdminException, IOException, InterruptedException {
    LineSplitter lines =
        new LineSplitter(
            EntryCodec.LONGEST_LINE, line -> taker.take(line, EntryCodec.entryLength(line)));
    query.run(
        replyTo ->
            new Query(
                of.node(),
                of.path(),
                which,
                QueryJob.What.ENTRIES,
                entries,
                QueryJob.Packing.GZIP,
                replyTo),
        new VersionQuery.Sink() {
          @Override
          public void opened(StreamMessage.QueryOpened opened) {
            taker.opened(opened.header());
          }

          @Override
          public void take(ChunkReceiver.Data data) throws IOException {
            try {
              lines.take(data.payload(), data.payload().length);
            } catch (MalformedMessageException e) {
              throw new IOException("an entry that cannot be read: " + e.getMessage(), e);
            }
          }
        });
  }
}
