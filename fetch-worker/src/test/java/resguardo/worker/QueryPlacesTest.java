package resguardo.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import resguardo.core.port.Platform;
import resguardo.core.stream.StreamBrokenException;

/** Who gets a place for a query, who loses one, and who works. */
class QueryPlacesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String ALICE = "operator.alice";
  private static final String BOB = "operator.bob";

  private final AtomicLong nanos = new AtomicLong();
  private final QueryPlaces places =
      new QueryPlaces(Platform.of(java.time.Clock.systemUTC(), nanos::get));

  @AutoClose("shutdownNow")
  private final ExecutorService threads = Executors.newCachedThreadPool();

  private final List<String> brokenOff = new ArrayList<>();

  private QueryPlaces.Turn enter(String user, String name) throws Exception {
    return places.enter(
        user,
        false,
        why -> {
          synchronized (brokenOff) {
            brokenOff.add(name + ": " + why);
          }
        });
  }

  private List<QueryPlaces.Turn> all(String user) throws Exception {
    List<QueryPlaces.Turn> turns = new ArrayList<>();
    for (int i = 0; i < QueryPlaces.OPEN; i++) {
      turns.add(enter(user, user + i));
    }
    return turns;
  }

  private List<String> brokenOff() {
    synchronized (brokenOff) {
      return List.copyOf(brokenOff);
    }
  }

  private <T> CompletableFuture<T> started(java.util.concurrent.Callable<T> what) {
    CompletableFuture<T> done = new CompletableFuture<>();
    threads.execute(
        () -> {
          try {
            done.complete(what.call());
          } catch (Throwable e) {
            done.completeExceptionally(e);
          }
        });
    return done;
  }

  private CompletableFuture<Boolean> works(QueryPlaces.Turn turn) {
    return started(
        () -> {
          turn.next();
          return true;
        });
  }

  @Test
  void whoeverWaitsForAReaderKeepsNobodyFromWorking() throws Exception {
    List<QueryPlaces.Turn> turns = all(ALICE);
    turns.get(0).next();
    turns.get(1).next();
    CompletableFuture<Boolean> third = works(turns.get(2));
    CompletableFuture<Boolean> fourth = works(turns.get(3));
    assertThat(third).isNotDone();
    turns.get(0).rest();
    await().atMost(PATIENCE).until(() -> third.isDone() || fourth.isDone());
    turns.get(1).close();
    await().atMost(PATIENCE).until(() -> third.isDone() && fourth.isDone());
  }

  @Test
  void whoeverHasWorkedForAWhileLetsOthersWorkWhoWait() throws Exception {
    List<QueryPlaces.Turn> turns = all(ALICE);
    turns.get(0).next();
    turns.get(1).next();
    CompletableFuture<Boolean> third = works(turns.get(2));
    turns.get(0).next(); // not for long yet
    assertThat(third).isNotDone();
    nanos.addAndGet(Duration.ofSeconds(2).toNanos());
    CompletableFuture<Boolean> first =
        started(
            () -> {
              while (!third.isDone()) {
                turns.get(0).next();
              }
              return true;
            });
    await().atMost(PATIENCE).until(third::isDone);
    turns.get(1).close();
    await().atMost(PATIENCE).until(first::isDone);
  }

  @Test
  void ofThoseThatWaitForTheirTurnThatOfTheUserOfWhomTheFewestWorkIsNext() throws Exception {
    List<QueryPlaces.Turn> alices = new ArrayList<>();
    for (int i = 0; i < QueryPlaces.OPEN - 1; i++) {
      alices.add(enter(ALICE, "alice" + i));
    }
    QueryPlaces.Turn bobs = enter(BOB, "bob");
    alices.get(0).next();
    alices.get(1).next();
    List<CompletableFuture<Boolean>> others = new ArrayList<>();
    for (int i = 2; i < alices.size(); i++) {
      others.add(works(alices.get(i)));
    }
    CompletableFuture<Boolean> bob = works(bobs);
    await().atMost(PATIENCE).until(() -> places.inLine() == alices.size() - 1);
    alices.get(0).close();
    await().atMost(PATIENCE).until(bob::isDone);
    assertThat(others).noneMatch(CompletableFuture::isDone);
  }

  @Test
  void whenAllPlacesAreOfOneUserTheSlowestMakesRoomForAnothers() throws Exception {
    List<QueryPlaces.Turn> turns = all(ALICE);
    nanos.addAndGet(Duration.ofSeconds(30).toNanos());
    for (int i = 0; i < turns.size(); i++) {
      if (i != 5) {
        turns.get(i).next();
        turns.get(i).rest();
      }
    }
    CompletableFuture<QueryPlaces.Turn> bobs = started(() -> enter(BOB, "bob"));
    await().atMost(PATIENCE).until(() -> !brokenOff().isEmpty());
    assertThat(brokenOff()).hasSize(1);
    assertThat(brokenOff().get(0))
        .isEqualTo(
            ALICE
                + "5: others wait for a place, and of the 8 queries of this user under way here this"
                + " one was read the slowest");
    assertThatThrownBy(() -> turns.get(5).next()).isInstanceOf(StreamBrokenException.class);
    assertThat(bobs).isNotDone();
    CompletableFuture<QueryPlaces.Turn> another = started(() -> enter(ALICE, "another"));
    await().atMost(PATIENCE).until(() -> places.waiting() == 2);
    turns.get(5).close();
    assertThat(bobs.get()).isNotNull();
    assertThat(another).as("the place was made for bob").isNotDone();
    assertThat(brokenOff()).hasSize(1);
  }

  @Test
  void whatChangesANodeIsBrokenOffLast() throws Exception {
    QueryPlaces.Turn restore = places.enter(ALICE, true, why -> brokenOff.add("restore"));
    for (int i = 1; i < QueryPlaces.OPEN; i++) {
      QueryPlaces.Turn query = enter(ALICE, "query");
      query.next();
      query.rest();
    }
    CompletableFuture<QueryPlaces.Turn> bobs = started(() -> enter(BOB, "bob"));
    await().atMost(PATIENCE).until(() -> !brokenOff().isEmpty());
    assertThat(brokenOff().get(0)).startsWith("query");
    restore.next();
    bobs.cancel(true);
  }

  @Test
  void nobodyIsBrokenOffForAUserWhoHasNoFewer() throws Exception {
    List<QueryPlaces.Turn> turns = all(ALICE);
    List<CompletableFuture<QueryPlaces.Turn>> more = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      more.add(started(() -> enter(ALICE, "more")));
    }
    await().atMost(PATIENCE).until(() -> places.waiting() == 8);
    assertThatThrownBy(() -> enter(ALICE, "too many"))
        .isInstanceOf(QueryPlaces.NoPlaceException.class)
        .hasMessageContaining("8 queries of the same user under way")
        .hasMessageContaining("try again");
    assertThat(brokenOff()).isEmpty();
    turns.get(3).close();
    await().atMost(PATIENCE).until(() -> more.stream().anyMatch(CompletableFuture::isDone));
  }

  @Test
  void ofWhomNobodyKnowsWhoAskedIsOneUser() throws Exception {
    all(null);
    CompletableFuture<QueryPlaces.Turn> alices = started(() -> enter(ALICE, "alice"));
    await().atMost(PATIENCE).until(() -> !brokenOff().isEmpty());
    assertThat(brokenOff()).hasSize(1);
    assertThat(alices).isNotDone();
  }
}
