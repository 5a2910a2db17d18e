package resguardo.admin;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import resguardo.archive.ArchiveSink;
import resguardo.archive.Composer;
import resguardo.archive.Deflaters;
import resguardo.archive.MemberDeflater;
import resguardo.archive.MemberReceiver;
import resguardo.core.protocol.QueryJob.Packing;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.version.Placed;
import resguardo.core.version.VersionHeader;

/** A plain archive, composed on this machine of members that only its key opens. */
final class OpenedArchive implements ArchiveSource {
  private final MemberStream members;
  private final Desk.Question question;
  private final Packing packing;

  /**
   * @param question for members
   * @param packing of the archive
   */
  OpenedArchive(MemberStream members, Desk.Question question, Packing packing) {
    this.members = members;
    this.question = question;
    this.packing = packing;
  }

  @Override
  public VersionQuery.Served into(OutputStream out, Progress progress)
      throws AdminException, IOException, InterruptedException {
    ExecutorService threads =
        Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    try {
      return members.run(
          question,
          new MemberStream.Taker() {
            @Override
            public void opened(StreamMessage.QueryOpened opened) {
              progress.opened(opened);
            }

            @Override
            public void take(VersionHeader header, MemberReceiver came)
                throws IOException, InterruptedException {
              compose(header, came, threads, sink(out, progress));
            }
          });
    } finally {
      threads.shutdownNow();
    }
  }

  private static ArchiveSink sink(OutputStream out, Progress progress) {
    long[] written = {0};
    return bytes -> {
      try {
        out.write(bytes);
      } catch (IOException e) {
        throw new MemberStream.CannotTakeException(e);
      }
      written[0] += bytes.length;
      progress.at(written[0]);
    };
  }

  private void compose(
      VersionHeader header, MemberReceiver came, ExecutorService threads, ArchiveSink sink)
      throws IOException, InterruptedException {
    MemberDeflater deflater =
        Deflaters.of(packing.codec(header), null, Deflaters.choose(Deflaters.Choice.AUTO));
    Composer composer = new Composer(deflater, threads, came, sink);
    if (packing.isForOthers()) {
      composer.lookingInto();
    }
    for (Optional<Placed> entry = came.next(); entry.isPresent(); entry = came.next()) {
      composer.add(entry.get());
    }
    composer.finish();
  }
}
