package resguardo.infra.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.testkit.store.ArchiveStoreContract;

final class FolderArchiveStoreTest extends ArchiveStoreContract {
  @TempDir Path folder;

  @Override
  protected ArchiveStore open() {
    return new FolderArchiveStore(folder.resolve("store"));
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  void aFolderThatItMakesIsForItsOwnerAloneAndOneThatWasThereStaysAsItIs() throws Exception {
    Path above = folder.resolve("above");
    new FolderArchiveStore(above.resolve("new")).prepare();
    assertThat(mode(above)).isEqualTo("rwx------");
    assertThat(mode(above.resolve("new"))).isEqualTo("rwx------");

    Path shared = Files.createDirectory(folder.resolve("shared"));
    Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwx---"));
    new FolderArchiveStore(shared).prepare();
    assertThat(mode(shared)).isEqualTo("rwxrwx---");
    assertThat(mode(shared.resolve(FolderFiles.HIDDEN)))
        .as("by the umask, as others may share it")
        .isEqualTo(mode(Files.createDirectory(folder.resolve("plain"))));
  }

  @Test
  void aLinkToAFolderIsAStore() throws Exception {
    Path disk = Files.createDirectory(folder.resolve("disk"));
    ArchiveStore store =
        new FolderArchiveStore(Files.createSymbolicLink(folder.resolve("link"), disk));
    store.prepare();
    store.put(new ObjectKey("a/b"), Content.of(new byte[3]));
    assertThat(disk.resolve("a/b")).hasSize(3);
  }

  @Test
  void nothingIsLeftOfAWriteThatWasRefused() throws Exception {
    ArchiveStore store = open();
    ObjectKey key = new ObjectKey("a/b");
    store.put(key, Content.of(new byte[3]));
    assertThatThrownBy(() -> store.putIfAbsent(key, Content.of(new byte[5])))
        .isInstanceOf(StoreException.ConditionFailed.class);
    store.delete(key);
    try (Stream<Path> files = Files.walk(folder.resolve("store"))) {
      List<String> left =
          files.filter(Files::isRegularFile).map(f -> f.getFileName() + "").toList();
      assertThat(left).containsExactly("lock");
    }
    assertThat(folder.resolve("store/a")).doesNotExist();
  }

  @Test
  void anObjectIsNotAFolderOfOthers() throws Exception {
    ArchiveStore store = open();
    store.put(new ObjectKey("a"), Content.of(new byte[3]));
    assertThat(store.head(new ObjectKey("a/b"))).isEmpty();
    assertThatThrownBy(() -> store.put(new ObjectKey("a/b"), Content.of(new byte[3])))
        .isInstanceOf(StoreException.class);
    assertThat(store.head(new ObjectKey("a"))).isPresent();
  }
}
