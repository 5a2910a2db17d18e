package resguardo.core.protocol;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Instant;
import resguardo.core.Peer;

/** What all processes are told at once. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({@JsonSubTypes.Type(value = Control.Shutdown.class, name = "shutdown")})
public sealed interface Control {
  /**
   * Who says so: the coordinator; a receiver checks it against the routing key, and takes it from
   * no other role.
   */
  Peer by();

  /**
   * Finish or hand back what is under way, then end with exit code 0.
   *
   * @param deadline a process that takes it after this drops it: it was started later
   */
  record Shutdown(Peer by, Instant deadline) implements Control {}
}
