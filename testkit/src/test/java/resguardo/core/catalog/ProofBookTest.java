package resguardo.core.catalog;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.RawPath;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.Serial;
import resguardo.core.SourcePath;
import resguardo.core.port.Content;
import resguardo.core.protocol.Json;
import resguardo.testkit.store.MemoryArchiveStore;

/** What stands of drills, whoever writes at once. */
class ProofBookTest {
  private static final Instant NOON = Instant.parse("2026-01-02T12:00:00Z");
  private static final Peer WORKER = new Peer(Role.WORKER, "w-1");
  private static final RegistrationKey KEY =
      new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/srv"));

  private final MemoryArchiveStore store = new MemoryArchiveStore();
  private final ProofBook book = new ProofBook(store);

  private static Proof.Drill drill(long serial, Instant ordered, @Nullable String problem) {
    return new Proof.Drill(
        ReplyId.random(),
        new Serial(serial),
        ordered,
        ordered.plusSeconds(9),
        WORKER,
        Proof.Extent.WHOLE,
        true,
        3,
        9,
        problem == null ? null : List.of(problem),
        null,
        null,
        null);
  }

  private @Nullable String etag() throws Exception {
    return store.head(BucketLayout.proof(KEY)).map(there -> there.etag()).orElse(null);
  }

  /** As a node may call its files; in JSON such a name is six times as long. */
  @Test
  void whatWasFoundIsKeptHoweverLongTheNamesAreAndWhateverIsInThem() throws Exception {
    RawPath name = RawPath.ofBytes("\u0001".repeat(RawPath.LONGEST).getBytes(US_ASCII));
    List<String> problems = Collections.nCopies(10, name + " is not what was stored");
    Proof.Drill found =
        new Proof.Drill(
            ReplyId.random(),
            Serial.first(),
            NOON,
            NOON,
            WORKER,
            Proof.Extent.SAMPLE,
            true,
            3,
            9,
            problems,
            null,
            name,
            name);
    assertThat(book.save(KEY, found, null)).isPresent();
    Proof.Drill kept = book.find(KEY).orElseThrow().last();
    assertThat(kept).isEqualTo(found);
    assertThat(kept.upTo()).isNotNull().isLessThan(name);
    assertThat(Json.write(kept)).hasSizeLessThan(Json.MESSAGE_BYTES / 2);
  }

  @Test
  void whatWasGoodStaysKnownWhenALaterOneFails() throws Exception {
    Proof.Drill good = drill(1, NOON, null);
    Proof.Drill failed = drill(2, NOON.plusSeconds(60), "gone");
    assertThat(book.save(KEY, good, null)).contains(new Proof(1, KEY, good, good));
    assertThat(book.save(KEY, failed, etag())).contains(new Proof(1, KEY, failed, good));
    assertThat(book.find(KEY)).contains(new Proof(1, KEY, failed, good));
  }

  @Test
  void ofTwoThatWereOrderedOnTheSameBothAreTakenInTheOrderOfTheirOrders() throws Exception {
    Proof.Drill earlier = drill(1, NOON, null);
    Proof.Drill later = drill(1, NOON.plusSeconds(5), "gone");
    assertThat(book.save(KEY, later, null)).isPresent();
    assertThat(book.save(KEY, earlier, null)).as("it is out of date").isEmpty();
    assertThat(book.find(KEY).orElseThrow().last()).isEqualTo(later);
    Proof.Drill last = drill(1, NOON.plusSeconds(7), null);
    assertThat(book.save(KEY, last, null)).as("ordered before it heard of any").isPresent();
  }

  @Test
  void aClockThatWasAheadKeepsNothingFromBeingWritten() throws Exception {
    book.save(KEY, drill(1, NOON.plusSeconds(1_000_000), null), null);
    Proof.Drill right = drill(1, NOON, null);
    assertThat(book.save(KEY, right, etag())).isPresent();
    assertThat(book.find(KEY).orElseThrow().last()).isEqualTo(right);
  }

  @Test
  void theSameAgainChangesNothing() throws Exception {
    Proof.Drill good = drill(1, NOON, null);
    Optional<Proof> first = book.save(KEY, good, null);
    String etag = etag();
    assertThat(book.save(KEY, good, null)).isEqualTo(first);
    assertThat(etag()).isEqualTo(etag);
  }

  @Test
  void oneThatIsOutOfDateIsSeenBeforeItIsMade() throws Exception {
    assertThat(book.isOutdated(KEY, null)).isFalse();
    book.save(KEY, drill(1, NOON, null), null);
    assertThat(book.isOutdated(KEY, null)).isTrue();
    assertThat(book.isOutdated(KEY, etag())).isFalse();
  }

  @Test
  void whatCannotBeReadIsWrittenOver() throws Exception {
    store.put(BucketLayout.proof(KEY), Content.of(new byte[] {'x'}));
    assertThat(book.isOutdated(KEY, null)).isFalse();
    Proof.Drill good = drill(1, NOON, null);
    assertThat(book.save(KEY, good, null)).isPresent();
    assertThat(book.find(KEY).orElseThrow().proven()).isEqualTo(good);
  }

  @Test
  void manyProblemsAreCutAndCounted() {
    Proof.Drill many =
        new Proof.Drill(
            ReplyId.random(),
            Serial.first(),
            NOON,
            NOON,
            WORKER,
            Proof.Extent.WHOLE,
            true,
            0,
            0,
            Collections.nCopies(25, "x".repeat(9000)),
            4L,
            null,
            null);
    assertThat(many.problems()).hasSize(10).allMatch(problem -> problem.length() < 300);
    assertThat(many.more()).isEqualTo(19);
    assertThat(many.good()).isFalse();
    assertThat(drill(1, NOON, null).more()).isNull();
  }
}
