package resguardo.agent;

import java.security.MessageDigest;
import resguardo.archive.LargeFile;
import resguardo.core.RawPath;
import resguardo.core.Sha256;
import resguardo.core.version.Placed;

/**
 * A large file that a slice ended in, and the digest of its beginning. Kept in memory only: an
 * agent that has lost it reads that beginning once more.
 */
final class UnfinishedFile {
  private final RawPath name;
  private final FileState state;
  private final MessageDigest digest;
  private final long given;

  /**
   * @param found as it was when its reading began
   * @param read as far as the slice goes
   */
  UnfinishedFile(Found found, LargeFile read) {
    this.name = found.name();
    this.state = found.state();
    this.digest = read.digestSoFar();
    this.given = read.given();
  }

  /**
   * Whether a file can be read from there on.
   *
   * @param line that a slice has of it
   */
  boolean isBeginningOf(Found found, Placed line) {
    return found.name().equals(name)
        && found.state().equals(state)
        && line.entry().size() == given
        && Sha256.ofDigest(digest().digest()).equals(line.entry().digest());
  }

  /** Its state, for one who goes on with it. */
  MessageDigest digest() {
    try {
      return (MessageDigest) digest.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("a digest of the JDK can be cloned", e);
    }
  }

  /** How many bytes that is of. */
  long given() {
    return given;
  }
}
