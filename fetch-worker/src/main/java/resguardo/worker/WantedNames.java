package resguardo.worker;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.core.Glob;
import resguardo.core.RawPath;
import resguardo.core.protocol.Json;
import resguardo.core.version.Entry;

/**
 * Names that are wanted: one with what is below it, or those that a pattern fits. It is told the
 * entries of a version in order; all that are wanted begin the same way and so come one after
 * another, between lines that need not be parsed.
 */
final class WantedNames {
  /** How each line begins; its name comes first. */
  private static final String BEGIN = "{\"n\":\"";

  /** Begins the name of an entry that is no text, whatever its folder is called. */
  private static final byte[] NO_TEXT = (BEGIN + RawPath.ENCODED).getBytes(US_ASCII);

  private final byte[] begin;
  private final byte[] lineBegin;
  private final @Nullable Glob glob;
  private boolean found;
  private boolean begun;
  private boolean past;

  private WantedNames(RawPath begin, @Nullable Glob glob) {
    this.begin = begin.bytes();
    this.glob = glob;
    byte[] quoted = Json.write(begin);
    byte[] plain = BEGIN.getBytes(US_ASCII);
    lineBegin = Arrays.copyOf(plain, plain.length + quoted.length - 2);
    System.arraycopy(quoted, 1, lineBegin, plain.length, quoted.length - 2);
  }

  /** This name, and what is below it; of the empty name, all. */
  static WantedNames at(RawPath name) {
    return new WantedNames(name, null);
  }

  /** What a pattern fits, and what is below that. */
  static WantedNames fitting(Glob glob) {
    return new WantedNames(glob.literalBegin(), glob);
  }

  /** Whether the entry of a line may be wanted; if not, it needs not be parsed. */
  boolean mayHave(byte[] line) {
    return startsWith(line, lineBegin) || startsWith(line, NO_TEXT);
  }

  private static boolean startsWith(byte[] bytes, byte[] begin) {
    return bytes.length >= begin.length
        && Arrays.equals(bytes, 0, begin.length, begin, 0, begin.length);
  }

  /** Whether a name is wanted. */
  boolean has(RawPath name) {
    return glob == null ? isAtOrBelow(name.bytes()) : glob.matchesOrHolds(name);
  }

  private boolean isAtOrBelow(byte[] name) {
    return startsWith(name, begin)
        && (name.length == begin.length || begin.length == 0 || name[begin.length] == '/');
  }

  /**
   * Takes note of the next entry, or of a line that was not parsed.
   *
   * @return whether it is wanted
   */
  boolean note(@Nullable Entry entry) {
    if (entry == null) {
      past = begun;
      return false;
    }
    boolean wanted = has(entry.name());
    boolean within = glob == null ? wanted : startsWith(entry.name().bytes(), begin);
    past = begun && !within;
    begun |= within;
    found |= wanted;
    return wanted;
  }

  /** The file of which a wanted entry is another name, where that is not wanted. */
  Optional<RawPath> outside(Entry entry) {
    return entry.type() == Entry.Type.HARD_LINK
        ? Optional.ofNullable(entry.link()).filter(target -> !has(target))
        : Optional.empty();
  }

  /** Whether nothing that comes is wanted any more. */
  boolean isPast() {
    return past;
  }

  /** Whether any that was noted is wanted. */
  boolean isFound() {
    return found;
  }
}
