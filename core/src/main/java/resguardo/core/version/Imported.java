package resguardo.core.version;

import resguardo.core.Sha256;
import resguardo.core.Texts;

/**
 * The tarball that a version was made of. It stands in the manifest, so that whoever imports the
 * same folder again finds what is done: there is no moment in which the one is there and the other
 * is not.
 *
 * @param name of its file, without a folder
 * @param bytes its size
 * @param digest of the file as it was
 */
public record Imported(String name, long bytes, Sha256 digest) {
  /** As long as file systems let a name be, in characters that are written as six. */
  private static final int LONGEST_NAME = 1600;

  public Imported {
    if (name.isEmpty() || name.length() > LONGEST_NAME) {
      throw new IllegalArgumentException("no name of a file: '" + Texts.shown(name) + "'");
    }
    if (bytes < 0) {
      throw new IllegalArgumentException("a size is 0 or more: " + bytes);
    }
  }
}
