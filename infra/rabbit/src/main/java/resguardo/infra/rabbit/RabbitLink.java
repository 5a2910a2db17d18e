package resguardo.infra.rabbit;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.port.BrokerException;

/**
 * One connection that is always being kept: one loop connects, lets each user of it set up what it
 * needs, waits until the connection is lost, and begins again, for ever, with growing pauses. It
 * says so when it cannot, once per growing interval. Whatever goes wrong with one channel ends the
 * connection: there is one way to begin again, and it is taken always.
 */
final class RabbitLink implements AutoCloseable {
  /** What is to be set up on each new connection: channels, queues, consumers. */
  interface User {
    /** What it throws ends the connection, and all begins again. */
    void connected(Connection connection) throws IOException;

    /**
     * A message that came seems to have ended the connection (see {@link Poison}). Told before it
     * is told that it is gone.
     */
    default void poisoned() {}

    /** The connection is gone. */
    default void disconnected() {}
  }

  /** Something done over a channel of its own, and done with. */
  interface Errand<T> {
    T run(Channel channel) throws IOException;
  }

  /** How long an errand waits for a connection. */
  private static final Duration CONNECTION = Duration.ofSeconds(5);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  /** A connection that lasts as long was set up well. */
  private static final Duration STABLE = Duration.ofSeconds(10);

  private static final int CLOSE_MILLIS = 2000;
  private static final Logger LOG = LoggerFactory.getLogger(RabbitLink.class);

  private final List<BrokerUri> uris;
  private final String name;
  private final boolean passing;
  private final List<User> users = new ArrayList<>();
  private final Object settingUp = new Object();
  private final Thread keeper;
  private @Nullable Connection connection;
  private String lastFailure = "not tried yet";
  private @Nullable String blocked;
  private boolean closed;

  /**
   * Begins to connect, to each of the brokers in turn, whichever is the first.
   *
   * @param name shown in the broker's list of connections
   */
  RabbitLink(List<BrokerUri> uris, String name) {
    this(uris, name, false);
  }

  /** One that is not there for long, of which the log says nothing as long as all goes well. */
  static RabbitLink passing(List<BrokerUri> uris, String name) {
    return new RabbitLink(uris, name, true);
  }

  private RabbitLink(List<BrokerUri> uris, String name, boolean passing) {
    this.passing = passing;
    if (uris.isEmpty()) {
      throw new IllegalArgumentException("there is no broker to connect to");
    }
    this.uris = List.copyOf(uris);
    this.name = name;
    this.keeper = new Thread(this::keep, "broker " + name);
    keeper.setDaemon(true);
    keeper.start();
  }

  /** Whether the broker has several nodes: that is what several addresses mean. */
  boolean cluster() {
    return uris.size() > 1;
  }

  private void keep() {
    Duration pause = FIRST_PAUSE;
    // Processes are spread over the nodes of a cluster, and whoever loses one goes on to the next.
    int first = ThreadLocalRandom.current().nextInt(uris.size());
    for (int attempt = 0, turn = first; !isClosed(); attempt++, turn++) {
      BrokerUri uri = uris.get(Math.floorMod(turn, uris.size()));
      long began = System.nanoTime();
      try {
        serve(uri.factory().newConnection(name), uri);
      } catch (IOException | TimeoutException | RuntimeException e) {
        failed(reason(e));
        if (Long.bitCount(attempt + 1L) == 1) { // the 1st, 2nd, 4th, 8th … failure
          LOG.warn("waiting for the broker at {}: {}", uri, reason(e));
        }
      }
      if (System.nanoTime() - began > STABLE.toNanos()) {
        pause = FIRST_PAUSE; // it was good for a while: what ended it is not what keeps it from
        // beginning
        attempt = -1;
      }
      sleep(pause);
      pause =
          pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0
              ? pause.multipliedBy(2)
              : LONGEST_PAUSE;
    }
  }

  /**
   * Uses a connection until it is lost.
   *
   * @throws IOException when it could not be set up
   */
  private void serve(Connection fresh, BrokerUri uri) throws IOException {
    try {
      // One lock, so that a user that comes meanwhile is set up once: here, or by itself.
      synchronized (settingUp) {
        for (User user : registered()) {
          user.connected(fresh);
        }
        if (!publish(fresh)) {
          fresh.abort(CLOSE_MILLIS);
          return;
        }
      }
    } catch (IOException | RuntimeException e) {
      fresh.abort(CLOSE_MILLIS);
      gone(e);
      throw new IOException("it does not let us set up: " + reason(e), e);
    }
    fresh.addBlockedListener(this::blocked, () -> blocked(null));
    if (passing) {
      LOG.debug("connected to the broker at {}: {}", uri, name);
    } else {
      LOG.info("connected to the broker at {}", uri);
    }
    ShutdownSignalException why = awaitEnd(fresh);
    if (!isClosed()) {
      LOG.warn("lost the broker at {}: {}", uri, reason(why));
    }
    gone(why);
  }

  private void gone(Throwable why) {
    if (Poison.ended(why)) {
      registered().forEach(User::poisoned);
    }
    registered().forEach(User::disconnected);
  }

  /**
   * The cause at the bottom says most: "connection refused" rather than that there was an error.
   */
  private static String reason(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null
        ? cause.getClass().getSimpleName()
        : Poison.explained(e, UserLimit.explained(cause.getMessage()));
  }

  private ShutdownSignalException awaitEnd(Connection fresh) {
    java.util.concurrent.CompletableFuture<ShutdownSignalException> end =
        new java.util.concurrent.CompletableFuture<>();
    fresh.addShutdownListener(end::complete); // called at once when it is closed already
    ShutdownSignalException why = end.join();
    synchronized (this) {
      connection = null;
      blocked = null;
      lastFailure = reason(why);
    }
    return why;
  }

  private synchronized List<User> registered() {
    return List.copyOf(users);
  }

  private synchronized boolean publish(Connection fresh) {
    if (closed) {
      return false;
    }
    connection = fresh;
    notifyAll();
    return true;
  }

  private synchronized void blocked(@Nullable String why) {
    blocked = why;
    if (why != null) {
      LOG.warn("the broker takes nothing now: {}", why);
    }
  }

  synchronized boolean isConnected() {
    return connection != null;
  }

  /** Why nothing can be sent over it now; empty: it can, as far as is known. */
  synchronized Optional<String> trouble() {
    if (connection == null) {
      return Optional.of("there is no connection to the broker: " + lastFailure);
    }
    return Optional.ofNullable(blocked).map(why -> "the broker takes nothing now: " + why);
  }

  private synchronized void failed(String why) {
    lastFailure = why;
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  private synchronized void sleep(Duration pause) {
    long jittered = (long) (pause.toMillis() * ThreadLocalRandom.current().nextDouble(0.5, 1.5));
    long end = System.nanoTime() + jittered * 1_000_000;
    try {
      for (long left = jittered;
          left > 0 && !closed;
          left = (end - System.nanoTime()) / 1_000_000) {
        wait(left);
      }
    } catch (InterruptedException e) {
      closed = true;
    }
  }

  /**
   * Adds a user: it is set up now, if there is a connection, and on each connection from now on.
   */
  void use(User user) {
    synchronized (settingUp) {
      registerAndLook(user).ifPresent(now -> setUp(user, now));
    }
  }

  /**
   * Lets a user set up again what it could not before, if there is a connection and the user has
   * not left.
   */
  void setUpAgain(User user) {
    synchronized (settingUp) {
      connectionOf(user).ifPresent(now -> setUp(user, now));
    }
  }

  private static void setUp(User user, Connection now) {
    try {
      user.connected(now);
    } catch (IOException | RuntimeException e) {
      LOG.warn("the broker does not let us set up: {}", reason(e));
      now.abort(CLOSE_MILLIS);
    }
  }

  private synchronized Optional<Connection> connectionOf(User user) {
    return users.contains(user) ? Optional.ofNullable(connection) : Optional.empty();
  }

  private synchronized Optional<Connection> registerAndLook(User user) {
    users.add(user);
    return Optional.ofNullable(connection);
  }

  /** Takes a user away; what it has set up is its own to close. */
  synchronized void leave(User user) {
    users.remove(user);
  }

  /**
   * The connection, waited for.
   *
   * @throws BrokerException.Unavailable when there was none in this time
   */
  synchronized Connection await(Duration atMost) throws BrokerException.Unavailable {
    long end = System.nanoTime() + atMost.toNanos();
    try {
      while (connection == null && !closed) {
        long left = (end - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          throw new BrokerException.Unavailable(
              "no connection to the broker at "
                  + uris
                  + " within "
                  + atMost.toSeconds()
                  + " s: "
                  + lastFailure,
              null);
        }
        wait(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BrokerException.Unavailable("interrupted while waiting for the broker", e);
    }
    if (connection == null) {
      throw new BrokerException.Unavailable("the connection to the broker is closed", null);
    }
    return connection;
  }

  /**
   * The broker does not answer. Unless it has said why, its connection is given up: another node of
   * a cluster may answer.
   */
  void silent() {
    Connection silent;
    synchronized (this) {
      silent = blocked == null ? connection : null;
    }
    if (silent != null) {
      LOG.warn("the broker does not answer: connecting again");
      silent.abort(CLOSE_MILLIS);
    }
  }

  /**
   * Runs an errand.
   *
   * @param what in words, for {@code the broker did not …}
   * @throws BrokerException.Unavailable when there is no connection, or it went wrong
   */
  <T> T run(String what, Errand<T> errand) throws BrokerException.Unavailable {
    try (Channel channel = await(CONNECTION).createChannel()) {
      return errand.run(channel);
    } catch (BrokerException.Unavailable e) {
      throw e;
    } catch (IOException | TimeoutException | ShutdownSignalException e) {
      throw new BrokerException.Unavailable("the broker did not " + what + ": " + reason(e), e);
    }
  }

  @Override
  public void close() {
    Connection last;
    synchronized (this) {
      closed = true;
      last = connection;
      notifyAll();
    }
    if (last != null) {
      last.abort(CLOSE_MILLIS);
    }
  }
}
