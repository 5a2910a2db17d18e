package resguardo.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;

/** A small object is read while others write it. */
class ReadAllTest {
  private static final ObjectKey KEY = new ObjectKey("status/one");

  private final FaultyStore store = new FaultyStore(new MemoryArchiveStore());

  private static Content text(String text) {
    return Content.of(text.getBytes(StandardCharsets.UTF_8));
  }

  /** As S3 tells a reader who has seen one content and is to get another. */
  private void replaceBeforeTheNextReading(String text) {
    store.beforeRead(
        KEY,
        () -> {
          store.put(KEY, text(text));
          throw new StoreException.ConditionFailed("planned", null);
        });
  }

  @Test
  void anObjectThatIsReplacedWhileItIsReadIsReadAnew() throws Exception {
    store.put(KEY, text("old"));
    replaceBeforeTheNextReading("new");
    assertThat(new String(StoredBytes.of(store, KEY), StandardCharsets.UTF_8)).isEqualTo("new");
  }

  @Test
  void anObjectThatChangesAllTheTimeIsToldInTheEnd() throws Exception {
    store.put(KEY, text("old"));
    for (int i = 0; i < ArchiveStore.READS_OF_WHAT_CHANGES; i++) {
      replaceBeforeTheNextReading("new " + i);
    }
    assertThatThrownBy(() -> StoredBytes.of(store, KEY))
        .isInstanceOf(StoreException.ConditionFailed.class);
  }
}
