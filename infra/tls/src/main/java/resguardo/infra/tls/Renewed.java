package resguardo.infra.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is made of files, and made anew when they have changed. While they cannot be used, as in the
 * middle of a renewal, what was made before stays. For any threads.
 */
final class Renewed<T> {
  /** A look costs a call for each file; a renewal may be noticed as late. */
  static final Duration LOOK = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(Renewed.class);

  private final List<Path> files;
  private final Maker<T> maker;
  private final LongSupplier nanos;
  private List<Object> state;
  private T value;
  private long looked;

  /** Makes it of the files as they are now. */
  interface Maker<T> {
    /**
     * Makes it.
     *
     * @throws IOException when they cannot be used
     */
    T make() throws IOException;
  }

  /**
   * Makes it for the first time.
   *
   * @throws IOException when the files cannot be used
   */
  Renewed(List<Path> files, Maker<T> maker, LongSupplier nanos) throws IOException {
    this.files = files;
    this.maker = maker;
    this.nanos = nanos;
    this.state = look();
    this.value = maker.make();
    this.looked = nanos.getAsLong();
  }

  synchronized T get() {
    long now = nanos.getAsLong();
    if (now - looked >= LOOK.toNanos()) {
      looked = now;
      renew();
    }
    return value;
  }

  private void renew() {
    try {
      List<Object> seen = look();
      if (!seen.equals(state)) {
        value = maker.make();
        state = seen;
        LOG.info("taken up anew: {}", files);
      }
    } catch (IOException e) {
      LOG.warn("what was read before is used on: {}", e.getMessage());
    }
  }

  private List<Object> look() throws IOException {
    List<Object> seen = new ArrayList<>();
    for (Path file : files) {
      BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
      seen.add(List.of(found.lastModifiedTime(), found.size(), String.valueOf(found.fileKey())));
    }
    return seen;
  }
}
