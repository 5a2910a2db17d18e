package resguardo.worker;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.archive.ArchiveWriter;
import resguardo.core.RawPath;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.version.Entry;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.Place;
import resguardo.core.version.Placed;

/**
 * Which entries of a version are wanted: all, or one with what is below it. A wanted entry that is
 * another name of one that is not wanted becomes the file itself. Lines that cannot be of a wanted
 * entry are not parsed, and those after the last wanted one not read: one file of a million costs
 * little more than the bytes of the manifest up to it.
 */
final class Selection {
  /** How each line begins; its name comes first. */
  private static final String BEGIN = "{\"n\":\"";

  /** Begins the name of an entry that is no text, whatever its folder is called. */
  private static final byte[] NO_TEXT = (BEGIN + RawPath.ENCODED).getBytes(US_ASCII);

  private final @Nullable RawPath wanted;
  private final byte[] prefix;
  private boolean begun;
  private boolean past;

  /** Files outside that have a name inside, by their own name; absent values: not seen yet. */
  private final Map<RawPath, Optional<Placed>> targets = new HashMap<>();

  /** The first name inside of such a file, which stands for it. */
  private final Map<RawPath, RawPath> standsFor = new HashMap<>();

  private Selection(@Nullable RawPath wanted) {
    this.wanted = wanted;
    byte[] quoted = wanted == null ? new byte[] {'"', '"'} : Json.write(wanted);
    byte[] begin = BEGIN.getBytes(US_ASCII);
    this.prefix = Arrays.copyOf(begin, begin.length + quoted.length - 2);
    System.arraycopy(quoted, 1, prefix, begin.length, quoted.length - 2);
  }

  static Selection all() {
    return new Selection(null);
  }

  /**
   * What is asked for: said as it stands in the archive, as an absolute path, or from the root of
   * the registration on.
   *
   * @param manifest read as far as is needed
   * @return empty when there is no such entry
   */
  static Optional<Selection> find(RawPath asked, RawPath root, ManifestReader manifest)
      throws IOException, MalformedMessageException {
    RawPath plain = resolved(RawPath.ofBytes(new byte[0]), asked);
    Selection below = new Selection(resolved(root, asked));
    Selection asItStands = new Selection(plain);
    boolean belowIsThere = false;
    boolean plainIsThere = false;
    for (Optional<byte[]> line = manifest.nextLine();
        line.isPresent();
        line = manifest.nextLine()) {
      boolean mayBe = below.mayBeWanted(line.get()) || asItStands.mayBeWanted(line.get());
      Entry entry = mayBe ? EntryCodec.read(line.get()).entry() : null;
      if (belowIsThere && (entry == null || !below.isWanted(entry.name()))) {
        break; // what is below a folder comes right after it
      }
      if (entry != null) {
        belowIsThere |= below.note(entry);
        plainIsThere |= asItStands.note(entry);
      }
    }
    if (belowIsThere) {
      return Optional.of(below);
    }
    return plainIsThere ? Optional.of(asItStands) : Optional.empty();
  }

  private static RawPath resolved(RawPath from, RawPath asked) {
    RawPath all = from;
    for (RawPath component : asked.components()) {
      all = all.resolve(component);
    }
    return all;
  }

  /** Whether it is the wanted one itself. */
  private boolean note(Entry entry) {
    if (entry.type() == Entry.Type.HARD_LINK
        && isWanted(entry.name())
        && entry.link() != null
        && !isWanted(entry.link())) {
      targets.put(entry.link(), Optional.empty());
    }
    return wanted != null && entry.name().equals(wanted);
  }

  private boolean mayBeWanted(byte[] line) {
    return startsWith(line, prefix) || startsWith(line, NO_TEXT);
  }

  private static boolean startsWith(byte[] line, byte[] begin) {
    return line.length >= begin.length
        && Arrays.equals(line, 0, begin.length, begin, 0, begin.length);
  }

  private boolean isWanted(RawPath name) {
    if (wanted == null) {
      return true;
    }
    byte[] a = wanted.bytes();
    byte[] b = name.bytes();
    return b.length >= a.length
        && Arrays.equals(a, 0, a.length, b, 0, a.length)
        && (b.length == a.length || a.length == 0 || b[a.length] == '/');
  }

  /** Whether nothing that comes is wanted any more. */
  boolean isPast() {
    return past;
  }

  /**
   * The entry of a line as it is wanted, if it is. To be called with all lines of the version in
   * order.
   *
   * @throws MalformedMessageException when it is none
   */
  Optional<Placed> of(byte[] line) throws MalformedMessageException {
    boolean cannotBe = targets.isEmpty() && !mayBeWanted(line);
    Optional<Placed> selected = cannotBe ? Optional.empty() : of(EntryCodec.read(line));
    past = begun && selected.isEmpty();
    begun |= selected.isPresent();
    return selected;
  }

  private Optional<Placed> of(Placed placed) {
    Entry entry = placed.entry();
    if (targets.containsKey(entry.name())) {
      targets.put(entry.name(), Optional.of(placed));
    }
    if (!isWanted(entry.name())) {
      return Optional.empty();
    }
    RawPath link = entry.link();
    if (entry.type() != Entry.Type.HARD_LINK || link == null || !targets.containsKey(link)) {
      return Optional.of(placed);
    }
    RawPath first = standsFor.putIfAbsent(link, entry.name());
    return Optional.of(
        first == null
            ? targets.get(link).map(target -> named(target, entry.name())).orElse(placed)
            : new Placed(linkTo(entry, first), Place.NONE));
  }

  private static Placed named(Placed target, RawPath name) {
    Entry old = target.entry();
    return new Placed(old.named(name, old.link()), ArchiveWriter.contentOf(old, target.place()));
  }

  private static Entry linkTo(Entry entry, RawPath target) {
    return entry.named(entry.name(), target);
  }
}
