package resguardo.transfer.tarball;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import resguardo.core.RawPath;
import resguardo.core.SourcePath;
import resguardo.core.version.Entry;

/**
 * The entries of a version of a tarball, in the order of their names: what lies in the part of it
 * that stands for the path, under the names that it has there. Of a file with several names, the
 * first has its content.
 */
final class TarballSet {
  private static final int MOST_SHOWN = 10;

  private final List<Item> items = new ArrayList<>();
  private final int leftOut;

  /**
   * An entry of the version.
   *
   * @param node what it is, for its content
   */
  record Item(Entry entry, ReadTarball.Node node) {}

  private TarballSet(NavigableMap<RawPath, ReadTarball.Node> names, RawPath inside, RawPath path) {
    Map<ReadTarball.Node, RawPath> first = new IdentityHashMap<>();
    int others = 0;
    for (Map.Entry<RawPath, ReadTarball.Node> one : names.entrySet()) {
      if (!one.getKey().isAtOrBelow(inside)) {
        others++;
        continue;
      }
      RawPath name = moved(one.getKey(), inside, path);
      ReadTarball.Node node = one.getValue();
      RawPath known = first.putIfAbsent(node, name);
      items.add(
          new Item(
              known == null
                  ? node.entry().named(name, node.entry().link())
                  : link(node, name, known),
              node));
    }
    leftOut = others;
  }

  private static Entry link(ReadTarball.Node node, RawPath name, RawPath first) {
    Entry entry = node.entry();
    return new Entry(
        name,
        Entry.Type.HARD_LINK,
        entry.mode(),
        entry.uid(),
        entry.gid(),
        entry.user(),
        entry.group(),
        entry.mtimeSeconds(),
        entry.mtimeNanos(),
        0,
        null,
        first,
        null,
        null);
  }

  private static RawPath moved(RawPath name, RawPath inside, RawPath path) {
    RawPath moved = path;
    List<RawPath> parts = name.components();
    for (RawPath part : parts.subList(inside.components().size(), parts.size())) {
      moved = moved.resolve(part);
    }
    return moved;
  }

  /** In the order of their names. */
  List<Item> items() {
    return items;
  }

  /** How many entries do not lie in the part that stands for the path. */
  int leftOut() {
    return leftOut;
  }

  /**
   * The set of a path.
   *
   * @param inside the folder of the tarball that stands for the path; absent: the path itself, else
   *     its last part at the top, else {@code ./}, whichever is there
   * @throws TarballException when there is nothing of it
   */
  static TarballSet of(ReadTarball tarball, SourcePath path, @Nullable RawPath inside)
      throws TarballException {
    NavigableMap<RawPath, ReadTarball.Node> names = tarball.names();
    RawPath member = path.memberName();
    RawPath part = inside != null ? inside : standIn(names, path);
    TarballSet set = new TarballSet(names, part, member);
    if (set.items.isEmpty()) {
      throw new TarballException(
          "nothing in it is at or below '" + part + "'; it has " + shown(names));
    }
    return set;
  }

  private static RawPath standIn(NavigableMap<RawPath, ReadTarball.Node> names, SourcePath path)
      throws TarballException {
    RawPath member = path.memberName();
    List<RawPath> parts = path.components();
    RawPath top = RawPath.parse("");
    if (parts.isEmpty() || has(names, member)) {
      return member;
    }
    RawPath last = parts.get(parts.size() - 1);
    boolean all = names.keySet().stream().allMatch(name -> name.isAtOrBelow(last));
    if (!names.isEmpty() && all) {
      return last;
    } else if (names.containsKey(top)) {
      return top;
    }
    throw new TarballException(
        "it cannot be told which folder of it stands for "
            + path
            + ": say so by --inside (. for all of it); it has "
            + shown(names));
  }

  private static boolean has(NavigableMap<RawPath, ReadTarball.Node> names, RawPath folder) {
    RawPath first = names.ceilingKey(folder);
    return first != null && first.isAtOrBelow(folder);
  }

  /** Its folders at the top, and in them. */
  private static String shown(NavigableMap<RawPath, ReadTarball.Node> names) {
    if (names.isEmpty()) {
      return "no entries at all";
    }
    TreeSet<RawPath> tops = new TreeSet<>();
    for (RawPath name : names.keySet()) {
      RawPath top = RawPath.parse("");
      for (RawPath part : name.components().stream().limit(2).toList()) {
        top = top.resolve(part);
      }
      tops.add(top);
    }
    return tops.stream().limit(MOST_SHOWN).map(RawPath::toString).collect(Collectors.joining(", "))
        + (tops.size() > MOST_SHOWN ? ", …" : "");
  }
}
