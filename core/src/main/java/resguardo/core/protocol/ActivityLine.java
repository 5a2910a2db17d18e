package resguardo.core.protocol;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import resguardo.core.JobId;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.Role;
import resguardo.core.SourcePath;

/**
 * One thing that a process did.
 *
 * @param node absent where it is about none
 * @param path absent where it is about none
 * @param job absent where it is about none
 * @param what in words, on one line
 */
public record ActivityLine(
    Instant time,
    Peer by,
    @Nullable NodeName node,
    @Nullable SourcePath path,
    @Nullable JobId job,
    String what) {
  /** Whether it is for whoever tells it to tell: an agent speaks of its own node alone. */
  public boolean mayBeTold() {
    return by.role() != Role.AGENT || node == null || Peer.agent(node).equals(by);
  }
}
