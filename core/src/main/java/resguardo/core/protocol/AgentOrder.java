package resguardo.core.protocol;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import resguardo.core.BackupOptions;
import resguardo.core.FetchJob;
import resguardo.core.RawPath;
import resguardo.core.ReplyId;
import resguardo.core.Sha256;
import resguardo.core.SliceLimit;

/** What an agent is told, over its own queue {@code agent.<node>}. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = AgentOrder.ScanAndSend.class, name = "scanAndSend"),
  @JsonSubTypes.Type(value = AgentOrder.BaseLines.class, name = "baseLines"),
  @JsonSubTypes.Type(value = AgentOrder.Restore.class, name = "restore"),
  @JsonSubTypes.Type(value = AgentOrder.Credit.class, name = "credit"),
  @JsonSubTypes.Type(value = AgentOrder.Cancel.class, name = "cancel"),
  @JsonSubTypes.Type(value = AgentOrder.Stop.class, name = "stop")
})
public sealed interface AgentOrder {
  /**
   * Until when somebody waits for what comes of it, by the sender's clock. The broker gives it to
   * nobody later: only the time from its sending on counts there, and no other clock. Absent: it
   * may come at any time.
   */
  default @Nullable Instant until() {
    if (this instanceof ScanAndSend scan) {
      return scan.deadline();
    } else if (this instanceof Restore restore) {
      return restore.deadline();
    }
    return this instanceof Stop stop ? stop.deadline() : null;
  }

  /**
   * Look at the path of this job and send what changed as a stream of chunks to {@code replyTo}. An
   * order for the same registration that comes while an earlier one is carried out takes its place:
   * the earlier asker is gone.
   *
   * @param credit how many data chunks may be sent before the first {@link Credit} comes
   * @param chunkBytes the most that one chunk may hold
   * @param base the newest version there is; absent: there is none. If what is on the disk now has
   *     its fingerprint it is unchanged: nothing is sent but that answer
   * @param archive the number for the archive that is sent, if one is
   * @param whole whether the archive is to have all entries with their content, and not only what
   *     is new against the base
   * @param slice after how much to stop, if that is not all: see {@link StreamMessage.Sliced};
   *     absent: never
   * @param longestLine of an entry that the asker takes, in bytes: a file with more chunks is to be
   *     marked as unreadable, so that there is a version of all else. Absent: it does not say, and
   *     may break off
   * @param options how the path is to be backed up; absent: all as usual
   * @param deadline see {@link #until}. An agent that takes the order after this, by its own clock,
   *     begins only once a {@link Credit} shows that somebody still waits
   */
  record ScanAndSend(
      FetchJob job,
      ReplyId replyTo,
      long credit,
      int chunkBytes,
      @Nullable Base base,
      int archive,
      boolean whole,
      @Nullable SliceLimit slice,
      @Nullable Integer longestLine,
      @Nullable BackupOptions options,
      Instant deadline)
      implements AgentOrder {
    public ScanAndSend {
      options = BackupOptions.orAbsent(options);
    }
  }

  /**
   * The version, or the slice of one, that an agent compares with.
   *
   * @param fingerprint of its entries (see {@link resguardo.core.version.Totals})
   * @param index of its lines (see {@link resguardo.core.version.VersionHeader}): an agent that has
   *     lines with this digest needs no others
   * @param upTo when it is a slice: the last name that was looked at for it, so that the next one
   *     ends later. Absent: it is a version
   */
  record Base(Sha256 fingerprint, Sha256 index, @Nullable RawPath upTo) {}

  /**
   * The next bytes of the base's lines, for an agent that said {@link StreamMessage.NeedBase}.
   *
   * @param sequence 0 for the first of the stream, one more for each next
   * @param last whether these are the last
   * @param gzip the next bytes of the lines packed by gzip, in base64
   */
  record BaseLines(ReplyId stream, long sequence, boolean last, String gzip) implements AgentOrder {
    /** In base64 they fit into a message. */
    public static final int MOST_BYTES = 40 * 1024;
  }

  /**
   * Restore what comes as the stream of this id, if the agent's own list allows it. The agent tells
   * how far it is to {@code replyTo}: {@link StreamMessage.Accepted} at once, {@link
   * StreamMessage.Credit} when its turn has come, and at the end {@link StreamMessage.Restored}.
   *
   * @param stream of chunks of an archive, which come over the agent's own queue
   * @param version what it is, for people
   * @param what was backed up, as it is called in archives: nothing else is to be in this one
   * @param to where
   * @param deadline see {@link #until}
   */
  record Restore(
      ReplyId stream,
      ReplyId replyTo,
      String version,
      RawPath what,
      RestoreTarget to,
      Instant deadline)
      implements AgentOrder {}

  /**
   * The stream to this id may go on.
   *
   * @param upTo how many data chunks may have been sent in all since its beginning; a repeat or an
   *     older one changes nothing
   */
  record Credit(ReplyId stream, long upTo) implements AgentOrder {}

  /**
   * Nobody reads the stream to this id any more, or sends it; an agent that has nothing to do with
   * it has nothing to do.
   */
  record Cancel(ReplyId stream, String why) implements AgentOrder {}

  /**
   * Finish what is being sent, then end the process.
   *
   * @param deadline see {@link #until}: an agent that is started later is not meant
   */
  record Stop(Instant deadline) implements AgentOrder {}
}
