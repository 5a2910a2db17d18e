package resguardo.console;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.admin.AdminException;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command;
import resguardo.core.version.VersionHeader;

/**
 * How large the newest versions of registrations are. Each costs the coordinator a look into the
 * bucket: they are asked for one after the other, when they are shown, and kept until there is
 * another version. For any threads.
 */
final class Sizes implements AutoCloseable {
  /** Versions in a trend. */
  static final int POINTS = 20;

  private static final int MOST = 20_000;
  private static final Logger LOG = LoggerFactory.getLogger(Sizes.class);

  private final Operator operator;
  private final ExecutorService thread = Executors.newSingleThreadExecutor(Sizes::daemon);
  private final Set<RegistrationKey> asked = ConcurrentHashMap.newKeySet();
  private final Map<RegistrationKey, Trend> known =
      Collections.synchronizedMap(
          new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<RegistrationKey, Trend> eldest) {
              return size() > MOST;
            }
          });

  /**
   * How it went.
   *
   * @param newest version that it is known of
   * @param bytes of content of the last versions, the oldest first; one at least
   */
  record Trend(Serial newest, List<Long> bytes) {
    /** The size of the newest. */
    long size() {
      return bytes.get(bytes.size() - 1);
    }

    /** How much more the newest has than the oldest of these, in percent. */
    long growth() {
      long first = Math.max(1, bytes.get(0));
      return Math.round(100.0 * (size() - bytes.get(0)) / first);
    }
  }

  Sizes(Operator operator) {
    this.operator = operator;
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "sizes");
    thread.setDaemon(true);
    return thread;
  }

  /** What is known of a registration; empty: nothing yet. */
  Optional<Trend> of(RegistrationKey key) {
    return Optional.ofNullable(known.get(key));
  }

  /** Takes note of what was asked for anyway: the newest versions, newest first. */
  void note(RegistrationKey key, List<VersionHeader> newestFirst) {
    if (newestFirst.isEmpty()) {
      return;
    }
    List<Long> bytes =
        new ArrayList<>(
            newestFirst.stream().limit(POINTS).map(one -> one.totals().bytes()).toList());
    Collections.reverse(bytes);
    known.put(key, new Trend(newestFirst.get(0).serial(), List.copyOf(bytes)));
  }

  /**
   * Asks for what is not known of these.
   *
   * @param millis how long it waits for that; what comes later is there the next time
   */
  void lookAt(List<Answer.RegistrationLine> lines, long millis) throws InterruptedException {
    List<RegistrationKey> unknown =
        lines.stream().filter(this::isNew).map(Answer.RegistrationLine::key).toList();
    CountDownLatch left = new CountDownLatch(unknown.size());
    unknown.forEach(key -> ask(key, left));
    if (!unknown.isEmpty() && !left.await(millis, TimeUnit.MILLISECONDS)) {
      LOG.debug("{} sizes come later", left.getCount());
    }
  }

  private boolean isNew(Answer.RegistrationLine line) {
    Serial newest = line.status() == null ? null : line.status().lastVersion();
    Trend trend = known.get(line.key());
    return newest != null && (trend == null || trend.newest().compareTo(newest) < 0);
  }

  @SuppressWarnings("FutureReturnValueIgnored") // what it meets is logged
  private void ask(RegistrationKey key, CountDownLatch left) {
    if (!asked.add(key)) {
      return; // it is on its way for somebody else
    }
    thread.submit(
        () -> {
          try {
            note(
                key,
                operator
                    .desk(Operator.ITSELF)
                    .ask(
                        replyTo ->
                            new Command.History(key.node(), key.path(), null, POINTS, replyTo),
                        Answer.Versions.class,
                        "ask for the size of " + key)
                    .versions());
          } catch (AdminException e) {
            LOG.debug("{}", e.getMessage());
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } finally {
            asked.remove(key);
            left.countDown();
          }
        });
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
