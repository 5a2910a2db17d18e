package resguardo.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import resguardo.core.port.Platform;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoreRule;
import resguardo.core.protocol.Answer.Finding;
import resguardo.testkit.store.ForwardingStore;
import resguardo.testkit.store.MemoryArchiveStore;

/** What the doctor says of a store. */
class StoreCheckTest {
  private static List<Finding> findings(StoreRule... rules) {
    return findings(() -> List.of(rules));
  }

  /** What a store answers when it is asked for its rules. */
  private interface Rules {
    List<StoreRule> asked() throws StoreException;
  }

  private static List<Finding> findings(Rules rules) {
    return new StoreCheck(
            new ForwardingStore(new MemoryArchiveStore()) {
              @Override
              public List<StoreRule> rules() throws StoreException {
                return rules.asked();
              }
            },
            Platform.ofJvm())
        .run();
  }

  private static StoreRule removes(String prefix) {
    return new StoreRule("tidy", prefix, StoreRule.Effect.REMOVES, "after 30 days");
  }

  @Test
  void aStoreThatKeepsAllIsFine() {
    assertThat(findings()).extracting(Finding::grade).containsExactly(Finding.Grade.FINE);
  }

  @Test
  void aRuleThatRemovesVersionsIsToldWithWhatItIsCalled() {
    for (String prefix : List.of("", "a", "archives/", "archives/alpha/srv", "manifests/")) {
      assertThat(findings(removes(prefix)))
          .as(prefix)
          .anySatisfy(
              finding -> {
                assertThat(finding.grade()).isEqualTo(Finding.Grade.BROKEN);
                assertThat(finding.what()).contains("(tidy) removes", "after 30 days");
                assertThat(finding.advice()).contains("Backups are lost by it");
              });
    }
  }

  @Test
  void aRuleAboutRecordsOrOfOthersIsNobodysBusiness() {
    assertThat(findings(removes("audit/"), removes("logs/"), removes("archived")))
        .extracting(Finding::grade)
        .containsExactly(Finding.Grade.FINE);
  }

  @Test
  void aRuleThatMovesIsToldToBeOneThatRestoresWaitFor() {
    StoreRule moves = new StoreRule("cold", "archives/", StoreRule.Effect.MOVES, "after 3 days");
    assertThat(findings(moves))
        .anySatisfy(
            finding -> {
              assertThat(finding.grade()).isEqualTo(Finding.Grade.WARNING);
              assertThat(finding.what()).contains("(cold) moves", "after 3 days");
            });
  }

  @Test
  void aKeyThatMayNotAskIsTold() {
    assertThat(
            findings(
                () -> {
                  throw new StoreException.Denied("no", null);
                }))
        .anySatisfy(
            finding -> assertThat(finding.advice()).contains("s3:GetLifecycleConfiguration"));
  }

  @Test
  void aStoreThatHasNoRulesIsFine() {
    assertThat(
            findings(
                () -> {
                  throw new StoreException.Unavailable("not implemented", null);
                }))
        .extracting(Finding::grade)
        .containsExactly(Finding.Grade.FINE);
  }
}
