package resguardo.core;

import java.util.ArrayList;
import java.util.List;

/**
 * A pattern for paths: {@code *} any number of characters and {@code ?} one, of a name; {@code
 * [a-z]} and {@code [!a-z]} one of these, or none of them; {@code **} in the place of a name any
 * number of names, also none; {@code \} takes what follows as it is. A leading dot is a character
 * as any other. Characters are those of UTF-8; a byte that belongs to none is one by itself, so
 * that every path can be matched. Matching takes a time that grows with the length of pattern and
 * path multiplied.
 */
public final class Glob {
  private static final String SPECIAL = "*?[";

  private final List<GlobName> names = new ArrayList<>();
  private final RawPath literal;

  private Glob(RawPath folder, RawPath pattern) {
    RawPath begin = folder;
    boolean plain = true;
    folder.components().forEach(name -> names.add(GlobName.literal(name)));
    for (RawPath component : pattern.components()) {
      GlobName name = GlobName.parse(component);
      names.add(name);
      plain &= !name.standsForMany(); // which may be none, and then there is no slash either
      if (plain) {
        begin = begin.resolve(name.begin());
      }
      plain &= name.isLiteral();
    }
    literal = begin;
  }

  /**
   * A pattern below a folder, whose own name is taken as it is.
   *
   * @param folder empty: none
   */
  public static Glob below(RawPath folder, RawPath pattern) {
    return new Glob(folder, pattern);
  }

  /** Whether there is anything in it that does not stand for itself. */
  public static boolean isPattern(RawPath path) {
    for (byte b : path.bytes()) {
      if (SPECIAL.indexOf(b) >= 0) {
        return true;
      }
    }
    return false;
  }

  /** What every path that matches begins with. */
  public RawPath literalBegin() {
    return literal;
  }

  /** Whether this path or a folder above it matches: a folder stands for all that is in it. */
  public boolean matchesOrHolds(RawPath path) {
    List<RawPath> components = path.components();
    boolean[] many = new boolean[names.size() + 1];
    for (int i = 0; i < names.size(); i++) {
      many[i] = names.get(i).standsForMany();
    }
    many[names.size()] = true; // whatever follows
    return fits(
        many, components.size(), (name, item) -> names.get(name).matches(components.get(item)));
  }

  /** Whether a part of a pattern that stands for one item fits it. */
  public interface Fits {
    /** Whether this part fits this item, both by their numbers. */
    boolean one(int part, int item);
  }

  /**
   * Whether parts fit items, each one or, where {@code many} says so, any number. What the last of
   * the many took is the only thing to go back to: an earlier one could only have taken more.
   */
  public static boolean fits(boolean[] many, int items, Fits fits) {
    int part = 0;
    int item = 0;
    int last = -1;
    int taken = 0;
    while (item < items) {
      if (part < many.length && many[part]) {
        last = part++;
        taken = item;
      } else if (part < many.length && fits.one(part, item)) {
        part++;
        item++;
      } else if (last >= 0) {
        part = last + 1;
        item = ++taken;
      } else {
        return false;
      }
    }
    while (part < many.length && many[part]) {
      part++;
    }
    return part == many.length;
  }
}
