package resguardo.simulation;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import resguardo.core.FetchJob;
import resguardo.core.ReplyId;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Content;
import resguardo.core.port.Delivery;
import resguardo.core.port.JobQueue;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.Reply;
import resguardo.core.port.ReplyChannel;
import resguardo.core.port.Sender;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.QueryJob;
import resguardo.testkit.store.ForwardingStore;

/**
 * A mistake that somebody could make in a role, made at its ports: a simulation that does not find
 * it is worth nothing.
 */
enum Mutant {
  /** None: the roles as they are. */
  NONE,

  /** A worker acks a job when it takes it, and not when it is done. */
  ACK_BEFORE_COMMIT {
    @Override
    JobQueue jobs(JobQueue jobs) {
      return new EarlyAcks(jobs);
    }
  },

  /** Whoever led once writes the lease, whoever has taken over meanwhile. */
  NO_FENCE {
    @Override
    ArchiveStore store(ArchiveStore store) {
      return new ForwardingStore(store) {
        @Override
        public StoredObject putIfMatch(ObjectKey key, String etag, Content content)
            throws StoreException {
          return key.equals(BucketLayout.LEASE)
              ? put(key, content)
              : super.putIfMatch(key, etag, content);
        }
      };
    }
  },

  /** A version is written also where there is one of its number. */
  UNCONDITIONAL_PUT {
    @Override
    ArchiveStore store(ArchiveStore store) {
      return new ForwardingStore(store) {
        @Override
        public StoredObject putIfAbsent(ObjectKey key, Content content) throws StoreException {
          return key.value().startsWith("manifests/")
              ? put(key, content)
              : super.putIfAbsent(key, content);
        }
      };
    }
  },

  /** What says what a slice brought is never written. */
  LOST_SLICE {
    @Override
    ArchiveStore store(ArchiveStore store) {
      return new ForwardingStore(store) {
        @Override
        public StoredObject putIfAbsent(ObjectKey key, Content content) throws StoreException {
          return key.value().startsWith(BucketLayout.SLICES)
              ? new StoredObject(key, content.size(), "none", Instant.EPOCH)
              : super.putIfAbsent(key, content);
        }
      };
    }
  },

  /** Who frees archives does not see the versions beside the one that is gone. */
  BLIND_EXPIRY {
    @Override
    ArchiveStore expirersStore(ArchiveStore store) {
      return new ForwardingStore(store) {
        @Override
        public List<StoredObject> list(String prefix, @Nullable ObjectKey after, int most)
            throws StoreException {
          return prefix.startsWith(BucketLayout.MANIFESTS) && most == 1
              ? List.of()
              : super.list(prefix, after, most);
        }
      };
    }
  },

  /** What says which archives a version had is not written before its manifest goes. */
  NO_NOTE_OF_EXPIRY {
    @Override
    ArchiveStore expirersStore(ArchiveStore store) {
      return new ForwardingStore(store) {
        @Override
        public StoredObject put(ObjectKey key, Content content) throws StoreException {
          return key.value().startsWith(BucketLayout.EXPIRING + "gone/")
              ? new StoredObject(key, content.size(), "none", Instant.EPOCH)
              : super.put(key, content);
        }
      };
    }
  },

  /** A chunk that comes twice is taken twice. */
  REPEATED_CHUNK {
    @Override
    ReplyChannel replies(ReplyChannel replies) {
      return new Renumbered(replies);
    }
  };

  /** The store as who expires versions has it. */
  ArchiveStore expirersStore(ArchiveStore store) {
    return store;
  }

  /** The jobs as a worker has them. */
  JobQueue jobs(JobQueue jobs) {
    return jobs;
  }

  /** The store as every role has it. */
  ArchiveStore store(ArchiveStore store) {
    return store;
  }

  /** The replies as a worker has them. */
  ReplyChannel replies(ReplyChannel replies) {
    return replies;
  }

  private record EarlyAcks(JobQueue jobs) implements JobQueue {
    @Override
    public void publish(FetchJob job) throws BrokerException {
      jobs.publish(job);
    }

    @Override
    public void publish(QueryJob job) throws BrokerException {
      jobs.publish(job);
    }

    @Override
    public Subscription consumeFetches(int slots, Consumer<Delivery<FetchJob>> handler) {
      return jobs.consumeFetches(
          slots,
          delivery -> {
            delivery.ack();
            handler.accept(new Acked(delivery));
          });
    }

    @Override
    public Subscription consumeQueries(int slots, Consumer<Delivery<QueryJob>> handler) {
      return jobs.consumeQueries(slots, handler);
    }

    @Override
    public long waitingFetches() throws BrokerException {
      return jobs.waitingFetches();
    }

    @Override
    public long deadLetters() throws BrokerException {
      return jobs.deadLetters();
    }
  }

  private record Acked(Delivery<FetchJob> delivery) implements Delivery<FetchJob> {
    @Override
    public FetchJob message() {
      return delivery.message();
    }

    @Override
    public Sender sender() {
      return delivery.sender();
    }

    @Override
    public int deliveries() {
      return delivery.deliveries();
    }

    @Override
    public void ack() {}

    @Override
    public void handBack() {}

    @Override
    public void release() {}

    @Override
    public void dead(String reason) {}
  }

  /** Chunks are numbered anew as they come, so that one that comes again looks like the next. */
  private record Renumbered(ReplyChannel replies) implements ReplyChannel {
    @Override
    public Mailbox open(ReplyId id, int capacity) throws BrokerException {
      return new RenumberedMailbox(replies.open(id, capacity));
    }

    @Override
    public void send(ReplyId to, Reply message) throws BrokerException {
      replies.send(to, message);
    }
  }

  private static final class RenumberedMailbox implements ReplyChannel.Mailbox {
    private final ReplyChannel.Mailbox mailbox;
    private long last = -1;
    private long repeated;

    RenumberedMailbox(ReplyChannel.Mailbox mailbox) {
      this.mailbox = mailbox;
    }

    @Override
    public Optional<ReplyChannel.Received> receive(Duration atMost)
        throws BrokerException, InterruptedException {
      return mailbox
          .receive(atMost)
          .map(
              received ->
                  received.message() instanceof Reply.Chunk chunk
                      ? new ReplyChannel.Received(received.from(), renumbered(chunk))
                      : received);
    }

    private Reply.@Nullable Chunk renumbered(Reply.Chunk chunk) {
      repeated += chunk.sequence() <= last ? 1 : 0;
      last = Math.max(last, chunk.sequence());
      long sequence = chunk.sequence() + repeated;
      CRC32C crc = new CRC32C();
      crc.update(ByteBuffer.allocate(Long.BYTES).putLong(sequence).flip());
      crc.update(chunk.kind().code());
      crc.update(chunk.payload());
      return new Reply.Chunk(sequence, chunk.kind(), (int) crc.getValue(), chunk.payload());
    }

    @Override
    public boolean overflowed() {
      return mailbox.overflowed();
    }

    @Override
    public void close() {
      mailbox.close();
    }
  }
}
