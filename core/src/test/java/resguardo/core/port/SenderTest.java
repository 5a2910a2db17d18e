package resguardo.core.port;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import resguardo.core.Peer;
import resguardo.core.Role;

/** Nobody is nobody by leaving off a signature. */
class SenderTest {
  private static Sender unsigned(String instance) {
    return new Sender(null, new Peer(Role.ADMIN, instance), "root@host");
  }

  @Test
  void whoeverSignsIsTheUserWhateverTheProcess() {
    Sender signed = new Sender("operator.bob", new Peer(Role.ADMIN, "bob-1a2b3c"), "root@host");
    assertThat(signed.account()).isEqualTo("operator.bob");
    assertThat(signed.name()).contains("operator.bob");
  }

  @Test
  void whoeverDoesNotIsTheProcessAndAllOfItsKindHaveOneAccount() {
    assertThat(unsigned("bob-1a2b3c").account()).isEqualTo(unsigned("bob-ffffff").account());
    assertThat(unsigned("bob-1a2b3c").account()).isNotEqualTo(unsigned("ann-1a2b3c").account());
    assertThat(unsigned("bob-1a2b3c-1a2b3c").account())
        .as("of a bob-1a2b3c")
        .isNotEqualTo(unsigned("bob-1a2b3c").account());
    assertThat(unsigned("bob-1a2b3c").name()).contains("bob-1a2b3c (unsigned)");
  }

  @Test
  void allOfWhomNothingIsKnownHaveOneAccountAndNoName() {
    assertThat(Sender.UNKNOWN.account()).isEqualTo(new Sender(null, null, "x@y").account());
    assertThat(Sender.UNKNOWN.name()).isEmpty();
  }
}
