package resguardo.console;

import java.time.Duration;
import resguardo.admin.AdminException;
import resguardo.admin.Desk;
import resguardo.admin.VersionQuery;
import resguardo.core.port.CommandChannel;
import resguardo.core.port.ReplyChannel;
import resguardo.core.protocol.Answer;
import resguardo.infra.rabbit.RabbitBroker;

/**
 * The way to the coordinator: with the rights of the operator that this process logs in as, and in
 * the name of who asks here.
 */
final class Operator {
  /** Whoever waits for a page longer than this has gone. */
  private static final Duration PAGE = Duration.ofSeconds(10);

  /** In whose name the console itself looks. */
  static final String ITSELF = "console";

  private final Channels channels;
  private final ReplyChannel replies;
  private final Duration patience;

  /** Commands in somebody's name. */
  interface Channels {
    /**
     * The channel for them.
     *
     * @param whom as it goes on record
     */
    CommandChannel of(String whom);
  }

  /**
   * @param patience how long anything is waited for that is no page
   */
  Operator(Channels channels, ReplyChannel replies, Duration patience) {
    this.channels = channels;
    this.replies = replies;
    this.patience = patience;
  }

  static Operator at(RabbitBroker broker, Duration patience) {
    return new Operator(broker::commands, broker.replies(), patience);
  }

  /** Asks for what a page shows, or for a change. */
  Desk desk(String whom) {
    return new Desk(channels.of(whom), replies, patience.compareTo(PAGE) < 0 ? patience : PAGE);
  }

  /** Asks for an answer of one kind. */
  <T extends Answer> T ask(Visitor visitor, Desk.Question question, Class<T> kind, String doing)
      throws AdminException, InterruptedException {
    return desk(visitor.name()).ask(question, kind, doing);
  }

  /**
   * A query for something of a version.
   *
   * @param doing for {@code Failed to …}
   */
  VersionQuery query(String whom, String doing) {
    return new VersionQuery(channels.of(whom), replies, patience, doing);
  }
}
