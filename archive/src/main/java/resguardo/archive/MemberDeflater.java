package resguardo.archive;

import resguardo.core.version.ArchiveForm;

/** Makes one member of one block. Called from several threads at once. */
public interface MemberDeflater {
  /** How it does it, for the manifest. */
  ArchiveForm form();

  /**
   * A whole member of the form's codec (a gzip member or a zstd frame), without name, time or
   * anything else that would differ: the same block always gives the same bytes.
   *
   * @param length how many of the bytes, from the first, are the block
   */
  byte[] member(byte[] block, int length);

  /**
   * The member as it goes into an archive: as {@link #member}, or made in a cheaper way where
   * compressing would not help. Of gzip that is a stored member.
   */
  default byte[] packed(byte[] block, int length) {
    return StoredMember.orDeflated(this, block, length);
  }
}
