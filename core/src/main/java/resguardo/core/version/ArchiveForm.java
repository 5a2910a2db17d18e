package resguardo.core.version;

import com.fasterxml.jackson.annotation.JsonIgnore;

/**
 * How an archive's bytes were made, so that the same input can be made into the same bytes again.
 *
 * @param codec {@code gzip}
 * @param deflater which implementation compressed, with its version where it tells: {@code
 *     jdk-zlib}; {@link #MERGED} for one whose members were moved from others, as they were
 * @param level of compression, 1 to 9
 */
public record ArchiveForm(String codec, String deflater, int level) {
  /** Stands for the deflaters of the archives that one was merged of. */
  public static final String MERGED = "merged";

  /** Whether it has nothing that other archives had not. */
  @JsonIgnore
  public boolean isMerged() {
    return MERGED.equals(deflater);
  }
}
