package resguardo.admin;

import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import resguardo.core.Sha256;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.stream.ChunkReceiver;

/** An archive as a worker sends it: it goes on as it comes. */
public final class SentArchive implements ArchiveSource {
  private final VersionQuery query;
  private final Desk.Question question;
  private final MessageDigest digest = Sha256.newDigest();
  private long bytes;

  /**
   * @param question for an archive
   */
  public SentArchive(VersionQuery query, Desk.Question question) {
    this.query = query;
    this.question = question;
  }

  @Override
  public VersionQuery.Served into(OutputStream out, Progress progress)
      throws AdminException, IOException, InterruptedException {
    VersionQuery.Served served =
        query.run(
            question,
            new VersionQuery.Sink() {
              @Override
              public void opened(StreamMessage.QueryOpened opened) {
                progress.opened(opened);
              }

              @Override
              public void take(ChunkReceiver.Data data) throws IOException {
                out.write(data.payload());
                digest.update(data.payload());
                bytes += data.payload().length;
                progress.at(bytes);
              }
            });
    verify(served, Sha256.ofDigest(digest.digest()));
    return served;
  }

  private void verify(VersionQuery.Served served, Sha256 came) throws AdminException {
    if (!(served.end() instanceof StreamMessage.Finished finished)) {
      throw query.notServed(served.end());
    }
    boolean asSent = finished.archiveBytes() == bytes && finished.archiveDigest().equals(came);
    boolean asStored =
        served.opened().part()
            || served.opened().header().archives().stream()
                .anyMatch(ref -> ref.bytes() == bytes && ref.digest().equals(came));
    if (!asSent || !asStored) {
      throw query.failed(
          ExitCode.FAILED,
          "what came is not what the manifest names",
          "Try again; if it stays so, the archive is damaged.");
    }
  }
}
