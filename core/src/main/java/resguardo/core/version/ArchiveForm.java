package resguardo.core.version;

import com.fasterxml.jackson.annotation.JsonIgnore;
import resguardo.core.BackupOptions;

/**
 * How an archive's bytes were made, so that the same input can be made into the same bytes again.
 *
 * @param codec of its members
 * @param deflater which implementation compressed, with its version where it tells: {@code
 *     jdk-zlib}; {@link #MERGED} for one whose members were moved from others, as they were
 * @param level of compression, as the codec counts
 */
public record ArchiveForm(BackupOptions.Codec codec, String deflater, int level) {
  /** Stands for the deflaters of the archives that one was merged of. */
  public static final String MERGED = "merged";

  /** Whether members of the one may stand beside those of the other in one archive. */
  public boolean mixesWith(ArchiveForm other) {
    return codec == other.codec;
  }

  /** Whether it has nothing that other archives had not. */
  @JsonIgnore
  public boolean isMerged() {
    return MERGED.equals(deflater);
  }
}
