package resguardo.core;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;
import java.util.Locale;

/** What somebody may ask for. Each holds those before it. */
public enum Permission {
  /** To see how all stands, and to get what is stored. */
  @JsonProperty("read")
  READ,
  /** To change what is backed up, to restore onto nodes, to stop all. */
  @JsonProperty("write")
  WRITE,
  /** To say who may do what. */
  @JsonProperty("administer")
  ADMINISTER;

  /**
   * The one of this word.
   *
   * @throws IllegalArgumentException when there is none
   */
  public static Permission parse(String word) {
    return Arrays.stream(values())
        .filter(permission -> permission.word().equals(word))
        .findAny()
        .orElseThrow(() -> new IllegalArgumentException("read or write, and not this"));
  }

  /** Whether whoever has this one may do what takes that one. */
  public boolean covers(Permission needed) {
    return compareTo(needed) >= 0;
  }

  /** As it is written. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
