package resguardo.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Trees that change in place while they are backed up; some of them never do. */
final class SoakFiles implements AutoCloseable {
  private static final int FIRST_FILES = 6;
  private static final int LARGEST = 32 * 1024;

  /** So many of so many trees stay as they are. */
  private static final int ONE_STILL_OF = 5;

  private final List<Path> trees;
  private final Random random;
  private final long pauseMillis;
  private final Thread thread = new Thread(this::run, "changes");
  private volatile boolean over;
  private volatile long changes;
  private volatile @org.jspecify.annotations.Nullable Exception broken;
  private int named;

  /**
   * @param seed of what changes, and how
   * @param perSecond changes of all trees together
   */
  SoakFiles(List<Path> trees, long seed, int perSecond) {
    this.trees = trees;
    this.random = new Random(seed);
    this.pauseMillis = 1000 / perSecond;
  }

  /** Fills all trees. */
  void fill() throws IOException {
    for (Path tree : trees) {
      Files.createDirectories(tree.resolve("sub"));
      for (int i = 0; i < FIRST_FILES; i++) {
        create(tree);
      }
    }
  }

  /** Begins to change them. */
  void begin() {
    thread.start();
  }

  /** How many changes there were. */
  long changes() {
    return changes;
  }

  private void run() {
    try {
      while (!over) {
        int index = random.nextInt(trees.size());
        if (index % ONE_STILL_OF != 0) {
          change(trees.get(index));
          changes++;
        }
        Thread.sleep(pauseMillis);
      }
    } catch (IOException e) {
      broken = e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void change(Path tree) throws IOException {
    List<Path> files = files(tree);
    if (files.isEmpty()) {
      create(tree);
      return;
    }
    Path file = files.get(random.nextInt(files.size()));
    switch (random.nextInt(5)) {
      case 0 -> Files.write(file, some(LARGEST / 8), StandardOpenOption.APPEND);
      case 1 -> Files.write(file, bytes((int) Files.size(file))); // as long as before
      case 2 -> Files.move(file, fresh(tree));
      case 3 -> Files.delete(file);
      default -> create(tree);
    }
  }

  private void create(Path tree) throws IOException {
    Files.write(fresh(tree), some(LARGEST));
  }

  private Path fresh(Path tree) {
    return tree.resolve(random.nextBoolean() ? "sub" : "").resolve("file-" + named++);
  }

  private byte[] some(int atMost) {
    return bytes(1 + random.nextInt(atMost));
  }

  private byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    return bytes;
  }

  private static List<Path> files(Path tree) {
    try (Stream<Path> all = Files.walk(tree)) {
      return all.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Ends the changes: what is there on return stays.
   *
   * @throws IllegalStateException when they could not be made
   */
  @Override
  public void close() throws InterruptedException {
    over = true;
    thread.join();
    if (broken != null) {
      throw new IllegalStateException("files could not be changed", broken);
    }
  }
}
