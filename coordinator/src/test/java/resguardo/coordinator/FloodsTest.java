package resguardo.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.Role;
import resguardo.core.port.BrokerException;
import resguardo.core.protocol.Event;

/** Whose flood it is, and who is there all the same. */
class FloodsTest {
  private static final NodeName ALPHA = new NodeName("alpha");
  private static final NodeName BETA = new NodeName("beta");
  private static final Peer THIEF = Peer.agent(new NodeName("gamma"));

  /** What an agent says of itself, at the most. */
  private static final int SIGN = 1000;

  private final AtomicLong nanos = new AtomicLong();
  private final Floods floods = new Floods(nanos::get);
  private final Roster roster = new Roster();
  private final List<NodeName> connected = new ArrayList<>();
  private final Set<NodeName> untold = new HashSet<>();
  private boolean brokerSays = true;

  private void passes(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  private void flood() {
    for (int i = 0; i <= Floods.MOST_EVENTS; i++) {
      floods.came(THIEF, 100);
    }
  }

  private List<String> flooding() {
    return floods.now().stream().map(flood -> flood.node().value()).toList();
  }

  @Test
  void whatAgentsSendIsNoFloodHoweverLongAndHoweverManyTheyAre() {
    for (int i = 0; i < 1000; i++) {
      for (int node = 0; node < 300; node++) {
        floods.came(Peer.agent(new NodeName("n" + node)), SIGN);
      }
      passes(Duration.ofSeconds(5));
    }
    assertThat(floods.now()).isEmpty();
  }

  @Test
  void whoeverConnectsAgainAndAgainIsNoFlood() {
    for (int i = 0; i < 100; i++) {
      floods.came(Peer.agent(ALPHA), SIGN);
      floods.came(Peer.agent(ALPHA), SIGN);
      passes(Duration.ofMillis(200));
    }
    assertThat(floods.now()).isEmpty();
  }

  @Test
  void manyEventsAreAFloodOfTheirNodeAndOfNoOther() {
    floods.came(Peer.agent(ALPHA), SIGN);
    flood();
    assertThat(flooding()).containsExactly("gamma");
    assertThat(floods.now().get(0).text())
        .isEqualTo("gamma floods the broker: 201 events and 0.0 MiB in 10 s");
  }

  @Test
  void fewLargeOnesAreToo() {
    floods.came(THIEF, 16 << 20);
    assertThat(floods.now().get(0).text())
        .isEqualTo("gamma floods the broker: 1 events and 16.0 MiB in 10 s");
  }

  @Test
  void whatWorkersAndCoordinatorsSayIsNotCounted() {
    for (int i = 0; i < 10_000; i++) {
      floods.came(new Peer(Role.WORKER, "one"), SIGN);
      floods.came(new Peer(Role.COORDINATOR, "one"), SIGN);
    }
    assertThat(floods.now()).isEmpty();
  }

  @Test
  void eachIsToldOnceAndAgainWhenItBeginsAnew() {
    flood();
    assertThat(floods.untold()).hasSize(1);
    flood();
    assertThat(floods.untold()).isEmpty();
    passes(Duration.ofMinutes(1));
    assertThat(flooding()).as("whoever looks a minute later").containsExactly("gamma");
    passes(Duration.ofMinutes(2));
    assertThat(flooding()).isEmpty();
    flood();
    assertThat(floods.untold()).hasSize(1);
  }

  /** A broker that knows who is connected. */
  private final class Known extends QuietBroker.Agents {
    Known(QuietBroker broker) {
      super(broker);
    }

    @Override
    public boolean isTaken(NodeName node) throws BrokerException {
      if (!brokerSays || untold.contains(node)) {
        throw new BrokerException.Unavailable("it is away", null);
      }
      return connected.contains(node);
    }
  }

  private void look() {
    QuietBroker broker = new QuietBroker();
    CoordinatorContext context =
        broker.context(new Peer(Role.COORDINATOR, "one"), new Known(broker));
    new FloodWatch(context, floods, roster)
        .look(() -> new LinkedHashSet<>(List.of(ALPHA, BETA)), true);
  }

  private void seen(NodeName node, Duration ago) {
    Instant then = Instant.now().minus(ago);
    roster.note(new Event.ProcessAlive(then, Peer.agent(node), then), then);
  }

  @Test
  void whoseSignsOfLifeWereCrowdedOutIsThereAsTheBrokerKnows() {
    seen(ALPHA, Duration.ofSeconds(20));
    seen(BETA, Duration.ofSeconds(20));
    connected.add(ALPHA);
    flood();
    look();
    assertThat(roster.alive(ALPHA, Instant.now())).isTrue();
    assertThat(roster.alive(BETA, Instant.now())).as("it is away").isFalse();
  }

  @Test
  void whoeverWasNotHeardBecauseAMessageEndedTheConnectionIsThereAsTheBrokerKnows() {
    seen(ALPHA, Duration.ofSeconds(20));
    seen(BETA, Duration.ofSeconds(20));
    connected.add(ALPHA);
    floods.poisoned();
    look();
    assertThat(roster.alive(ALPHA, Instant.now())).isTrue();
    assertThat(roster.alive(BETA, Instant.now())).as("it is away").isFalse();
  }

  @Test
  void thatAMessageEndedTheConnectionIsToldOnceAndCountedUntilItIsOver() {
    assertThat(floods.untoldPoison()).isFalse();
    floods.poisoned();
    assertThat(floods.untoldPoison()).isTrue();
    floods.poisoned();
    assertThat(floods.untoldPoison()).isFalse();
    assertThat(floods.poisonings()).isEqualTo(2);
    assertThat(floods.now()).as("it is not known of which node").isEmpty();
    passes(Floods.SPOKEN_OF.plusSeconds(1));
    assertThat(floods.poisonings()).isZero();
    assertThat(floods.crowdOut()).isFalse();
    floods.poisoned();
    assertThat(floods.untoldPoison()).isTrue();
    assertThat(floods.poisonings()).isEqualTo(1);
  }

  @Test
  void withoutAFloodWhoeverIsSilentIsAwayThoughConnected() {
    seen(ALPHA, Duration.ofSeconds(20));
    connected.add(ALPHA);
    look();
    assertThat(roster.alive(ALPHA, Instant.now())).isFalse();
  }

  @Test
  void whoeverWasNeverHeardByACoordinatorThatIsNewIsThereAsTheBrokerKnows() {
    connected.add(ALPHA);
    flood();
    look();
    assertThat(roster.alive(ALPHA, Instant.now())).isTrue();
    assertThat(roster.lastSeen(BETA)).isEmpty();
  }

  @Test
  void aNodeOfWhichTheBrokerDoesNotSayKeepsNoOtherFromBeingThere() {
    connected.add(BETA);
    untold.add(ALPHA);
    flood();
    look();
    assertThat(roster.alive(BETA, Instant.now())).isTrue();
  }

  @Test
  void aBrokerThatDoesNotSayChangesNothing() {
    seen(ALPHA, Duration.ofSeconds(20));
    connected.add(ALPHA);
    brokerSays = false;
    flood();
    look();
    assertThat(roster.alive(ALPHA, Instant.now())).isFalse();
    brokerSays = true;
    look();
    assertThat(roster.alive(ALPHA, Instant.now())).isTrue();
  }
}
