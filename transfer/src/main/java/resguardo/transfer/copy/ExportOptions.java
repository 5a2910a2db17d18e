package resguardo.transfer.copy;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import resguardo.core.NodeName;
import resguardo.core.SourcePath;

/**
 * What is to be copied, and how.
 *
 * @param node absent: of all nodes
 * @param path of the node; absent: all its paths
 * @param last how many of the newest versions of each; absent: all
 * @param bandwidth bytes a second at the most; absent: as many as there can be
 * @param lock for how long what is copied is locked at the target; absent: it is not
 * @param prune what becomes of versions that the source has no more; absent: they stay
 * @param parallel how many registrations are copied at once, 1 to {@link #MOST_PARALLEL}
 */
public record ExportOptions(
    @Nullable NodeName node,
    @Nullable SourcePath path,
    @Nullable Integer last,
    @Nullable Long bandwidth,
    @Nullable Duration lock,
    @Nullable Prune prune,
    int parallel) {
  /** Fills a line on which answers take long, without being felt by others at a store. */
  public static final int PARALLEL = 4;

  /** More connections than these some stores refuse. */
  public static final int MOST_PARALLEL = 64;

  /** Everything, as fast as it can be. */
  public static final ExportOptions ALL =
      new ExportOptions(null, null, null, null, null, null, PARALLEL);

  /**
   * How versions are removed at the target.
   *
   * @param grace how long they stay after it was first seen that the source has them no more
   * @param any whether more than half of what a registration has may go
   */
  public record Prune(Duration grace, boolean any) {}

  public ExportOptions {
    if (path != null && node == null) {
      throw new IllegalArgumentException("a path is of a node, and none is named");
    }
    if (last != null && last < 1) {
      throw new IllegalArgumentException("the newest versions are 1 or more: " + last);
    }
    if (bandwidth != null && bandwidth < 1) {
      throw new IllegalArgumentException("a bandwidth is 1 byte a second or more: " + bandwidth);
    }
    if (parallel < 1 || parallel > MOST_PARALLEL) {
      throw new IllegalArgumentException(
          "at once are copied 1 to " + MOST_PARALLEL + " registrations: " + parallel);
    }
  }
}
