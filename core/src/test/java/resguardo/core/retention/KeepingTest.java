package resguardo.core.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import resguardo.core.RetentionPolicy;
import resguardo.core.retention.KeepReason.Rule;
import resguardo.core.retention.Keeping.Candidate;

class KeepingTest {
  private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");

  private static RetentionPolicy policy(
      @Nullable Integer last,
      @Nullable Integer hourly,
      @Nullable Integer daily,
      @Nullable Integer weekly,
      @Nullable Integer monthly,
      @Nullable Integer yearly,
      @Nullable Duration within,
      @Nullable String zone) {
    return new RetentionPolicy(
        last,
        hourly,
        daily,
        weekly,
        monthly,
        yearly,
        within == null ? null : within.toSeconds(),
        zone == null ? null : ZoneId.of(zone));
  }

  private static Candidate at(String slot) {
    return new Candidate(Instant.parse(slot), false, false, true);
  }

  private static Candidate local(String time) {
    return new Candidate(ZonedDateTime.parse(time).toInstant(), false, false, true);
  }

  /** Why each is kept; they are given newest first. */
  private static List<List<KeepReason>> decided(RetentionPolicy policy, List<Candidate> versions) {
    Keeping keeping = new Keeping(policy, NOW, Keeping.State.NONE);
    return versions.stream().map(keeping::decide).toList();
  }

  private static List<Boolean> kept(RetentionPolicy policy, Candidate... versions) {
    return decided(policy, List.of(versions)).stream().map(why -> !why.isEmpty()).toList();
  }

  private static Set<Candidate> keptOf(RetentionPolicy policy, List<Candidate> versions) {
    List<List<KeepReason>> decided = decided(policy, versions);
    Set<Candidate> kept = new HashSet<>();
    for (int i = 0; i < versions.size(); i++) {
      if (!decided.get(i).isEmpty()) {
        kept.add(versions.get(i));
      }
    }
    return kept;
  }

  @Test
  void ofEachPeriodThatHasVersionsTheNewestIsKept() {
    assertThat(
            kept(
                policy(null, null, 2, null, null, null, null, null),
                at("2026-03-09T12:00:00Z"),
                at("2026-03-09T11:00:00Z"),
                at("2026-02-01T23:59:59Z"), // days without versions do not count
                at("2026-02-01T00:00:00Z"),
                at("2026-01-31T00:00:00Z")))
        .containsExactly(true, false, true, false, false);
  }

  @Test
  void eachRuleCountsForItselfAndSaysTheHowManiethItIs() {
    List<List<KeepReason>> why =
        decided(
            policy(1, null, 2, null, 2, null, null, null),
            List.of(
                at("2026-03-09T12:00:00Z"),
                at("2026-03-08T12:00:00Z"),
                at("2026-02-28T12:00:00Z")));
    assertThat(why.stream().map(List::toString))
        .containsExactly("[latest, last 1, daily 1, monthly 1]", "[daily 2]", "[monthly 2]");
  }

  @Test
  void weeksBeginOnMondayAndMayLieInTwoYears() {
    assertThat(
            kept(
                policy(null, null, null, 2, null, null, null, null),
                at("2027-01-03T12:00:00Z"), // a Sunday
                at("2026-12-28T00:00:00Z"), // the Monday before it
                at("2026-12-27T23:59:59Z")))
        .containsExactly(true, false, true);
  }

  @Test
  void daysAreThoseOfTheTimeZone() {
    Candidate[] versions = {at("2026-07-01T22:30:00Z"), at("2026-07-01T21:30:00Z")};
    assertThat(kept(policy(null, null, 2, null, null, null, null, null), versions))
        .containsExactly(true, false);
    assertThat(kept(policy(null, null, 2, null, null, null, null, "Europe/Madrid"), versions))
        .containsExactly(true, true);
  }

  @Test
  void theHourThatComesTwiceIsTwoHoursAndTheDayThatIsShortIsOne() {
    assertThat(
            kept(
                policy(null, 9, null, null, null, null, null, "Europe/Madrid"),
                local("2026-10-25T02:45+01:00[Europe/Madrid]"),
                local("2026-10-25T02:15+01:00[Europe/Madrid]"),
                local("2026-10-25T02:45+02:00[Europe/Madrid]"),
                local("2026-10-25T02:15+02:00[Europe/Madrid]")))
        .containsExactly(true, false, true, false);
    assertThat(
            kept(
                policy(null, null, 9, null, null, null, null, "Europe/Madrid"),
                local("2026-03-29T23:30+02:00[Europe/Madrid]"),
                local("2026-03-29T03:00+02:00[Europe/Madrid]"),
                local("2026-03-29T00:30+01:00[Europe/Madrid]"),
                local("2026-03-28T23:30+01:00[Europe/Madrid]")))
        .containsExactly(true, false, false, true);
  }

  @Test
  void withinCountsFromTheNewestVersionAndNotFromNow() {
    assertThat(
            kept(
                policy(null, null, null, null, null, null, Duration.ofDays(14), null),
                at("2001-03-15T00:00:00Z"),
                at("2001-03-01T00:00:00Z"),
                at("2001-02-28T23:59:59Z")))
        .containsExactly(true, true, false);
  }

  @Test
  void aSlotThatIsStillToComeTakesNoOthersPlace() {
    RetentionPolicy policy = policy(1, null, null, null, null, null, Duration.ofDays(1), null);
    assertThat(
            decided(policy, List.of(at("2036-01-01T00:00:00Z"), at("2029-12-31T12:00:00Z")))
                .stream()
                .map(List::toString))
        .containsExactly("[latest, future]", "[last 1, within]");
  }

  @Test
  void aRowOfForgedVersionsWhoseSlotsGoBackTakesNoPlaceOfThoseBeforeIt() {
    RetentionPolicy policy = policy(null, null, 3, null, null, null, null, null);
    List<Candidate> versions =
        List.of(
            at("2026-03-09T12:00:00Z"), // the newest by its number, and forged as the next two
            at("2026-03-08T12:00:00Z"),
            at("2026-03-07T12:00:00Z"),
            at("2026-03-09T11:00:00Z"),
            at("2026-03-08T11:00:00Z"),
            at("2026-03-07T12:00:00Z"),
            at("2026-03-06T11:00:00Z"));
    assertThat(decided(policy, versions).stream().map(List::toString))
        .containsExactly(
            "[latest, daily 1]",
            "[daily 2]",
            "[daily 3]",
            "[out-of-order]",
            "[out-of-order]",
            "[out-of-order]",
            "[]");
  }

  @Test
  void theNewestThatIsWholeIsKeptWhateverThePolicySays() {
    RetentionPolicy policy = policy(1, null, null, null, null, null, null, null);
    List<Candidate> versions =
        List.of(
            new Candidate(Instant.parse("2026-01-04T00:00:00Z"), false, false, false),
            new Candidate(Instant.parse("2026-01-03T00:00:00Z"), false, false, false),
            new Candidate(Instant.parse("2026-01-02T00:00:00Z"), false, false, true),
            new Candidate(Instant.parse("2026-01-01T00:00:00Z"), false, false, true));
    assertThat(decided(policy, versions).stream().map(List::toString))
        .containsExactly("[latest, last 1]", "[]", "[last-good]", "[]");
  }

  @Test
  void anOpenAlarmHoldsItsVersionAndAllOlderOnes() {
    RetentionPolicy policy = policy(1, null, null, null, null, null, null, null);
    List<Candidate> versions =
        List.of(
            at("2026-01-04T00:00:00Z"),
            at("2026-01-03T00:00:00Z"),
            new Candidate(Instant.parse("2026-01-02T00:00:00Z"), true, false, true),
            at("2026-01-01T00:00:00Z"));
    assertThat(decided(policy, versions).stream().map(List::toString))
        .containsExactly("[latest, last 1]", "[]", "[alarm]", "[alarm]");
  }

  @Test
  void whatIsProvenRestorableIsKeptAndTakesNoPlaceOfOthers() {
    RetentionPolicy policy = policy(2, null, null, null, null, null, null, null);
    List<Candidate> versions =
        List.of(
            at("2026-01-04T00:00:00Z"),
            at("2026-01-03T00:00:00Z"),
            new Candidate(Instant.parse("2026-01-02T00:00:00Z"), false, true, true),
            at("2026-01-01T00:00:00Z"));
    assertThat(decided(policy, versions).stream().map(List::toString))
        .containsExactly("[latest, last 1]", "[last 2]", "[proven]", "[]");
  }

  @Test
  void aPolicyWithoutARuleIsRefusedAsIsANumberThatKeepsNothing() {
    assertThatThrownBy(() -> policy(null, null, null, null, null, null, null, "UTC"))
        .hasMessageContaining("one rule at least");
    assertThatThrownBy(() -> policy(0, null, null, null, null, null, null, null))
        .hasMessageContaining("1 to");
    assertThatThrownBy(() -> policy(null, null, null, null, null, null, Duration.ZERO, null))
        .hasMessageContaining("within");
  }

  @Provide
  Arbitrary<RetentionPolicy> policies() {
    Arbitrary<Integer> number = Arbitraries.integers().between(1, 9).injectNull(0.5);
    Arbitrary<Long> within = Arbitraries.longs().between(1, 90L * 24 * 3600).injectNull(0.5);
    Arbitrary<ZoneId> zone =
        Arbitraries.of("Europe/Madrid", "America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe")
            .map(ZoneId::of)
            .injectNull(0.3);
    return Combinators.combine(number, number, number, number, number, number, within, zone)
        .as(KeepingTest::orOne);
  }

  private static RetentionPolicy orOne(
      @Nullable Integer last,
      @Nullable Integer hourly,
      @Nullable Integer daily,
      @Nullable Integer weekly,
      @Nullable Integer monthly,
      @Nullable Integer yearly,
      @Nullable Long within,
      @Nullable ZoneId zone) {
    boolean none =
        Stream.of(last, hourly, daily, weekly, monthly, yearly).allMatch(rule -> rule == null)
            && within == null;
    return new RetentionPolicy(
        none ? Integer.valueOf(1) : last, hourly, daily, weekly, monthly, yearly, within, zone);
  }

  /** Newest first, at times that lie close together and far apart. */
  @Provide
  Arbitrary<List<Candidate>> versions() {
    Arbitrary<Long> gap =
        Arbitraries.oneOf(
            Arbitraries.longs().between(1, 7200),
            Arbitraries.longs().between(1, 3 * 24 * 3600),
            Arbitraries.longs().between(1, 200L * 24 * 3600));
    Arbitrary<Boolean> seldom = Arbitraries.integers().between(0, 30).map(i -> i == 0);
    Arbitrary<Boolean> mostly = Arbitraries.integers().between(0, 4).map(i -> i != 0);
    return Combinators.combine(gap, seldom, seldom, mostly)
        .as(
            (seconds, alarm, proven, good) ->
                new Candidate(Instant.ofEpochSecond(seconds), alarm, proven, good))
        .list()
        .ofMaxSize(60)
        .map(KeepingTest::oneAfterAnother);
  }

  private static List<Candidate> oneAfterAnother(List<Candidate> gaps) {
    Instant slot = NOW.minusSeconds(1000);
    List<Candidate> versions = new ArrayList<>();
    for (Candidate gap : gaps) {
      versions.add(new Candidate(slot, gap.alarm(), gap.proven(), gap.good()));
      slot = slot.minusSeconds(gap.slot().getEpochSecond());
    }
    return versions;
  }

  @Property
  void theNewestTheNewestGoodOneAndWhatIsProvenAreKeptAndAllThatAnAlarmHolds(
      @ForAll("policies") RetentionPolicy policy, @ForAll("versions") List<Candidate> versions) {
    Set<Candidate> kept = keptOf(policy, versions);
    versions.stream().findFirst().ifPresent(newest -> assertThat(kept).contains(newest));
    versions.stream()
        .filter(Candidate::good)
        .findFirst()
        .ifPresent(good -> assertThat(kept).contains(good));
    boolean held = false;
    for (Candidate version : versions) {
      held |= version.alarm();
      assertThat(!held && !version.proven() || kept.contains(version)).isTrue();
    }
  }

  @Property
  void whoeverKeepsMoreKeepsAllThatWasKept(
      @ForAll("policies") RetentionPolicy one,
      @ForAll("policies") RetentionPolicy other,
      @ForAll("versions") List<Candidate> versions) {
    RetentionPolicy more =
        new RetentionPolicy(
            more(one.last(), other.last()),
            more(one.hourly(), other.hourly()),
            more(one.daily(), other.daily()),
            more(one.weekly(), other.weekly()),
            more(one.monthly(), other.monthly()),
            more(one.yearly(), other.yearly()),
            more(one.withinSeconds(), other.withinSeconds()),
            one.zone());
    assertThat(keptOf(more, versions)).containsAll(keptOf(one, versions));
  }

  private static <T extends Comparable<T>> @Nullable T more(@Nullable T one, @Nullable T other) {
    return Stream.of(one, other)
        .flatMap(Stream::ofNullable)
        .max(Comparator.naturalOrder())
        .orElse(null);
  }

  @Property
  void whatWasKeptIsKeptWhenItIsDecidedAboutOnceMore(
      @ForAll("policies") RetentionPolicy policy, @ForAll("versions") List<Candidate> versions) {
    Set<Candidate> kept = keptOf(policy, versions);
    List<Candidate> left = versions.stream().filter(kept::contains).toList();
    assertThat(keptOf(policy, left)).containsExactlyInAnyOrderElementsOf(left);
  }

  @Property
  void itMakesNoDifferenceWhereOnePageEndsAndAnotherBegins(
      @ForAll("policies") RetentionPolicy policy, @ForAll("versions") List<Candidate> versions) {
    Keeping.State state = Keeping.State.NONE;
    List<List<KeepReason>> paged = new ArrayList<>();
    for (Candidate version : versions) {
      Keeping keeping = new Keeping(policy, NOW, state);
      paged.add(keeping.decide(version));
      state = keeping.state();
    }
    assertThat(paged).isEqualTo(decided(policy, versions));
  }

  /** The rule of days once more, said otherwise: group, and take the last groups. */
  @Property
  void daysAreCountedAsAnybodyWouldCountThem(
      @ForAll("policies") RetentionPolicy policy, @ForAll("versions") List<Candidate> versions) {
    Map<java.time.LocalDate, Candidate> newestOfDay = new TreeMap<>(Comparator.reverseOrder());
    for (Candidate version : versions) {
      newestOfDay.putIfAbsent(version.slot().atZone(policy.zoneOrUtc()).toLocalDate(), version);
    }
    Integer most = policy.daily();
    List<Candidate> expected =
        most == null ? List.of() : newestOfDay.values().stream().limit(most).toList();
    Map<Candidate, List<KeepReason>> why = new HashMap<>();
    List<List<KeepReason>> decided = decided(policy, versions);
    for (int i = 0; i < versions.size(); i++) {
      why.put(versions.get(i), decided.get(i));
    }
    assertThat(
            versions.stream()
                .filter(
                    version -> why.get(version).stream().anyMatch(one -> one.rule() == Rule.DAILY)))
        .containsExactlyElementsOf(expected);
  }
}
