package resguardo.core.version;

import resguardo.core.protocol.Json;
import resguardo.core.protocol.MalformedMessageException;

/**
 * One entry as one line of JSON and back. Equal entries give equal bytes: the fingerprint of a set
 * is made over them.
 */
public final class EntryCodec {
  /** A path of 16 KiB, all escaped, and a link of the same, with room for the rest. */
  private static final int LONGEST_LINE = 256 * 1024;

  private EntryCodec() {}

  /** The line of this entry, without the newline. */
  public static byte[] write(Entry entry) {
    return Json.write(entry);
  }

  /**
   * The entry of this line.
   *
   * @throws MalformedMessageException when it is not one
   */
  public static Entry read(byte[] line) throws MalformedMessageException {
    return Json.read(line, Entry.class, LONGEST_LINE);
  }
}
