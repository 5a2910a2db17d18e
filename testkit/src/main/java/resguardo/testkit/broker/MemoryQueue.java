package resguardo.testkit.broker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Delivery;
import resguardo.core.port.Sender;
import resguardo.core.port.Subscription;

/** Messages that are each handed to one at a time, and come back until somebody acks them. */
final class MemoryQueue<T> {
  private final MemoryBroker broker;
  private final Deque<Waiting<T>> ready = new ArrayDeque<>();
  private final List<Consuming> consumers = new ArrayList<>();
  private long dead;

  private record Waiting<T>(T message, Sender sender, int deliveries) {}

  MemoryQueue(MemoryBroker broker) {
    this.broker = broker;
  }

  void add(T message, Sender sender) {
    synchronized (broker) {
      ready.add(new Waiting<>(message, sender, 0));
      dispatch();
    }
  }

  long waiting() {
    synchronized (broker) {
      return ready.size();
    }
  }

  long dead() {
    synchronized (broker) {
      return dead;
    }
  }

  /**
   * @param rank of several that have room, the one of the highest gets the next
   * @param slots how many one may have in hand
   */
  Subscription consume(
      MemoryConnection by, long rank, int slots, String name, Consumer<Delivery<T>> handler) {
    synchronized (broker) {
      Consuming consuming =
          new Consuming(by, rank, slots, by.platform().pool(name, slots), handler);
      consumers.add(consuming);
      dispatch();
      return consuming;
    }
  }

  /** Gives out what can be; to be called whenever somebody may have room. */
  void dispatch() {
    synchronized (broker) {
      while (!ready.isEmpty()) {
        Optional<Consuming> next =
            consumers.stream()
                .filter(Consuming::hasRoom)
                .max(Comparator.comparingLong(consuming -> consuming.rank));
        if (next.isEmpty()) {
          return;
        }
        next.get().give(ready.remove());
      }
    }
  }

  /** What a process has in hand comes back, as its connection is gone. */
  void lost(MemoryConnection of, boolean forGood) {
    synchronized (broker) {
      for (Consuming consuming : List.copyOf(consumers)) {
        if (consuming.by == of) {
          consuming.requeueAll();
          if (forGood) {
            consumers.remove(consuming);
          }
        }
      }
      dispatch();
    }
  }

  private final class Consuming implements Subscription {
    private final MemoryConnection by;
    private final long rank;
    private final int slots;
    private final ExecutorService threads;
    private final Consumer<Delivery<T>> handler;
    private final Set<InHand> inHand = new LinkedHashSet<>();
    private boolean paused;

    /** How many are off the queue, and have not ended. */
    private int released;

    Consuming(
        MemoryConnection by,
        long rank,
        int slots,
        ExecutorService threads,
        Consumer<Delivery<T>> handler) {
      this.by = by;
      this.rank = rank;
      this.slots = slots;
      this.threads = threads;
      this.handler = handler;
    }

    boolean hasRoom() {
      return !paused && inHand.size() + released < slots && !by.isDown();
    }

    void give(Waiting<T> next) {
      InHand given =
          new InHand(this, new Waiting<>(next.message(), next.sender(), next.deliveries() + 1));
      inHand.add(given);
      consumers.remove(this); // of equals, the others come first the next time
      consumers.add(this);
      try {
        threads.execute(() -> handle(given));
      } catch (RejectedExecutionException ended) {
        given.settle(true);
      }
    }

    private void handle(InHand given) {
      try {
        broker.interference().handing(by.self(), given.message());
        if (!given.settled) {
          handler.accept(given);
        }
      } catch (RuntimeException e) {
        given.settle(true);
      }
    }

    void requeueAll() {
      List<InHand> all = new ArrayList<>(inHand);
      for (int i = all.size() - 1; i >= 0; i--) {
        all.get(i).settled = true;
        ready.push(all.get(i).waiting);
      }
      inHand.clear();
    }

    @Override
    public void pause() {
      synchronized (broker) {
        paused = true;
      }
    }

    @Override
    public void close() {
      synchronized (broker) {
        requeueAll();
        consumers.remove(this);
        dispatch();
      }
      threads.shutdown();
    }
  }

  private final class InHand implements Delivery<T> {
    private final Consuming taker;
    private final Waiting<T> waiting;
    private boolean settled;

    /** Off the queue, and not ended. */
    private boolean released;

    InHand(Consuming taker, Waiting<T> waiting) {
      this.taker = taker;
      this.waiting = waiting;
    }

    /**
     * @return false when it was before, or came back to the queue
     */
    private boolean settle(boolean again) {
      synchronized (broker) {
        if (settled) {
          return false;
        }
        settled = true;
        taker.inHand.remove(this);
        if (again) {
          ready.push(waiting);
        }
        dispatch();
        return true;
      }
    }

    @Override
    public T message() {
      return waiting.message();
    }

    @Override
    public Sender sender() {
      return waiting.sender();
    }

    @Override
    public int deliveries() {
      return waiting.deliveries();
    }

    @Override
    public void ack() {
      end("ack", false);
    }

    @Override
    public void handBack() {
      end("handBack", true);
    }

    /**
     * @return false when it had not been released
     */
    private boolean endReleased() {
      synchronized (broker) {
        if (!released) {
          return false;
        }
        released = false;
        taker.released--;
        dispatch();
        return true;
      }
    }

    private void end(String call, boolean again) {
      if (endReleased()) {
        return;
      }
      try {
        taker.by.before(call, message());
        if (settle(again) && !again) {
          broker.interference().acked(taker.by.self(), message());
        }
        taker.by.after(call);
      } catch (BrokerException lost) {
        settle(true); // the broker has not heard of it
      }
    }

    @Override
    public void release() {
      try {
        taker.by.before("release", message());
        synchronized (broker) {
          if (!settled) {
            settled = true;
            released = true;
            taker.inHand.remove(this);
            taker.released++;
          }
        }
        taker.by.after("release");
      } catch (BrokerException lost) {
        settle(true); // the broker has not heard of it
      }
    }

    @Override
    public void dead(String reason) {
      try {
        taker.by.before("dead", message());
        if (endReleased() || settle(false)) {
          synchronized (broker) {
            dead++;
          }
          broker.interference().acked(taker.by.self(), message());
        }
        taker.by.after("dead");
      } catch (BrokerException lost) {
        if (!endReleased()) { // else it is not kept, and its slot is free all the same
          settle(true);
        }
      }
    }
  }
}
