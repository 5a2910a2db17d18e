package resguardo.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.Role;
import resguardo.core.protocol.Event;

class RosterTest {
  private static final Instant NOW = Instant.parse("2026-11-25T10:00:00Z");

  private final Roster roster = new Roster();

  private void alive(Peer peer, Instant at) {
    roster.note(new Event.ProcessAlive(at, peer, NOW), at);
  }

  private static Peer worker(int number) {
    return new Peer(Role.WORKER, "w-" + number);
  }

  /** One user of the broker may give its processes as many names as it likes. */
  @Test
  void aFloodOfNamesTakesNoMoreThanItsRoomAndThoseThatAreThereStay() {
    Peer known = new Peer(Role.COORDINATOR, "c");
    alive(known, NOW);
    for (int i = 0; i < Roster.MOST_OTHERS + 100; i++) {
      alive(worker(i), NOW);
    }
    alive(Peer.agent(new NodeName("alpha")), NOW);
    assertThat(roster.there(NOW)).hasSize(Roster.MOST_OTHERS + 1);
    assertThat(roster.alive(Role.COORDINATOR, NOW)).containsExactly(known);
    assertThat(roster.alive(new NodeName("alpha"), NOW)).isTrue();
  }

  @Test
  void whichBuildAnAgentIsOfIsKnownAlsoWhenItIsAwayAndNotOnceItHasEnded() {
    NodeName alpha = new NodeName("alpha");
    Peer agent = Peer.agent(alpha);
    assertThat(roster.program(alpha)).isEmpty();
    roster.note(new Event.ProcessAlive(NOW, agent, NOW, "1.2+0a1b2c", null), NOW);
    assertThat(roster.program(alpha)).contains("1.2+0a1b2c");
    roster.note(new Event.ProcessAlive(NOW, agent, NOW, "1.3", null), NOW.plusSeconds(60));
    assertThat(roster.program(alpha)).contains("1.3");
    roster.note(new Event.ProcessStopped(NOW, agent), NOW.plusSeconds(61));
    assertThat(roster.program(alpha)).isEmpty();
  }

  @Test
  void whoIsGoneMakesRoom() {
    for (int i = 0; i < Roster.MOST_OTHERS; i++) {
      alive(worker(i), NOW);
    }
    Instant later = NOW.plus(Roster.GONE_AFTER).plusSeconds(1);
    alive(worker(Roster.MOST_OTHERS + 4), later);
    assertThat(roster.alive(Role.WORKER, later)).containsExactly(worker(Roster.MOST_OTHERS + 4));
    assertThat(roster.there(later)).hasSize(1);
  }

  @Test
  void whoStopsMakesRoomToo() {
    for (int i = 0; i < Roster.MOST_OTHERS; i++) {
      alive(worker(i), NOW);
    }
    roster.note(new Event.ProcessStopped(NOW, worker(0)), NOW);
    alive(worker(Roster.MOST_OTHERS), NOW);
    assertThat(roster.alive(Role.WORKER, NOW)).contains(worker(Roster.MOST_OTHERS));
  }
}
