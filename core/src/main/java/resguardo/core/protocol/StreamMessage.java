package resguardo.core.protocol;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;
import resguardo.core.RawPath;
import resguardo.core.ReplyId;
import resguardo.core.Sha256;
import resguardo.core.version.ArchiveForm;
import resguardo.core.version.Totals;
import resguardo.core.version.VersionHeader;

/** What stands between the data chunks of a stream: its beginning, signs of life, and its end. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = StreamMessage.Accepted.class, name = "accepted"),
  @JsonSubTypes.Type(value = StreamMessage.NeedBase.class, name = "needBase"),
  @JsonSubTypes.Type(value = StreamMessage.Progress.class, name = "progress"),
  @JsonSubTypes.Type(value = StreamMessage.Unchanged.class, name = "unchanged"),
  @JsonSubTypes.Type(value = StreamMessage.Finished.class, name = "finished"),
  @JsonSubTypes.Type(value = StreamMessage.Sliced.class, name = "sliced"),
  @JsonSubTypes.Type(value = StreamMessage.Failed.class, name = "failed"),
  @JsonSubTypes.Type(value = StreamMessage.Verified.class, name = "verified"),
  @JsonSubTypes.Type(value = StreamMessage.Credit.class, name = "credit"),
  @JsonSubTypes.Type(value = StreamMessage.Restored.class, name = "restored"),
  @JsonSubTypes.Type(value = StreamMessage.QueryOpened.class, name = "queryOpened")
})
public sealed interface StreamMessage {
  /** Whether the stream ends with this message. */
  default boolean last() {
    return this instanceof Unchanged
        || this instanceof Finished
        || this instanceof Sliced
        || this instanceof Failed
        || this instanceof Verified
        || this instanceof Restored;
  }

  /** First word of an agent: it has the order and begins. */
  record Accepted() implements StreamMessage {}

  /**
   * An agent has not the lines of the base any more, or never had: the worker is to send them as
   * {@link AgentOrder.BaseLines}.
   */
  record NeedBase() implements StreamMessage {}

  /**
   * A sign of life, at least every 2 seconds while the sender works without sending data.
   *
   * @param entries how many entries it has looked at so far
   * @param bytes how many bytes of content it has read so far
   */
  record Progress(long entries, long bytes) implements StreamMessage {}

  /**
   * Last word of an agent: what is on the disk has the fingerprint of the base; nothing was sent.
   */
  record Unchanged(Totals totals) implements StreamMessage {}

  /**
   * Last word of a sender: all has been sent.
   *
   * @param archiveBytes how many bytes the ARCHIVE chunks hold together; 0 when no content was new
   * @param archiveDigest of these bytes
   * @param totals of all entries of the new version; absent at the end of a query, which has them
   *     in {@link QueryOpened}
   * @param form how the archive is written; absent at the end of a query, likewise
   */
  record Finished(
      long archiveBytes, Sha256 archiveDigest, @Nullable Totals totals, @Nullable ArchiveForm form)
      implements StreamMessage {}

  /**
   * Last word of an agent: a slice is full, and more is left. What was looked at is as the lines
   * now say, and the rest of the base's lines stay, whatever has become of what they say.
   *
   * @param archiveBytes as of {@link Finished}
   * @param archiveDigest of these bytes
   * @param totals of all lines as they are now
   * @param form how the archive is written
   * @param upTo the last name that was looked at
   */
  record Sliced(
      long archiveBytes, Sha256 archiveDigest, Totals totals, ArchiveForm form, RawPath upTo)
      implements StreamMessage {
    /** What was sent, seen as if it were all. */
    public Finished sent() {
      return new Finished(archiveBytes, archiveDigest, totals, form);
    }
  }

  /**
   * Last word of a sender: it cannot be done.
   *
   * @param why one sentence for a person
   */
  record Failed(Kind kind, String why) implements StreamMessage {
    /** Whether a repeat may help, and what it says about the source. */
    public enum Kind {
      /**
       * The path is not there (or no longer mounted): the job fails, and there is no empty version.
       */
      SOURCE_MISSING,
      /** The agent's own list does not allow the path. */
      NOT_ALLOWED,
      /** What is asked is not there: a query's entry, or the version was removed meanwhile. */
      NOT_FOUND,
      /** What is stored is not what was stored: digests differ. */
      CORRUPT,
      /**
       * Something cannot be backed up as it is, and the options say that this is a failure: there
       * is no version.
       */
      WARNED,
      /** This node cannot pack archives as the options ask for: the job fails. */
      IMPOSSIBLE,
      /** The content is encrypted, and whoever asked wants it plain: only a key's owner can. */
      ENCRYPTED,
      /** What the node's administrator has run before did not end well: there is no version. */
      HOOK_FAILED,
      /** The folder to restore into has something in it already. */
      NOT_EMPTY,
      /** The node's agent did not answer, or there is none. */
      NO_ANSWER,
      /** The sender is being stopped, or had no place for it: another attempt will do. */
      STOPPING,
      /** Anything else; another attempt may do. */
      BROKEN
    }
  }

  /**
   * An agent that restores says that the stream to it may go on.
   *
   * @param upTo how many data chunks may have been sent in all since its beginning
   */
  record Credit(long upTo) implements StreamMessage {}

  /**
   * Last word of an agent that restored a version: all of it is there.
   *
   * @param files how many
   * @param bytes of their content
   * @param warnings what could not be restored as it was, one sentence each, the first hundred
   * @param more how many there are beyond these
   */
  record Restored(long files, long bytes, List<String> warnings, long more)
      implements StreamMessage {
    public Restored {
      warnings = List.copyOf(warnings);
    }
  }

  /**
   * First word of a worker that serves a query.
   *
   * @param header of the version that follows
   * @param creditTo where to send credits for this stream; a first one at once, so that the worker
   *     knows that somebody still waits
   * @param part whether only a part of the version follows (a query for one entry): then the
   *     archive is made for the asker and has not the size and digest of the stored one
   */
  record QueryOpened(VersionHeader header, ReplyId creditTo, boolean part)
      implements StreamMessage {}

  /**
   * Last word of a worker that looked whether a version can be restored.
   *
   * @param entries how many were looked at
   * @param bytes of content that were read and compared; 0 when only the manifest was looked at
   * @param problems one sentence each, the first hundred; none: all is as it should be
   * @param more how many problems there are beyond these
   */
  record Verified(long entries, long bytes, List<String> problems, long more)
      implements StreamMessage {
    public Verified {
      problems = List.copyOf(problems);
    }
  }
}
