package resguardo.worker;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import resguardo.archive.ArchiveWriter;
import resguardo.core.RawPath;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.version.Entry;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.Place;
import resguardo.core.version.Placed;

/**
 * Which entries of a version are wanted. A wanted entry that is another name of one that is not
 * wanted becomes the file itself. To be asked for the lines of a version in order.
 */
final class Selection {
  private final List<WantedNames> wanted;
  private boolean past;

  /** Files outside that have a name inside, by their own name. */
  private final Set<RawPath> targets;

  /** The lines of those that were seen, until the first name inside comes. */
  private final Map<RawPath, byte[]> lines = new HashMap<>();

  /** The first name inside of such a file, which stands for it. */
  private final Map<RawPath, RawPath> standsFor = new HashMap<>();

  /** For these lines and names. */
  private final LinkRoom room = new LinkRoom();

  /**
   * @param wanted fresh
   * @param targets files that are not wanted, of which another name is
   */
  Selection(List<WantedNames> wanted, List<RawPath> targets) {
    this.wanted = wanted;
    this.targets = new HashSet<>(targets);
  }

  static Selection all() {
    return new Selection(List.of(WantedNames.at(RawPath.ofBytes(new byte[0]))), List.of());
  }

  /** Whether it needs lines of entries that are not wanted. */
  boolean looksOutside() {
    return !targets.isEmpty();
  }

  /** Whether nothing that comes is wanted any more. */
  boolean isPast() {
    return past;
  }

  /**
   * Whether the entry of a line is wanted, as it is.
   *
   * @throws MalformedMessageException when it is none
   */
  boolean has(byte[] line) throws MalformedMessageException {
    return note(mayHave(line) ? EntryCodec.read(line).entry() : null);
  }

  /**
   * The entry of a line as it is wanted, if it is.
   *
   * @throws MalformedMessageException when it is none
   * @throws TooManyLinksException when more files outside than a worker has memory for have names
   *     inside
   */
  Optional<Placed> of(byte[] line) throws MalformedMessageException, TooManyLinksException {
    Placed placed = looksOutside() || mayHave(line) ? EntryCodec.read(line) : null;
    boolean has = note(placed == null ? null : placed.entry());
    if (placed != null && targets.contains(placed.entry().name())) {
      keep(placed.entry().name(), line);
    }
    return placed != null && has ? Optional.of(standing(placed)) : Optional.empty();
  }

  private void keep(RawPath target, byte[] line) throws TooManyLinksException {
    room.take(line.length);
    lines.put(target, line);
  }

  private boolean mayHave(byte[] line) {
    return wanted.stream().anyMatch(names -> names.mayHave(line));
  }

  private boolean note(@Nullable Entry entry) {
    boolean has = false;
    past = true;
    for (WantedNames names : wanted) {
      has |= names.note(entry);
      past &= names.isPast();
    }
    return has;
  }

  private Placed standing(Placed placed) throws MalformedMessageException, TooManyLinksException {
    Entry entry = placed.entry();
    RawPath link = entry.link();
    if (entry.type() != Entry.Type.HARD_LINK || link == null || !targets.contains(link)) {
      return placed;
    }
    RawPath first = standsFor.get(link);
    if (first != null) {
      return new Placed(entry.named(entry.name(), first), Place.NONE);
    }
    room.take(entry.name().length());
    standsFor.put(link, entry.name());
    byte[] target = lines.remove(link);
    if (target == null) {
      return placed;
    }
    room.give(target.length);
    return named(EntryCodec.read(target), entry.name());
  }

  private static Placed named(Placed target, RawPath name) {
    Entry old = target.entry();
    return new Placed(old.named(name, old.link()), ArchiveWriter.contentOf(old, target.place()));
  }
}
