package resguardo.core;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import resguardo.core.port.Sender;

/**
 * An operator's word that no backup is to begin.
 *
 * @param node absent: of all nodes
 * @param path of the node; absent: of all its paths
 * @param since when it was said, whole seconds
 * @param until when it ends by itself; absent: when it is resumed
 * @param why for those who wonder; absent: not said
 * @param by whose word it is
 */
public record Pause(
    @Nullable NodeName node,
    @Nullable SourcePath path,
    Instant since,
    @Nullable Instant until,
    @Nullable String why,
    Sender by) {
  private static final int LONGEST_REASON = 500;

  public Pause {
    since = since.truncatedTo(ChronoUnit.SECONDS);
    until = until == null ? null : until.truncatedTo(ChronoUnit.SECONDS);
    if (path != null && node == null) {
      throw new IllegalArgumentException("a path is of a node, and none is named");
    }
    if (why != null && why.length() > LONGEST_REASON) {
      throw new IllegalArgumentException("a reason has at most " + LONGEST_REASON + " characters");
    }
  }

  /** Whether it is for just this. */
  public boolean isFor(@Nullable NodeName ofNode, @Nullable SourcePath ofPath) {
    return Objects.equals(node, ofNode) && Objects.equals(path, ofPath);
  }

  /** Whether it keeps this from beginning at this time. */
  public boolean holds(RegistrationKey key, Instant now) {
    return (node == null || node.equals(key.node()))
        && (path == null || path.equals(key.path()))
        && !isOver(now);
  }

  /** Whether it has ended by itself. */
  public boolean isOver(Instant now) {
    return until != null && !until.isAfter(now);
  }

  /** What it is for, in words. */
  public String scope() {
    if (node == null) {
      return "all nodes";
    }
    return path == null ? "node " + node : node + ":" + path;
  }
}
