package resguardo.agent;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import resguardo.archive.JdkDeflater;
import resguardo.archive.MemberDeflater;
import resguardo.archive.TarGzWriter;
import resguardo.core.port.BrokerException;
import resguardo.core.port.ChunkKind;
import resguardo.core.protocol.AgentOrder;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.stream.ChunkSender;
import resguardo.core.stream.StreamBrokenException;
import resguardo.core.version.Totals;
import resguardo.infra.runtime.ActivityLog;

/** One accepted order carried out: allowed? → unchanged? → send → finish. */
final class SendFlow {
  /** A receiver waits longer than this for a sign of life. */
  private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(2);

  /**
   * Level 1 is several times as fast as 6 and a tenth larger; what is backed up often should cost
   * the node little.
   */
  private static final int LEVEL = 1;

  private final AllowList allow;
  private final AgentOrder.ScanAndSend order;
  private final ChunkSender sender;
  private final ExecutorService compressors;
  private final ActivityLog activity;
  private final MemberDeflater deflater = new JdkDeflater(LEVEL);
  private long lastSign = System.nanoTime();

  SendFlow(
      AllowList allow,
      AgentOrder.ScanAndSend order,
      ChunkSender sender,
      ExecutorService compressors,
      ActivityLog activity) {
    this.allow = allow;
    this.order = order;
    this.sender = sender;
    this.compressors = compressors;
    this.activity = activity;
  }

  /** Carries it out. However it ends, the receiver is told, if it is still there. */
  void run() throws InterruptedException {
    try {
      sender.message(outcome());
    } catch (StreamBrokenException e) {
      activity.tell(order.job(), "stopped sending: " + e.getMessage());
    } catch (BrokerException e) {
      activity.tell(order.job(), "could not go on sending: " + e.getMessage());
    }
  }

  private StreamMessage outcome()
      throws StreamBrokenException, BrokerException, InterruptedException {
    try {
      Path root = allow.resolve(order.job().registration().path());
      SetReader set =
          new SetReader(root, order.job().registration().path().memberName(), this::signOfLife);
      return unchangedOrSent(set);
    } catch (StreamBrokenException | BrokerException e) {
      throw e;
    } catch (AllowList.RefusedException e) {
      StreamMessage.Failed.Kind kind =
          e.missing()
              ? StreamMessage.Failed.Kind.SOURCE_MISSING
              : StreamMessage.Failed.Kind.NOT_ALLOWED;
      return failed(kind, String.valueOf(e.getMessage()));
    } catch (NoSuchFileException e) {
      return failed(
          StreamMessage.Failed.Kind.SOURCE_MISSING,
          order.job().registration().path() + " is not there");
    } catch (IOException e) {
      return failed(StreamMessage.Failed.Kind.BROKEN, "the source could not be read: " + e);
    }
  }

  private StreamMessage failed(StreamMessage.Failed.Kind kind, String why) {
    activity.tell(order.job(), "nothing sent: " + why);
    return new StreamMessage.Failed(kind, why);
  }

  private StreamMessage unchangedOrSent(SetReader set) throws IOException, InterruptedException {
    if (order.base() != null) {
      Totals now = set.totals();
      if (now.fingerprint().equals(order.base())) {
        activity.tell(order.job(), "unchanged: " + now.entries() + " entries looked at");
        return new StreamMessage.Unchanged(now);
      }
    }
    ChunkedOutput entries = new ChunkedOutput(sender, ChunkKind.ENTRIES, order.chunkBytes());
    ChunkedOutput archive = new ChunkedOutput(sender, ChunkKind.ARCHIVE, order.chunkBytes());
    TarGzWriter.Written written = set.archive(deflater, compressors, archive::add, entries::add);
    entries.flush();
    archive.flush();
    activity.tell(
        order.job(),
        "sent "
            + written.totals().entries()
            + " entries, "
            + written.archiveBytes()
            + " bytes packed");
    return new StreamMessage.Finished(
        written.archiveBytes(), written.archiveDigest(), written.totals(), written.form());
  }

  private void signOfLife(long entries, long bytes) throws IOException {
    long now = System.nanoTime();
    if (now - lastSign >= SIGN_OF_LIFE.toNanos()) {
      lastSign = now;
      sender.message(new StreamMessage.Progress(entries, bytes));
    }
  }
}
