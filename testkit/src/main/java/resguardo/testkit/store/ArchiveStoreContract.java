package resguardo.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;
import resguardo.core.port.TooLongException;

/** What {@link ArchiveStore} promises, as tests. An adapter's test class extends it. */
public abstract class ArchiveStoreContract {
  private static final int RACERS = 8;
  private static final ObjectKey KEY = new ObjectKey("nodes/web-1/versions/1.tgz");

  private final List<ArchiveStore> opened = new ArrayList<>();
  private ArchiveStore store;
  private ArchiveStore other;

  /** JUnit makes one for each test. */
  @SuppressWarnings("NullAway.Init") // set before each test
  protected ArchiveStoreContract() {}

  /** A handle to a place that is empty at the first call in a test, the same in all later ones. */
  protected abstract ArchiveStore open() throws Exception;

  @BeforeEach
  final void openTwoHandles() throws Exception {
    store = remember(open());
    other = remember(open());
    store.prepare();
  }

  @AfterEach
  final void closeTheHandles() {
    opened.forEach(ArchiveStore::close);
  }

  @Test
  void noMoreIsReadWholeThanIsAccepted() throws Exception {
    store.put(KEY, Content.of(new byte[] {1, 2, 3}));
    assertThat(other.readAll(KEY, 3)).containsExactly(1, 2, 3);
    assertThatThrownBy(() -> other.readAll(KEY, 2)).isInstanceOf(TooLongException.class);
    store.put(KEY, Content.of(new byte[0]));
    assertThat(other.readAll(KEY, 0)).isEmpty();
  }

  @Test
  void preparingAgainKeepsWhatIsThere() throws Exception {
    store.put(KEY, text("kept"));
    other.prepare();
    assertThat(read(KEY)).isEqualTo("kept");
  }

  @Test
  void anAbsentObjectHasNoHead() throws Exception {
    assertThat(store.head(KEY)).isEmpty();
  }

  @Test
  void anAbsentObjectCannotBeRead() {
    assertThatThrownBy(() -> StoredBytes.of(store, KEY))
        .isInstanceOf(StoreException.NotFound.class);
    assertThatThrownBy(() -> store.read(KEY, 0, 0)).isInstanceOf(StoreException.NotFound.class);
  }

  @Test
  void aPutObjectIsSeenByEveryHandleWithSizeAndEtag() throws Exception {
    StoredObject put = store.put(KEY, text("hello"));
    assertThat(put.key()).isEqualTo(KEY);
    assertThat(put.size()).isEqualTo(5);
    assertThat(other.head(KEY).orElseThrow()).isEqualTo(store.head(KEY).orElseThrow());
    assertThat(other.head(KEY).orElseThrow().etag()).isEqualTo(put.etag());
    assertThat(other.list("", null, 10)).containsExactly(other.head(KEY).orElseThrow());
    assertThat(read(KEY)).isEqualTo("hello");
  }

  @Test
  void putWritesOverWhatIsThereAndChangesTheEtag() throws Exception {
    StoredObject first = store.put(KEY, text("first"));
    StoredObject second = store.put(KEY, text("again"));
    assertThat(second.etag()).isNotEqualTo(first.etag());
    assertThat(read(KEY)).isEqualTo("again");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 9 << 20})
  void contentOfAnySizeIsPutWhole(int size) throws Exception {
    byte[] bytes = random(size);
    assertThat(store.put(KEY, Content.of(bytes)).size()).isEqualTo(size);
    assertThat(Arrays.equals(StoredBytes.of(other, KEY), bytes)).isTrue();
  }

  @Test
  void putIfAbsentLeavesWhatIsThereUntouched() throws Exception {
    StoredObject first = store.putIfAbsent(KEY, text("first"));
    assertThatThrownBy(() -> other.putIfAbsent(KEY, text("second")))
        .isInstanceOf(StoreException.ConditionFailed.class);
    assertThat(read(KEY)).isEqualTo("first");
    assertThat(store.head(KEY).orElseThrow().etag()).isEqualTo(first.etag());
  }

  @Test
  void contentLargerThanOnePartKeepsItsCondition() throws Exception {
    byte[] bytes = random(9 << 20);
    StoredObject put = store.putIfAbsent(KEY, Content.of(bytes));
    assertThatThrownBy(() -> store.putIfAbsent(KEY, Content.of(random(10 << 20))))
        .isInstanceOf(StoreException.ConditionFailed.class);
    assertThat(Arrays.equals(StoredBytes.of(other, KEY), bytes)).isTrue();
    store.putIfMatch(KEY, put.etag(), Content.of(random(10 << 20)));
    assertThat(store.head(KEY).orElseThrow().size()).isEqualTo(10 << 20);
  }

  @Test
  void putIfMatchWritesOverTheContentThatWasSeen() throws Exception {
    StoredObject first = store.put(KEY, text("first"));
    StoredObject second = other.putIfMatch(KEY, first.etag(), text("second"));
    assertThat(read(KEY)).isEqualTo("second");
    assertThat(store.head(KEY).orElseThrow().etag()).isEqualTo(second.etag());
  }

  @Test
  void putIfMatchWritesNothingOverOtherContentOrWhereThereIsNone() throws Exception {
    StoredObject first = store.put(KEY, text("first"));
    store.put(KEY, text("second"));
    assertThatThrownBy(() -> store.putIfMatch(KEY, first.etag(), text("third")))
        .isInstanceOf(StoreException.ConditionFailed.class);
    assertThat(read(KEY)).isEqualTo("second");
    store.delete(KEY);
    assertThatThrownBy(() -> store.putIfMatch(KEY, first.etag(), text("third")))
        .isInstanceOf(StoreException.ConditionFailed.class);
    assertThat(store.head(KEY)).isEmpty();
  }

  @Test
  void ofManyWritersOfAnAbsentObjectOneSucceeds() throws Exception {
    List<String> winners = race(i -> handle(i).putIfAbsent(KEY, text("writer " + i)));
    assertThat(winners).hasSize(1);
    assertThat(read(KEY)).isEqualTo(winners.get(0));
  }

  @Test
  void ofManyWritersOverTheSameEtagOneSucceeds() throws Exception {
    String etag = store.put(KEY, text("before")).etag();
    List<String> winners = race(i -> handle(i).putIfMatch(KEY, etag, text("writer " + i)));
    assertThat(winners).hasSize(1);
    assertThat(read(KEY)).isEqualTo(winners.get(0));
  }

  @Test
  void aRangeIsReadAndEndsWhereTheObjectEnds() throws Exception {
    store.put(KEY, text("0123456789"));
    assertThat(range(0, 4)).isEqualTo("0123");
    assertThat(range(3, 4)).isEqualTo("3456");
    assertThat(range(9, 1)).isEqualTo("9");
    assertThat(range(7, 100)).isEqualTo("789");
    assertThat(range(7, Long.MAX_VALUE)).isEqualTo("789");
    assertThat(range(4, 0)).isEmpty();
    assertThat(range(10, 5)).isEmpty();
  }

  @Test
  void keysWithEveryAllowedSignAreKept() throws Exception {
    ObjectKey odd = new ObjectKey("n%2Fode/~user@host/100%/%25.tgz-_/.hidden");
    store.put(odd, text("odd"));
    assertThat(new String(StoredBytes.of(other, odd), StandardCharsets.UTF_8)).isEqualTo("odd");
    assertThat(keys(other.list("n%2Fode/~user@host/100%/", null, 10))).containsExactly(odd.value());
    other.delete(odd);
    assertThat(store.head(odd)).isEmpty();
  }

  @Test
  void theListIsInTheOrderOfTheBytesOfTheKeys() throws Exception {
    List<String> sorted =
        List.of("A/z", "a%/b", "a-b", "a.b", "a/b", "a/c/d", "a0", "a@", "b", "~");
    for (String key : List.of("b", "a0", "a/c/d", "~", "a%/b", "a.b", "a@", "A/z", "a/b", "a-b")) {
      store.put(new ObjectKey(key), text(key));
    }
    assertThat(keys(store.list("", null, 1000))).isEqualTo(sorted);
    assertThat(pagedBy(3)).isEqualTo(sorted);
    assertThat(pagedBy(1)).isEqualTo(sorted);
  }

  @Test
  void theListIsBoundByPrefixAfterAndMost() throws Exception {
    for (String key : List.of("a/1", "a/2", "a/3", "ab", "b/1")) {
      store.put(new ObjectKey(key), text(key));
    }
    assertThat(keys(store.list("a", null, 10))).containsExactly("a/1", "a/2", "a/3", "ab");
    assertThat(keys(store.list("a/", null, 2))).containsExactly("a/1", "a/2");
    assertThat(keys(store.list("a/", new ObjectKey("a/1"), 10))).containsExactly("a/2", "a/3");
    assertThat(keys(store.list("a/", new ObjectKey("a/2x"), 10))).containsExactly("a/3");
    assertThat(store.list("a/", new ObjectKey("b"), 10)).isEmpty();
    assertThat(store.list("c/", null, 10)).isEmpty();
    assertThat(keys(store.list("b", new ObjectKey("a"), 10))).containsExactly("b/1");
  }

  @Test
  void deletingIsSeenAndTwiceIsNoError() throws Exception {
    store.put(KEY, text("gone soon"));
    other.delete(KEY);
    other.delete(KEY);
    assertThat(store.head(KEY)).isEmpty();
    assertThat(store.list("", null, 10)).isEmpty();
    store.putIfAbsent(KEY, text("back"));
    assertThat(read(KEY)).isEqualTo("back");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 8 << 20, 12 << 20})
  void anUploadOfAnySizeIsThereOnceCompleted(int size) throws Exception {
    byte[] bytes = random(size);
    try (ArchiveStore.Upload upload = store.startUpload(KEY)) {
      writeInPieces(upload, bytes);
      assertThat(other.head(KEY)).isEmpty();
      assertThat(other.list("", null, 10)).isEmpty();
      StoredObject done = upload.complete();
      assertThat(done.size()).isEqualTo(size);
      assertThat(done.etag()).isEqualTo(other.head(KEY).orElseThrow().etag());
    }
    assertThat(Arrays.equals(StoredBytes.of(other, KEY), bytes)).isTrue();
  }

  @Test
  void theBytesGivenToAnUploadMayBeReused() throws Exception {
    byte[] reused = "first ".getBytes(StandardCharsets.UTF_8);
    try (ArchiveStore.Upload upload = store.startUpload(KEY)) {
      upload.write(reused, 0, 6);
      Arrays.fill(reused, (byte) 'x');
      upload.write(reused, 1, 2);
      upload.complete();
    }
    assertThat(read(KEY)).isEqualTo("first xx");
  }

  @Test
  void anUploadIsPutTogetherOfPartsOfOtherObjectsAndOfNewBytes() throws Exception {
    ObjectKey source = new ObjectKey("nodes/web%201/versions/@/2.tgz");
    byte[] bytes = random(40 << 20);
    store.put(source, Content.of(bytes));
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    int[][] ranges = {{0, 1}, {7, 17 << 20}, {3, 12 << 20}, {100, 0}, {1 << 20, 39 << 20}, {5, 9}};
    try (ArchiveStore.Upload upload = store.startUpload(KEY)) {
      for (int[] range : ranges) {
        upload.copy(source, range[0], range[1]);
        expected.write(bytes, range[0], range[1]);
        upload.write(bytes, 0, 1000);
        expected.write(bytes, 0, 1000);
      }
      assertThat(upload.complete().size()).isEqualTo(expected.size());
    }
    assertThat(Arrays.equals(StoredBytes.of(other, KEY), expected.toByteArray())).isTrue();
  }

  @Test
  void aWholeObjectIsCopiedAndNothingElse() throws Exception {
    ObjectKey source = new ObjectKey("nodes/web-1/versions/2.tgz");
    byte[] bytes = random(20 << 20);
    store.put(source, Content.of(bytes));
    try (ArchiveStore.Upload upload = store.startUpload(KEY)) {
      upload.copy(source, 0, bytes.length);
      upload.complete();
    }
    assertThat(Arrays.equals(StoredBytes.of(other, KEY), bytes)).isTrue();
    assertThat(Arrays.equals(StoredBytes.of(other, source), bytes)).isTrue();
  }

  @Test
  void whatIsNotThereIsNotCopied() throws Exception {
    ObjectKey source = new ObjectKey("nodes/web-1/versions/2.tgz");
    try (ArchiveStore.Upload upload = store.startUpload(KEY)) {
      assertThatThrownBy(() -> upload.copy(source, 0, 1))
          .isInstanceOf(StoreException.NotFound.class);
    }
    store.put(source, Content.of(random(10 << 20)));
    try (ArchiveStore.Upload upload = store.startUpload(KEY)) {
      assertThatThrownBy(() -> upload.copy(source, 1, 10 << 20)).isInstanceOf(EOFException.class);
    }
    assertThat(other.head(KEY)).isEmpty();
  }

  @Test
  void anUploadWritesOverWhatIsThereOnlyAtTheEnd() throws Exception {
    store.put(KEY, text("before"));
    try (ArchiveStore.Upload upload = store.startUpload(KEY)) {
      upload.write("after".getBytes(StandardCharsets.UTF_8), 0, 5);
      assertThat(read(KEY)).isEqualTo("before");
      upload.complete();
    }
    assertThat(read(KEY)).isEqualTo("after");
  }

  @Test
  void anUploadThatIsClosedLeavesNothing() throws Exception {
    try (ArchiveStore.Upload upload = store.startUpload(KEY)) {
      writeInPieces(upload, random(12 << 20));
    }
    assertThat(store.head(KEY)).isEmpty();
    assertThat(store.list("", null, 10)).isEmpty();
  }

  @Test
  void closingAnUploadAfterCompletionLeavesTheObject() throws Exception {
    ArchiveStore.Upload upload = store.startUpload(KEY);
    upload.complete();
    upload.close();
    upload.close();
    assertThat(store.head(KEY)).isPresent();
  }

  @Test
  void anUploadIsGivenUpByItsIdFromAnywhere() throws Exception {
    ArchiveStore.Upload upload = store.startUpload(KEY);
    writeInPieces(upload, random(12 << 20));
    other.abortUpload(KEY, upload.id());
    other.abortUpload(KEY, upload.id());
    assertThatThrownBy(upload::complete).isInstanceOf(StoreException.class);
    upload.close();
    assertThat(store.head(KEY)).isEmpty();
  }

  @Test
  void givingUpAnUnknownOrCompletedUploadIsNoError() throws Exception {
    store.abortUpload(KEY, "no-such-upload");
    store.abortUpload(KEY, "../../etc");
    try (ArchiveStore.Upload upload = store.startUpload(KEY)) {
      upload.complete();
      store.abortUpload(KEY, upload.id());
    }
    assertThat(store.head(KEY)).isPresent();
  }

  @Test
  void twoUploadsOfOneKeyDoNotMix() throws Exception {
    try (ArchiveStore.Upload one = store.startUpload(KEY);
        ArchiveStore.Upload two = other.startUpload(KEY)) {
      assertThat(one.id()).isNotEqualTo(two.id());
      one.write("one".getBytes(StandardCharsets.UTF_8), 0, 3);
      two.write("two".getBytes(StandardCharsets.UTF_8), 0, 3);
      two.complete();
    }
    assertThat(read(KEY)).isEqualTo("two");
  }

  private ArchiveStore remember(ArchiveStore handle) {
    opened.add(handle);
    return handle;
  }

  private ArchiveStore handle(int racer) {
    return racer % 2 == 0 ? store : other;
  }

  private interface Write {
    StoredObject by(int racer) throws IOException;
  }

  private static List<String> race(Write write) throws Exception {
    CyclicBarrier start = new CyclicBarrier(RACERS);
    ExecutorService threads = Executors.newFixedThreadPool(RACERS);
    try {
      List<Future<Boolean>> won = new ArrayList<>();
      for (int i = 0; i < RACERS; i++) {
        int racer = i;
        won.add(threads.submit(racing(start, () -> write.by(racer))));
      }
      List<String> winners = new ArrayList<>();
      for (int i = 0; i < RACERS; i++) {
        if (won.get(i).get()) {
          winners.add("writer " + i);
        }
      }
      return winners;
    } finally {
      threads.shutdownNow();
    }
  }

  private static Callable<Boolean> racing(CyclicBarrier start, Callable<StoredObject> write) {
    return () -> {
      start.await();
      try {
        write.call();
        return true;
      } catch (StoreException.ConditionFailed lost) {
        return false;
      }
    };
  }

  private List<String> pagedBy(int most) throws IOException {
    List<String> all = new ArrayList<>();
    List<StoredObject> page = store.list("", null, most);
    while (!page.isEmpty()) {
      all.addAll(keys(page));
      page = store.list("", page.get(page.size() - 1).key(), most);
    }
    return all;
  }

  private static List<String> keys(List<StoredObject> objects) {
    return objects.stream().map(object -> object.key().value()).toList();
  }

  private String range(long offset, long length) throws IOException {
    try (InputStream in = store.read(KEY, offset, length)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private String read(ObjectKey key) throws IOException {
    return new String(StoredBytes.of(other, key), StandardCharsets.UTF_8);
  }

  private static void writeInPieces(ArchiveStore.Upload upload, byte[] bytes)
      throws StoreException {
    int piece = 1_000_003; // no divisor of any part size
    for (int at = 0; at < bytes.length; at += piece) {
      upload.write(bytes, at, Math.min(piece, bytes.length - at));
    }
  }

  private static Content text(String text) {
    return Content.of(text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }
}
