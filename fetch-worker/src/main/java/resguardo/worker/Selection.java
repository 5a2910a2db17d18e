package resguardo.worker;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
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

  /**
   * Files that are not wanted, of which another name is. Their lines are kept until the first of
   * these names comes, which from then on stands for the file.
   */
  private final @Nullable OutsideFiles outside;

  /**
   * @param wanted fresh
   * @param outside settled: at least the files that are not wanted and of which another name is;
   *     absent: there are none
   */
  Selection(List<WantedNames> wanted, @Nullable OutsideFiles outside) {
    this.wanted = wanted;
    this.outside = outside == null || outside.isEmpty() ? null : outside;
  }

  static Selection all() {
    return new Selection(List.of(WantedNames.at(RawPath.ofBytes(new byte[0]))), null);
  }

  /** Whether it needs lines of entries that are not wanted. */
  boolean looksOutside() {
    return outside != null;
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
   * @throws SpoolException when there is no room for what is kept of files outside
   */
  Optional<Placed> of(byte[] line) throws MalformedMessageException, IOException {
    OutsideFiles files = outside;
    Placed placed = files != null || mayHave(line) ? EntryCodec.read(line) : null;
    boolean has = note(placed == null ? null : placed.entry());
    if (placed == null) {
      return Optional.empty();
    }
    if (has) {
      return Optional.of(files == null ? placed : standing(placed, files));
    }
    if (files != null) {
      keep(placed.entry().name(), line, files);
    }
    return Optional.empty();
  }

  private static void keep(RawPath name, byte[] line, OutsideFiles files) throws IOException {
    NameTable.Known file = files.find(name);
    if (file != null && file.state() == NameTable.State.NOTED) {
      files.keep(file, NameTable.State.LINE, line);
    }
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

  private Placed standing(Placed placed, OutsideFiles files)
      throws MalformedMessageException, IOException {
    Entry entry = placed.entry();
    RawPath link = entry.link();
    if (entry.type() != Entry.Type.HARD_LINK
        || link == null
        || wanted.stream().anyMatch(names -> names.has(link))) {
      return placed;
    }
    NameTable.Known file = files.find(link);
    if (file == null) {
      return placed;
    }
    byte[] kept = files.kept(file);
    if (file.state() == NameTable.State.STANDS) {
      return new Placed(entry.named(entry.name(), RawPath.ofBytes(kept)), Place.NONE);
    }
    files.keep(file, NameTable.State.STANDS, entry.name().bytes());
    // Without its line nobody can say what is in it.
    return file.state() == NameTable.State.LINE
        ? named(EntryCodec.read(kept), entry.name())
        : placed;
  }

  private static Placed named(Placed target, RawPath name) {
    Entry old = target.entry();
    return new Placed(old.named(name, old.link()), ArchiveWriter.contentOf(old, target.place()));
  }
}
