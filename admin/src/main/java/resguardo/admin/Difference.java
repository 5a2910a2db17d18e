package resguardo.admin;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import resguardo.core.version.Entry;

/**
 * What became of an entry from one version to another.
 *
 * @param before absent: it was not there
 * @param after absent: it is gone
 */
public record Difference(Change change, @Nullable Entry before, @Nullable Entry after) {
  /** What changed. */
  public enum Change {
    @JsonProperty("new")
    NEW('+'),
    @JsonProperty("gone")
    GONE('-'),
    @JsonProperty("content")
    CONTENT('M'),
    @JsonProperty("metadata")
    METADATA('m');

    private final char mark;

    Change(char mark) {
      this.mark = mark;
    }

    /** As it is shown to people. */
    public char mark() {
      return mark;
    }
  }

  static Difference between(Entry before, Entry after) {
    boolean sameContent =
        before.type() == after.type()
            && before.size() == after.size()
            && Objects.equals(before.digest(), after.digest())
            && Objects.equals(before.link(), after.link());
    return new Difference(sameContent ? Change.METADATA : Change.CONTENT, before, after);
  }
}
