package resguardo.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import resguardo.core.Permission;

class AccessTest {
  private static final String TOKEN = "0123456789abcdefghij";
  private static final Access BY_TOKEN =
      new Access(Set.of("127.0.0.1:7070", "backup.example"), false, TOKEN, null, Permission.WRITE);

  private static Access byProxy(Set<String> readers, Set<String> writers, Permission may)
      throws Exception {
    InetAddress address = InetAddress.getByName("10.0.0.5");
    return new Access(
        Set.of("backup.example"),
        true,
        null,
        new Access.Proxy("X-User", Set.of(address), readers, writers),
        may);
  }

  @Test
  void aNameOfAnotherPageIsNotOurs() {
    assertThat(BY_TOKEN.isOurs("127.0.0.1:7070")).isTrue();
    assertThat(BY_TOKEN.isOurs("Backup.Example")).isTrue();
    for (String other :
        new String[] {
          "evil.example", "127.0.0.1", "127.0.0.1:7071", "backup.example.evil", "", null
        }) {
      assertThat(BY_TOKEN.isOurs(other)).as(String.valueOf(other)).isFalse();
    }
  }

  @Test
  void aFormOfAnotherPageIsNotOurs() {
    assertThat(BY_TOKEN.comesFromHere("http://127.0.0.1:7070", "same-origin")).isTrue();
    assertThat(BY_TOKEN.comesFromHere(null, null)).as("the word of the session decides").isTrue();
    assertThat(BY_TOKEN.comesFromHere("http://127.0.0.1:7070", "cross-site")).isFalse();
    assertThat(BY_TOKEN.comesFromHere("http://127.0.0.1:7070", "same-site")).isFalse();
    assertThat(BY_TOKEN.comesFromHere("http://evil.example", null)).isFalse();
    assertThat(BY_TOKEN.comesFromHere("null", null)).isFalse();
    assertThat(BY_TOKEN.comesFromHere("http://127.0.0.1:7071", null)).isFalse();
    assertThat(BY_TOKEN.comesFromHere("h ttp:", null)).isFalse();
  }

  @Test
  void theTokenAloneLetsIn() {
    assertThat(BY_TOKEN.isToken(TOKEN)).isTrue();
    assertThat(BY_TOKEN.isToken(TOKEN + "k")).isFalse();
    assertThat(BY_TOKEN.isToken("")).isFalse();
    assertThat(BY_TOKEN.toString()).doesNotContain(TOKEN);
    assertThatThrownBy(() -> new Access(Set.of(), false, "short", null, Permission.WRITE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("20 characters");
    assertThatThrownBy(() -> new Access(Set.of(), false, null, null, Permission.WRITE))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aHeaderIsBelievedOfTheProxyAloneAndOnlyOnce() throws Exception {
    Access access = byProxy(Set.of("*"), Set.of(), Permission.WRITE);
    InetAddress proxy = InetAddress.getByName("10.0.0.5");
    assertThat(access.saidByProxy(proxy, List.of(" alice "))).contains("alice");
    assertThat(access.saidByProxy(InetAddress.getByName("10.0.0.6"), List.of("alice"))).isEmpty();
    assertThat(access.saidByProxy(InetAddress.getLoopbackAddress(), List.of("alice"))).isEmpty();
    assertThat(access.saidByProxy(proxy, List.of("alice", "bob"))).isEmpty();
    assertThat(access.saidByProxy(proxy, List.of())).isEmpty();
    assertThat(access.saidByProxy(proxy, List.of(" "))).isEmpty();
    assertThat(BY_TOKEN.saidByProxy(proxy, List.of("alice"))).isEmpty();
    assertThat(access.isToken(TOKEN)).as("there is no token then").isFalse();
    assertThatThrownBy(() -> new Access.Proxy("X-User", Set.of(), Set.of("*"), Set.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whoMayWriteIsNamedAndNobodyMayMoreThanTheConsole() throws Exception {
    Access some = byProxy(Set.of("alice"), Set.of("bob"), Permission.WRITE);
    assertThat(some.mayDo("alice")).contains(Permission.READ);
    assertThat(some.mayDo("bob")).contains(Permission.WRITE);
    assertThat(some.mayDo("mallory")).isEmpty();
    assertThat(byProxy(Set.of("*"), Set.of("*"), Permission.READ).mayDo("bob"))
        .contains(Permission.READ);
    assertThat(byProxy(Set.of("*"), Set.of(), Permission.WRITE).mayDo("anyone"))
        .contains(Permission.READ);
  }
}
