package resguardo.core.protocol;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Instant;
import resguardo.core.Serial;

/** Which version of a registration is meant, where it is not the latest. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = VersionChoice.Numbered.class, name = "numbered"),
  @JsonSubTypes.Type(value = VersionChoice.AsOf.class, name = "asOf")
})
public sealed interface VersionChoice {
  /** The version of this number. */
  record Numbered(Serial serial) implements VersionChoice {}

  /** The newest version whose slot is not after this time: what the path was known to be then. */
  record AsOf(Instant time) implements VersionChoice {}
}
