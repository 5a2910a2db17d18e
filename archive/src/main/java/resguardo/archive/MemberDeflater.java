package resguardo.archive;

import resguardo.core.version.ArchiveForm;

/** Makes one gzip member of one block. Called from several threads at once. */
public interface MemberDeflater {
  /** How it does it, for the manifest. */
  ArchiveForm form();

  /**
   * A whole gzip member: a header without name and time, so that the same block always gives the
   * same bytes.
   *
   * @param length how many of the bytes, from the first, are the block
   */
  byte[] member(byte[] block, int length);
}
