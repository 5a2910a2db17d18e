package resguardo.worker;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import resguardo.core.port.Platform;
import resguardo.core.stream.ChunkSender;
import resguardo.core.stream.StreamBrokenException;

/**
 * A worker's places for queries. Several are open, of which few are at work at a time: one that
 * waits for whoever reads it costs little, so a slow link keeps nobody else from being served. All
 * are bounded, and no user keeps others from being served by having them all: when another's query
 * comes, one of the user who has the most is broken off.
 *
 * <p>Who reads slowly with a purpose and who has a slow link look the same, so neither is broken
 * off for that.
 */
final class QueryPlaces {
  /** Each has a stream from the store, and the members of an archive that are made next. */
  static final int OPEN = 8;

  /** As many as are in hand: those that are open, and those that wait to be. */
  static final int IN_HAND = 24;

  /** Each of these takes what a core and a line to the store give. */
  private static final int AT_WORK = 2;

  /** More of one user are refused at once, so that those of others behind them are seen. */
  private static final int WAITING_OF_ONE = 8;

  /** Less than the 30 seconds after which whoever asked gives up. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** For how long one works before it is the turn of others that wait. */
  private static final Duration SLICE = Duration.ofSeconds(1);

  private static final double SECOND = 1e9;

  private final Platform platform;
  private final Lock lock;
  private final Condition changed;
  private final List<Turn> open = new ArrayList<>();
  private final List<String> waiting = new ArrayList<>();

  /** Those that wait for their turn to work, in the order in which they came. */
  private final List<Turn> line = new ArrayList<>();

  QueryPlaces(Platform platform) {
    this.platform = platform;
    this.lock = platform.newLock();
    this.changed = lock.newCondition();
  }

  /** Nothing is free, and will not be soon. */
  static final class NoPlaceException extends IOException {
    private static final long serialVersionUID = 1;

    NoPlaceException(String why) {
      super(why);
    }
  }

  /**
   * Opens a place, waiting for one for up to 20 seconds.
   *
   * @param user who asked; absent: nobody knows, which counts as one user
   * @param lasting whether it changes something, so that others are broken off before it
   * @param breakOff told why it is not to go on, from another thread; absent: it always may
   * @throws NoPlaceException when there was none: as many are under way, and no other user has more
   */
  Turn enter(@Nullable String user, boolean lasting, @Nullable Consumer<String> breakOff)
      throws NoPlaceException, InterruptedException {
    String whose = user == null ? "" : user;
    lock.lock();
    try {
      if (!isFor(whose) && count(waiting, whose) >= WAITING_OF_ONE) {
        throw refusal(whose);
      }
      waiting.add(whose);
      try {
        for (long left = PATIENCE.toNanos(); !isFor(whose); left = changed.awaitNanos(left)) {
          makeRoom(whose);
          if (left <= 0) {
            throw refusal(whose);
          }
        }
      } finally {
        waiting.remove(whose);
        changed.signalAll();
      }
      Turn turn = new Turn(whose, lasting, breakOff);
      open.add(turn);
      return turn;
    } finally {
      lock.unlock();
    }
  }

  /** How many wait for a place. */
  int waiting() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }

  /** How many have a place and wait for their turn to work. */
  int inLine() {
    lock.lock();
    try {
      return line.size();
    } finally {
      lock.unlock();
    }
  }

  private NoPlaceException refusal(String user) {
    return new NoPlaceException(
        "this worker has "
            + openOf(user)
            + " queries of the same user under way, and no more places; try again when one has"
            + " ended");
  }

  private static long count(List<String> users, String user) {
    return users.stream().filter(user::equals).count();
  }

  private long openOf(String user) {
    return open.stream().filter(turn -> turn.user.equals(user)).count();
  }

  /** Whether there is a place, and nobody waits for it who has fewer. */
  private boolean isFor(String user) {
    long own = openOf(user);
    return open.size() < OPEN && waiting.stream().allMatch(other -> openOf(other) >= own);
  }

  /** Breaks one off of whoever has the most, if that is fair, and none is on its way out. */
  private void makeRoom(String user) {
    if (open.size() < OPEN || open.stream().anyMatch(turn -> turn.broken != null)) {
      return;
    }
    long own = openOf(user);
    long most = open.stream().mapToLong(turn -> openOf(turn.user)).max().orElse(0);
    if (most < own + 2) {
      return;
    }
    long now = platform.nanoTime();
    open.stream()
        .filter(turn -> turn.breakOff != null && openOf(turn.user) == most)
        .min(
            Comparator.comparing((Turn turn) -> turn.lasting)
                .thenComparingDouble(turn -> turn.rate(now)))
        .ifPresent(
            turn ->
                turn.end(
                    "others wait for a place, and of the "
                        + most
                        + " queries of this user under way here this one was read the slowest"));
  }

  /** Who is to work next: of the user of whom the fewest work. */
  private Optional<Turn> next() {
    return line.stream().min(Comparator.comparingLong(turn -> working(turn.user)));
  }

  private long working(String user) {
    return open.stream().filter(turn -> turn.works && turn.user.equals(user)).count();
  }

  private boolean isRoomToWork() {
    return open.stream().filter(turn -> turn.works).count() < AT_WORK;
  }

  /** A place that is open until it is closed. */
  final class Turn implements ChunkSender.Turns, AutoCloseable {
    private final String user;
    private final boolean lasting;
    private final @Nullable Consumer<String> breakOff;
    private final long opened = platform.nanoTime();
    private boolean works;
    private long since;
    private long steps;
    private @Nullable String broken;

    private Turn(String user, boolean lasting, @Nullable Consumer<String> breakOff) {
      this.user = user;
      this.lasting = lasting;
      this.breakOff = breakOff;
    }

    /** Steps of the work a second; of one that was opened just now it says nothing yet. */
    private double rate(long now) {
      return steps / ((now - opened) / SECOND + SLICE.toSeconds());
    }

    private void end(String why) {
      broken = why;
      if (breakOff != null) {
        breakOff.accept(why);
      }
      changed.signalAll();
    }

    @Override
    public void rest() {
      lock.lock();
      try {
        works = false;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void next() throws IOException, InterruptedException {
      lock.lock();
      try {
        steps++;
        refuseBroken();
        long now = platform.nanoTime();
        if (works && (line.isEmpty() || now - since < SLICE.toNanos())) {
          return;
        }
        works = false;
        changed.signalAll();
        line.add(this);
        try {
          while (!isRoomToWork() || QueryPlaces.this.next().filter(this::equals).isEmpty()) {
            changed.await();
            refuseBroken();
          }
        } finally {
          line.remove(this);
          changed.signalAll();
        }
        works = true;
        since = platform.nanoTime();
      } finally {
        lock.unlock();
      }
    }

    private void refuseBroken() throws StreamBrokenException {
      if (broken != null) {
        throw new StreamBrokenException(StreamBrokenException.Kind.CANCELLED, broken);
      }
    }

    @Override
    public void close() {
      lock.lock();
      try {
        works = false;
        open.remove(this);
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }
}
