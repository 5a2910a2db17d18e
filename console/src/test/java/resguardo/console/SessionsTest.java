package resguardo.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class SessionsTest {
  private Instant now = Instant.parse("2026-11-26T10:00:00Z");
  private final Sessions sessions =
      new Sessions(
          new Clock() {
            @Override
            public ZoneId getZone() {
              return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
              return this;
            }

            @Override
            public Instant instant() {
              return now;
            }
          });

  @Test
  void oneIsFoundByItsCookieUntilItEnds() {
    Sessions.Opened alice = sessions.open("alice");
    Sessions.Opened bob = sessions.open("bob");
    assertThat(sessions.find(alice.cookie()).orElseThrow().name()).isEqualTo("alice");
    assertThat(alice.session().csrf()).isNotEqualTo(bob.session().csrf()).hasSize(43);
    sessions.end(alice.cookie());
    assertThat(sessions.find(alice.cookie())).isEmpty();
    assertThat(sessions.find(bob.cookie())).isPresent();
    assertThat(sessions.find("")).isEmpty();
  }

  @Test
  void oneThatIsNotUsedEndsAndSoDoesOneThatIsUsedForTooLong() {
    Sessions.Opened idle = sessions.open("idle");
    Sessions.Opened used = sessions.open("used");
    Instant begun = now;
    while (now.isBefore(begun.plus(Sessions.LONGEST).minus(Duration.ofHours(11)))) {
      now = now.plus(Duration.ofHours(11));
      assertThat(sessions.find(used.cookie())).isPresent();
    }
    assertThat(sessions.find(idle.cookie())).isEmpty();
    now = begun.plus(Sessions.LONGEST);
    assertThat(sessions.find(used.cookie())).isEmpty();
  }

  @Test
  void theOldestOfWhoeverHasTheMostMakesRoomAndNobodyElses() {
    Sessions.Opened alice = sessions.open("alice");
    Sessions.Opened first = sessions.open("bob");
    Sessions.Opened second = sessions.open("bob");
    Sessions.Opened carol = sessions.open("carol");
    for (int i = 4; i < Sessions.MOST; i++) {
      sessions.open("bob");
    }
    assertThat(sessions.find(first.cookie())).isPresent();
    sessions.open("bob");
    assertThat(sessions.find(first.cookie())).isEmpty();
    assertThat(sessions.find(second.cookie())).isPresent();
    for (int i = 0; i < 2 * Sessions.MOST; i++) {
      sessions.open("bob");
    }
    Sessions.Opened late = sessions.open("dave");
    sessions.open("bob");
    for (Sessions.Opened other : java.util.List.of(alice, carol, late)) {
      assertThat(sessions.find(other.cookie())).isPresent();
    }
    assertThat(sessions.find(second.cookie())).isEmpty();
  }

  @Test
  void whatIsToBeSaidIsSaidOnce() {
    Sessions.Session session = sessions.open("alice").session();
    session.tell("Done.");
    assertThat(session.takeNotices()).containsExactly("Done.");
    assertThat(session.takeNotices()).isEmpty();
  }
}
