package resguardo.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import resguardo.core.port.TraceContext;

class TraceContextTest {
  private static final String GOOD = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  @Test
  void oneOfTheFormIsTaken() {
    assertThat(TraceContext.parse(GOOD)).contains(new TraceContext(GOOD));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0\n",
      })
  void anythingElseIsAsIfItWereAbsent(String header) {
    assertThat(TraceContext.parse(header)).isEmpty();
    assertThatThrownBy(() -> new TraceContext(header)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aThreadIsWhereItWasAgainWhenItLeaves() {
    TraceContext one = new TraceContext(GOOD);
    TraceContext other = new TraceContext(GOOD.replace("-b7", "-c7"));
    try (TraceContext.Scope outer = TraceContext.enter(one)) {
      try (TraceContext.Scope inner = TraceContext.enter(other)) {
        assertThat(TraceContext.current()).contains(other);
      }
      try (TraceContext.Scope out = TraceContext.enter(null)) {
        assertThat(TraceContext.current()).isEmpty();
      }
      assertThat(TraceContext.current()).contains(one);
    }
    assertThat(TraceContext.current()).isEmpty();
  }
}
