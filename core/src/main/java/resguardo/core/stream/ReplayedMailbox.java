package resguardo.core.stream;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.core.port.BrokerException;
import resguardo.core.port.ReplyChannel;

/** A mailbox whose first message was looked at already. */
public final class ReplayedMailbox implements ReplyChannel.Mailbox {
  private final ReplyChannel.Mailbox rest;
  private ReplyChannel.@Nullable Received first;

  /**
   * A mailbox that begins with this message again.
   *
   * @param first what was received
   * @param rest from where it was received; closed with this
   */
  public ReplayedMailbox(ReplyChannel.Received first, ReplyChannel.Mailbox rest) {
    this.first = first;
    this.rest = rest;
  }

  @Override
  public Optional<ReplyChannel.Received> receive(Duration atMost)
      throws BrokerException, InterruptedException {
    Optional<ReplyChannel.Received> again = Optional.ofNullable(first);
    first = null;
    return again.isPresent() ? again : rest.receive(atMost);
  }

  @Override
  public boolean overflowed() {
    return rest.overflowed();
  }

  @Override
  public void close() {
    rest.close();
  }
}
