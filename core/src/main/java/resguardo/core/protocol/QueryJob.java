package resguardo.core.protocol;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;
import resguardo.core.BackupOptions;
import resguardo.core.RawPath;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.Serial;
import resguardo.core.version.VersionHeader;

/**
 * The work of sending one version to whoever asked, over {@code jobs.restore}. The coordinator has
 * found the version; the worker that takes this streams it to {@code replyTo}, beginning with
 * {@link StreamMessage.QueryOpened}.
 *
 * @param what of the version is wanted
 * @param entries only these entries, with what is below them: see {@link Command.Query}; absent:
 *     all
 * @param packing of the archive that is sent; absent: gzip
 * @param to where the archive is restored instead of being sent to {@code replyTo}, which is told
 *     how far it is and how it ended ({@link StreamMessage.Restored}); absent: nowhere
 * @param replyTo where to; of a drill, of which nobody is told but by events, its id
 * @param drill how a drill is to be made; absent: it is none
 * @param asker the user of the broker who asked for it, as far as the broker vouched for one: no
 *     user keeps others from being served
 */
public record QueryJob(
    RegistrationKey registration,
    Serial serial,
    What what,
    @Nullable List<RawPath> entries,
    @Nullable Packing packing,
    @Nullable RestoreTarget to,
    ReplyId replyTo,
    @Nullable DrillOrder drill,
    @Nullable String asker) {
  /** That is no drill. */
  public QueryJob(
      RegistrationKey registration,
      Serial serial,
      What what,
      @Nullable List<RawPath> entries,
      @Nullable Packing packing,
      @Nullable RestoreTarget to,
      ReplyId replyTo) {
    this(registration, serial, what, entries, packing, to, replyTo, null, null);
  }

  /** A drill. */
  public static QueryJob drill(
      RegistrationKey registration, Serial serial, ReplyId id, DrillOrder order) {
    return new QueryJob(registration, serial, What.DRILL, null, null, null, id, order, null);
  }

  /** The same, asked for by this user of the broker. */
  public QueryJob askedBy(@Nullable String user) {
    return new QueryJob(registration, serial, what, entries, packing, to, replyTo, drill, user);
  }

  public QueryJob {
    if ((what == What.DRILL) != (drill != null)) {
      throw new IllegalArgumentException("a drill, and only a drill, says how it is to be made");
    }
    entries = entries == null || entries.isEmpty() ? null : List.copyOf(entries);
  }

  /** How an archive is to come. */
  public enum Packing {
    /** As a {@code .tgz}. */
    @JsonProperty("gzip")
    GZIP,
    /** As a {@code .tar.zst}. */
    @JsonProperty("zstd")
    ZSTD,
    /** As one of the two: that which costs the worker the least. */
    @JsonProperty("asStored")
    AS_STORED;

    /**
     * Whether it is kept as a file, which any tar may take apart: one that is restored at once is
     * looked at as that is done.
     */
    public boolean isForOthers() {
      return this != AS_STORED;
    }

    /** What is meant where nothing is said. */
    public static Packing orGzip(@Nullable Packing packing) {
      return packing == null ? GZIP : packing;
    }

    /** The codec that the archive of this version is to have. */
    public BackupOptions.Codec codec(VersionHeader header) {
      boolean stored = this == AS_STORED && !header.archives().isEmpty();
      return stored
          ? header.archives().get(0).form().codec()
          : this == ZSTD ? BackupOptions.Codec.ZSTD : BackupOptions.Codec.GZIP;
    }
  }

  /** What of a version can be asked for. */
  public enum What {
    /** A complete archive of it. */
    @JsonProperty("archive")
    ARCHIVE,
    /** The lines of its manifest, as ENTRIES chunks. */
    @JsonProperty("entries")
    ENTRIES,
    /**
     * Whether its manifest adds up and its archives are there, as long as they should be: {@link
     * StreamMessage.Verified}.
     */
    @JsonProperty("check")
    CHECK,
    /** The same, and whether every byte of every file is what its digest says. */
    @JsonProperty("read")
    READ,
    /**
     * Its entries with their members as they lie, as ARCHIVE chunks: for whoever can open what is
     * encrypted.
     */
    @JsonProperty("members")
    MEMBERS,
    /** Nothing: it is tried whether it can be restored, and the result is kept in the bucket. */
    @JsonProperty("drill")
    DRILL
  }
}
