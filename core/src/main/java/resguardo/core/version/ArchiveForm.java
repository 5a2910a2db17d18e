package resguardo.core.version;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import resguardo.core.BackupOptions;
import resguardo.core.Texts;

/**
 * How an archive's bytes were made, so that the same input can be made into the same bytes again.
 *
 * @param codec of its members
 * @param deflater which implementation compressed, with its version where it tells: {@code
 *     jdk-zlib}; {@link #MERGED} for one whose members were moved from others, as they were
 * @param level of compression, as the codec counts
 * @param encryptedTo age public keys, one of which opens it: each member is an age file with a
 *     member of the codec in it; absent: it is not encrypted
 */
public record ArchiveForm(
    BackupOptions.Codec codec, String deflater, int level, @Nullable List<String> encryptedTo) {
  /** Stands for the deflaters of the archives that one was merged of. */
  public static final String MERGED = "merged";

  /** Stands in each header that names the archive, and is shown. */
  private static final Pattern DEFLATER = Pattern.compile("[ -~]{1,100}");

  public ArchiveForm {
    if (!DEFLATER.matcher(deflater).matches()) {
      throw new IllegalArgumentException("no name of a deflater: " + Texts.shown(deflater));
    }
    encryptedTo =
        encryptedTo == null || encryptedTo.isEmpty()
            ? null
            : encryptedTo.stream().distinct().toList();
  }

  /** Of one that is not encrypted. */
  public ArchiveForm(BackupOptions.Codec codec, String deflater, int level) {
    this(codec, deflater, level, null);
  }

  /** The same, encrypted to these. */
  public ArchiveForm encrypted(List<String> recipients) {
    return new ArchiveForm(codec, deflater, level, recipients);
  }

  /** Whether it is encrypted to these and nobody else; none: whether it is not encrypted. */
  public boolean isEncryptedTo(Collection<String> recipients) {
    return Set.copyOf(recipients()).equals(Set.copyOf(recipients));
  }

  /** Those that it is encrypted to; none: it is not encrypted. */
  @JsonIgnore
  public List<String> recipients() {
    return encryptedTo == null ? List.of() : encryptedTo;
  }

  /** Whether members of the one may stand beside those of the other in one archive. */
  public boolean mixesWith(ArchiveForm other) {
    return codec == other.codec && isEncryptedTo(other.recipients());
  }

  /** Whether it has nothing that other archives had not. */
  @JsonIgnore
  public boolean isMerged() {
    return MERGED.equals(deflater);
  }
}
