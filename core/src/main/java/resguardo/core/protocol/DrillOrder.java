package resguardo.core.protocol;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import resguardo.core.RawPath;

/**
 * How a drill is to be made, which tries whether a version can be restored.
 *
 * @param ordered when, by the clock of the coordinator
 * @param byOperator whether somebody asked for it: then it is served as a query is. If not, it
 *     gives way to all else that a worker has to do, and is not made again by itself
 * @param readBytes how much content is read at the most, 1 or more
 * @param after the last name that the sample before had; absent: it begins with the first
 * @param known the etag of what was known of drills when it was ordered; absent: nothing was
 */
public record DrillOrder(
    Instant ordered,
    boolean byOperator,
    long readBytes,
    @Nullable RawPath after,
    @Nullable String known) {
  public DrillOrder {
    if (readBytes < 1) {
      throw new IllegalArgumentException("a drill reads 1 byte or more: " + readBytes);
    }
  }
}
