package resguardo.coordinator;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Names that somebody may have meant. */
final class Nearest {
  private static final int SUGGESTED = 3;

  private Nearest() {}

  /**
   * The names nearest to the one that was not found, at most three, and only those that are near.
   */
  static List<String> to(String wanted, Collection<String> names) {
    int far = Math.max(2, wanted.length() / 3);
    return names.stream()
        .distinct()
        .filter(
            name -> distance(wanted, name) <= far || name.contains(wanted) || wanted.contains(name))
        .sorted(
            Comparator.<String>comparingInt(name -> distance(wanted, name))
                .thenComparing(name -> name))
        .limit(SUGGESTED)
        .toList();
  }

  /**
   * How many letters are to be put in, taken out or changed (Levenshtein), small and capital
   * letters being the same.
   */
  static int distance(String one, String other) {
    String a = one.toLowerCase(Locale.ROOT);
    String b = other.toLowerCase(Locale.ROOT);
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int changed = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(changed, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
