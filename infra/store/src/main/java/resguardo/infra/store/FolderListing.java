package resguardo.infra.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoredObject;

/**
 * A walk over a folder in the order of the keys, that enters no folder in which nothing is asked
 * for. A folder sorts as its name with a slash: so {@code a-b} comes before {@code a/b}.
 */
final class FolderListing {
  private final Path root;
  private final String prefix;
  private final String after;
  private final int most;
  private final List<StoredObject> found = new ArrayList<>();

  private FolderListing(Path root, String prefix, String after, int most) {
    this.root = root;
    this.prefix = prefix;
    this.after = after;
    this.most = most;
  }

  static List<StoredObject> of(Path root, String prefix, @Nullable ObjectKey after, int most)
      throws IOException {
    FolderListing listing =
        new FolderListing(root, prefix, after == null ? "" : after.value(), most);
    listing.walk(root, "");
    return List.copyOf(listing.found);
  }

  private void walk(Path folder, String keyOfFolder) throws IOException {
    for (String name : sortedNames(folder, keyOfFolder)) {
      if (found.size() == most) {
        return;
      }
      String key = keyOfFolder + name;
      if (name.endsWith("/")) {
        walk(root.resolve(key), key);
      } else {
        FolderFiles.known(root.resolve(key), new ObjectKey(key)).ifPresent(found::add);
      }
    }
  }

  private List<String> sortedNames(Path folder, String keyOfFolder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> !file.getFileName().toString().equals(FolderFiles.HIDDEN))
          .map(FolderListing::name)
          .filter(name -> asked(keyOfFolder + name))
          .sorted()
          .toList();
    } catch (NoSuchFileException | NotDirectoryException gone) {
      return List.of(); // deleted since the folder above was read
    }
  }

  private static String name(Path file) {
    boolean folder = Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS);
    return file.getFileName() + (folder ? "/" : "");
  }

  private boolean asked(String key) {
    if (key.endsWith("/")) {
      boolean mayHoldPrefix = key.startsWith(prefix) || prefix.startsWith(key);
      return mayHoldPrefix && (key.compareTo(after) > 0 || after.startsWith(key));
    }
    return key.startsWith(prefix) && key.compareTo(after) > 0;
  }
}
