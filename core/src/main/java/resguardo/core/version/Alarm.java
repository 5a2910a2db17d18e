package resguardo.core.version;

import com.fasterxml.jackson.annotation.JsonEnumDefaultValue;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import resguardo.core.Serial;

/**
 * Why a version may be one of a disaster that nobody has seen yet. Part of its manifest, and so as
 * durable as the version. It stands open until an operator says that all is well ({@link
 * resguardo.core.catalog.Alarms}); until then versions up to this one are not to be expired ({@link
 * resguardo.core.catalog.ExpiryHold}). Backups go on meanwhile.
 *
 * <p>A sign counts from a percentage on that is the registration's own ({@link
 * resguardo.core.AlarmLimits}), and only where it is about {@link #FEW} files or {@link #LITTLE}
 * bytes at least: what is less is a few files of a small folder. Fields and signs of a later
 * program are passed over.
 *
 * @param against number of the version that it was compared with
 * @param signs what was seen, one at least
 * @param filesBefore files of that version
 * @param filesNow files of this one; what cannot be read any more is none
 * @param bytesBefore their content, as of {@link Totals}
 * @param bytesNow likewise
 * @param filesChanged contents of files that are in it no more, and in whose place others are,
 *     under the same names or not. Not those that are elsewhere now, or that have grown as a log
 *     does. Also contents that are said to be as before, and have come again all the same. 0 also
 *     where it was not counted, because it could not be many
 * @param filesIncompressible files that could be compressed, and cannot any more: those of names
 *     that stayed, or got something appended, and of the others as many as could be
 * @param bytesIncompressible content of those whose names stayed or got something appended
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Alarm(
    Serial against,
    @JsonFormat(with = JsonFormat.Feature.READ_UNKNOWN_ENUM_VALUES_USING_DEFAULT_VALUE)
        List<Sign> signs,
    long filesBefore,
    long filesNow,
    long bytesBefore,
    long bytesNow,
    long filesChanged,
    long filesIncompressible,
    long bytesIncompressible) {
  /** So many files at least: fewer are changed or deleted by hand within a moment. */
  public static final int FEW = 20;

  /** So many bytes at least, where files are not counted but weighed: a dump, an image. */
  public static final long LITTLE = 16L * 1024 * 1024;

  private static final double PERCENT = 100;

  /** One of the things that were seen. */
  public enum Sign {
    /** Much of it is gone, by files or by bytes. */
    @JsonProperty("shrunk")
    SHRUNK,
    /** Something else is there in the place of many files. */
    @JsonProperty("changed")
    CHANGED,
    /** Much could be compressed and cannot any more, as what is encrypted. */
    @JsonProperty("entropy")
    ENTROPY,
    /**
     * The two could not be compared, as one of them cannot be read: what is in it may be anything.
     */
    @JsonProperty("uncompared")
    UNCOMPARED,
    /** One that a later program has seen. */
    @JsonEnumDefaultValue
    @JsonProperty("other")
    OTHER;

    /** As it is written. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Alarm {
    signs = List.copyOf(signs);
    if (signs.isEmpty()) {
      throw new IllegalArgumentException("an alarm without a sign");
    }
  }

  /** What was seen, for people, in one line. */
  public String text() {
    List<String> said = new ArrayList<>();
    for (Sign sign : signs) {
      said.add(
          switch (sign) {
            case SHRUNK ->
                String.format(
                    Locale.ROOT,
                    "%d of %d files and %d of %d bytes are left",
                    filesNow,
                    filesBefore,
                    bytesNow,
                    bytesBefore);
            case CHANGED ->
                String.format(
                    Locale.ROOT,
                    "%d of %d files have other content (%.0f %%)",
                    filesChanged,
                    filesBefore,
                    percent(filesChanged, filesBefore));
            case ENTROPY ->
                String.format(
                    Locale.ROOT,
                    "%d files (%.0f %%) could be compressed and cannot any more, as if they were encrypted",
                    filesIncompressible,
                    percent(filesIncompressible, filesBefore));
            case UNCOMPARED -> "it could not be compared, as one of the two cannot be read";
            case OTHER -> "something that this program does not know";
          });
    }
    return "against version " + against + ": " + String.join("; ", said);
  }

  private static double percent(long part, long whole) {
    return whole == 0 ? 0 : Math.min(PERCENT, PERCENT * part / whole);
  }
}
