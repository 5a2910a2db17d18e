package resguardo.core.catalog;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import resguardo.core.Peer;
import resguardo.core.RawPath;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.Serial;
import resguardo.core.Texts;

/**
 * What drills have shown: whether versions of a registration can be restored. Written by the worker
 * that made the last one, before it tells anyone.
 *
 * @param version of this form: 1
 * @param last the last drill that came to a result
 * @param proven the last that was good, perhaps of an older version; absent: none was
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Proof(int version, RegistrationKey registration, Drill last, @Nullable Drill proven) {
  /** The form that is written. */
  public static final int VERSION = 1;

  /** How much of a version a drill looked at. */
  public enum Extent {
    /** All of it. */
    @JsonProperty("whole")
    WHOLE,
    /** A part of its content; all of its manifest. */
    @JsonProperty("sample")
    SAMPLE
  }

  /**
   * A drill that came to a result.
   *
   * @param id of the order for it
   * @param serial of the version
   * @param ordered when it was, by the clock of the coordinator: what it shows is not older
   * @param ended by the clock of the worker
   * @param opened whether content was looked at, as a restore has it; if not, it is encrypted, and
   *     the drill shows that the archives are as they were stored
   * @param entries that came out as the manifest says; of what was not opened, all that the
   *     manifest has
   * @param bytes that were compared: of content, or, where it was not opened, of archives
   * @param problems why it is not good, one sentence each, the first ones; absent: it is good
   * @param more how many problems there are beyond these; absent: none
   * @param after of a sample: the last name before it; absent: it began with the first
   * @param upTo of a sample: the last name that was looked at; absent: the last of all
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Drill(
      ReplyId id,
      Serial serial,
      Instant ordered,
      Instant ended,
      Peer worker,
      Extent extent,
      boolean opened,
      long entries,
      long bytes,
      @Nullable List<String> problems,
      @Nullable Long more,
      @Nullable RawPath after,
      @Nullable RawPath upTo) {
    private static final int MOST_PROBLEMS = 10;

    /** A place in a version is remembered as exactly as fits beside all else. */
    private static final int LONGEST_NAME = 512;

    public Drill {
      more = more == null || more == 0 ? null : more;
      after = cut(after);
      upTo = cut(upTo);
      if (problems != null && problems.size() > MOST_PROBLEMS) {
        more = (more == null ? 0 : more) + problems.size() - MOST_PROBLEMS;
      }
      problems =
          problems == null || problems.isEmpty()
              ? null
              : problems.stream().limit(MOST_PROBLEMS).map(Texts::shown).toList();
    }

    /** What comes after a name comes after how it begins, too. */
    private static @Nullable RawPath cut(@Nullable RawPath name) {
      return name == null || name.length() <= LONGEST_NAME
          ? name
          : RawPath.ofBytes(Arrays.copyOf(name.bytes(), LONGEST_NAME));
    }

    /** Whether all that was looked at is as it should be. */
    public boolean good() {
      return problems == null;
    }
  }

  /** What is to stand there after another drill. */
  public static Proof after(@Nullable Proof before, RegistrationKey registration, Drill drill) {
    Drill proven = drill.good() ? drill : before == null ? null : before.proven();
    return new Proof(VERSION, registration, drill, proven);
  }
}
