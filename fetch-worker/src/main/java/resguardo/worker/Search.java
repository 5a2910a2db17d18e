package resguardo.worker;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import resguardo.core.Glob;
import resguardo.core.RawPath;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.version.Entry;
import resguardo.core.version.EntryCodec;

/**
 * Looks up in a manifest what is asked for. An asked name is taken from the root of the
 * registration on, or as absolute where it begins with a slash; if there is nothing of that name,
 * as it stands in the archive; and last as a pattern. Lines that cannot be of a wanted entry are
 * not parsed, and those after the last that may be not read: one file of a million costs little
 * more than the bytes of the manifest up to it.
 */
final class Search {
  /** So many bytes of lines are kept, so that a few entries need the manifest read only once. */
  private static final int KEPT = 4 * 1024 * 1024;

  private static final RawPath NO_FOLDER = RawPath.ofBytes(new byte[0]);

  private final List<Asked> asked;
  private final @Nullable OutsideFiles outside;
  private List<byte[]> kept = new ArrayList<>();
  private int keptBytes;

  private Search(List<RawPath> asked, RawPath root, @Nullable OutsideFiles outside) {
    this.outside = outside;
    this.asked = asked.stream().map(name -> new Asked(name, root)).toList();
  }

  /** What one of those asked for may mean, best first. */
  private static final class Asked {
    private final RawPath name;
    private final boolean isPattern;
    private final List<Supplier<WantedNames>> meanings = new ArrayList<>();
    private final List<WantedNames> looking;

    Asked(RawPath name, RawPath root) {
      this.name = name;
      this.isPattern = Glob.isPattern(name);
      boolean absolute = name.length() > 0 && name.bytes()[0] == '/';
      RawPath from = absolute ? NO_FOLDER : root;
      meanings.add(() -> WantedNames.at(resolved(from, name)));
      RawPath asItStands = resolved(NO_FOLDER, name);
      if (!absolute && WantedNames.at(root).has(asItStands)) {
        meanings.add(() -> WantedNames.at(asItStands));
      }
      if (isPattern) {
        meanings.add(() -> WantedNames.fitting(Glob.below(from, name)));
      }
      looking = meanings.stream().map(Supplier::get).toList();
    }

    private static RawPath resolved(RawPath from, RawPath name) {
      RawPath all = from;
      for (RawPath component : name.components()) {
        all = all.resolve(component);
      }
      return all;
    }

    /** Whether nothing that comes can change what it means, or belong to it. */
    boolean isOver() {
      WantedNames first = looking.get(0);
      WantedNames last = looking.get(looking.size() - 1);
      // A pattern taken as a name begins as all that the pattern fits.
      boolean onlyThese = looking.size() == 1 || (isPattern && looking.size() == 2);
      return first.isFound() ? first.isPast() : onlyThese && last.isPast();
    }

    /** The number of the best meaning of which there is anything; negative: of none. */
    int best() {
      for (int i = 0; i < looking.size(); i++) {
        if (looking.get(i).isFound()) {
          return i;
        }
      }
      return -1;
    }
  }

  /**
   * What was found.
   *
   * @param selection of the version's lines
   * @param lines that hold all that is selected, in order; absent: too many to be kept, or not
   *     enough, so that the manifest is to be read again
   * @param missing what of that asked for there is not
   */
  record Found(Selection selection, @Nullable List<byte[]> lines, List<RawPath> missing) {}

  /**
   * Looks.
   *
   * @param lines of the version, read as far as is needed
   * @param outside where files are noted that are not asked for and have other names among what is;
   *     absent: what is asked for is taken as it stands
   */
  static Found of(
      List<RawPath> asked, RawPath root, VersionArchive.Lines lines, @Nullable OutsideFiles outside)
      throws IOException, MalformedMessageException {
    Search search = new Search(asked, root, outside);
    for (Optional<byte[]> line = lines.next();
        line.isPresent() && !search.isOver();
        line = lines.next()) {
      search.look(line.get());
    }
    return search.found();
  }

  private boolean isOver() {
    return asked.stream().allMatch(Asked::isOver);
  }

  private void look(byte[] line) throws MalformedMessageException, SpoolException {
    Entry entry = mayBeWanted(line) ? EntryCodec.read(line).entry() : null;
    boolean wanted = false;
    for (Asked one : asked) {
      for (WantedNames names : one.looking) {
        if (names.note(entry) && entry != null) {
          wanted = true;
          noteOutside(names.outside(entry));
        }
      }
    }
    if (wanted && keptBytes <= KEPT) {
      kept.add(line);
      keptBytes += line.length;
      kept = keptBytes > KEPT ? List.of() : kept;
    }
  }

  private void noteOutside(Optional<RawPath> file) throws SpoolException {
    if (outside != null && file.isPresent()) {
      outside.note(file.get());
    }
  }

  private boolean mayBeWanted(byte[] line) {
    for (Asked one : asked) {
      for (WantedNames names : one.looking) {
        if (names.mayHave(line)) {
          return true;
        }
      }
    }
    return false;
  }

  private Found found() throws SpoolException {
    List<WantedNames> chosen = new ArrayList<>();
    List<WantedNames> fresh = new ArrayList<>();
    List<RawPath> missing = new ArrayList<>();
    for (Asked one : asked) {
      int best = one.best();
      if (best < 0) {
        missing.add(one.name);
      } else {
        chosen.add(one.looking.get(best));
        fresh.add(one.meanings.get(best).get());
      }
    }
    if (outside != null) {
      outside.settle(file -> chosen.stream().anyMatch(names -> names.has(file)));
    }
    Selection selection = new Selection(fresh, outside);
    boolean enough = keptBytes <= KEPT && !selection.looksOutside();
    return new Found(selection, enough ? kept : null, missing);
  }
}
