package resguardo.testkit.broker;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import resguardo.core.FetchJob;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.ReplyId;
import resguardo.core.port.Platform;
import resguardo.core.protocol.ActivityLine;
import resguardo.core.protocol.Command;
import resguardo.core.protocol.Control;
import resguardo.core.protocol.Event;
import resguardo.core.protocol.QueryJob;

/**
 * A broker in memory that keeps what the ports promise. What it hands out is handled on threads of
 * the platform that a process connects with; so where these are simulated, it is too. Messages are
 * handed over as they are, and not written as JSON.
 */
public final class MemoryBroker {
  private final Interference interference;
  private final MemoryQueue<FetchJob> fetches = new MemoryQueue<>(this);
  private final MemoryQueue<QueryJob> queries = new MemoryQueue<>(this);
  private final MemoryQueue<Command> commands = new MemoryQueue<>(this);
  private final MemoryTopic<Event> events =
      new MemoryTopic<>(this, (by, event) -> event.by().equals(by) && event.mayBeTold());
  private final MemoryTopic<ActivityLine> activity =
      new MemoryTopic<>(this, (by, line) -> line.by().equals(by) && line.mayBeTold());
  private final MemoryTopic<Control> control = new MemoryTopic<>(this, (by, message) -> true);
  private final Map<NodeName, MemoryAgentQueue> agents = new LinkedHashMap<>();
  private final Map<ReplyId, MemoryMailbox> mailboxes = new LinkedHashMap<>();

  /** Empty. */
  public MemoryBroker(Interference interference) {
    this.interference = interference;
  }

  /** A process connects; nothing else has the same name. */
  public MemoryConnection connect(Peer self, Platform platform) {
    return new MemoryConnection(this, self, platform);
  }

  /** How many due jobs wait that nobody has in hand. */
  public long waitingFetches() {
    return fetches.waiting();
  }

  Interference interference() {
    return interference;
  }

  MemoryQueue<FetchJob> fetches() {
    return fetches;
  }

  MemoryQueue<QueryJob> queries() {
    return queries;
  }

  MemoryQueue<Command> commands() {
    return commands;
  }

  MemoryTopic<Event> events() {
    return events;
  }

  MemoryTopic<ActivityLine> activity() {
    return activity;
  }

  MemoryTopic<Control> control() {
    return control;
  }

  /** Somebody removes the queue of a node, and what waits in it. Its agent waits for another. */
  public void loseQueueOf(NodeName node) {
    MemoryAgentQueue lost = agentIfThere(node);
    if (lost != null) {
      lost.remove();
    }
  }

  /** The queue of a node, whether it is there or is still to be made. */
  synchronized MemoryAgentQueue agent(NodeName node) {
    return agents.computeIfAbsent(node, name -> new MemoryAgentQueue(this));
  }

  synchronized @Nullable MemoryAgentQueue agentIfThere(NodeName node) {
    MemoryAgentQueue queue = agents.get(node);
    return queue == null || !queue.isThere() ? null : queue;
  }

  synchronized void open(ReplyId id, MemoryMailbox mailbox) {
    mailboxes.put(id, mailbox);
  }

  synchronized @Nullable MemoryMailbox mailbox(ReplyId id) {
    return mailboxes.get(id);
  }

  synchronized void close(ReplyId id) {
    mailboxes.remove(id);
  }

  private synchronized List<MemoryMailbox> mailboxes(MemoryConnection of) {
    List<MemoryMailbox> all = new ArrayList<>();
    for (MemoryMailbox mailbox : mailboxes.values()) {
      if (mailbox.by() == of) {
        all.add(mailbox);
      }
    }
    return all;
  }

  private synchronized List<MemoryAgentQueue> agentQueues() {
    return List.copyOf(agents.values());
  }

  /** A connection was lost. */
  void lost(MemoryConnection connection, boolean forGood) {
    fetches.lost(connection, forGood);
    queries.lost(connection, forGood);
    commands.lost(connection, forGood);
    if (forGood) {
      events.lost(connection);
      activity.lost(connection);
      control.lost(connection);
      agentQueues().forEach(queue -> queue.lost(connection));
      synchronized (this) {
        mailboxes.values().removeIf(mailbox -> mailbox.by() == connection);
      }
    } else {
      mailboxes(connection).forEach(MemoryMailbox::lost);
    }
  }

  /** A connection is there again. */
  void isBack() {
    fetches.dispatch();
    queries.dispatch();
    commands.dispatch();
    agentQueues().forEach(MemoryAgentQueue::dispatch);
  }
}
