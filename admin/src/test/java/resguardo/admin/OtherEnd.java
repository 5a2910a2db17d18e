package resguardo.admin;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import resguardo.core.ReplyId;
import resguardo.core.port.BrokerException;
import resguardo.core.port.CommandChannel;
import resguardo.core.port.Delivery;
import resguardo.core.port.Reply;
import resguardo.core.port.ReplyChannel;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.Command;

/** Who is at the other end of the broker, with words that are prepared. */
class OtherEnd implements CommandChannel, ReplyChannel {
  final BlockingQueue<Received> says = new LinkedBlockingQueue<>();

  @Override
  public void send(Command command) throws BrokerException {}

  @Override
  public Subscription consume(
      long rank, Consumer<Delivery<Command>> handler, Consumer<Malformed> malformed) {
    throw new UnsupportedOperationException("an admin takes no commands");
  }

  @Override
  public Mailbox open(ReplyId id, int capacity) {
    return new Mailbox() {
      @Override
      public Optional<Received> receive(Duration atMost) throws InterruptedException {
        return Optional.ofNullable(says.poll(atMost.toNanos(), TimeUnit.NANOSECONDS));
      }

      @Override
      public boolean overflowed() {
        return false;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void send(ReplyId to, Reply message) {
    throw new UnsupportedOperationException("nobody is sent anything here");
  }
}
