package resguardo.system;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import resguardo.core.catalog.Status;

/**
 * What a soak came to.
 *
 * @param due slots of all registrations
 * @param committed slots with a version
 * @param unchanged slots that found nothing changed
 * @param failed slots whose jobs failed or were cancelled
 * @param missed slots without an end, by reason
 * @param lost what should be in the bucket and is not
 * @param doubled versions beyond the first of a slot
 * @param compared registrations whose newest version was held against what is there
 * @param files compared
 * @param bytes compared
 * @param problems all that is wrong, in words
 */
record SoakLedger(
    int registrations,
    long due,
    long committed,
    long unchanged,
    long failed,
    Map<String, Long> missed,
    int lost,
    int doubled,
    int compared,
    long files,
    long bytes,
    List<String> problems) {

  /** Adds up. */
  static SoakLedger of(List<SoakAccount> accounts) {
    Sum sum = new Sum();
    accounts.forEach(sum::add);
    return sum.ledger(accounts.size());
  }

  /** The reasons and how often, for a person. */
  private String missedText() {
    long all = missed.values().stream().mapToLong(Long::longValue).sum();
    List<String> parts = new ArrayList<>();
    missed.forEach((why, count) -> parts.add(count + ": " + why));
    return all + (parts.isEmpty() ? "" : " (" + String.join("; ", parts) + ")");
  }

  /** Rows of a Markdown table. */
  String rows() {
    return row("registrations", registrations)
        + row("slots that were due", due)
        + row("committed", committed)
        + row("unchanged", unchanged)
        + row("failed", failed)
        + row("missed", missedText())
        + row("lost", lost)
        + row("double", doubled)
        + row(
            "compared",
            String.format(
                Locale.ROOT, "%d registrations, %d files, %d bytes", compared, files, bytes));
  }

  /** A row of it. */
  static String row(String what, Object value) {
    return "| " + what + " | " + value + " |\n";
  }

  private static final class Sum {
    private long due;
    private long committed;
    private long unchanged;
    private long failed;
    private int lost;
    private int doubled;
    private int compared;
    private long files;
    private long bytes;
    private final Map<String, Long> missed = new TreeMap<>();
    private final List<String> problems = new ArrayList<>();

    void add(SoakAccount account) {
      addSlots(account);
      List<String> gone = account.lost();
      List<String> twice = account.doubled();
      lost += gone.size();
      doubled += twice.size();
      problems.addAll(gone);
      problems.addAll(twice);
      SoakComparison comparison = account.compared();
      if (comparison == null) {
        problems.add(account.name() + " was not compared");
      } else {
        compared++;
        files += comparison.files();
        bytes += comparison.bytes();
      }
    }

    private void addSlots(SoakAccount account) {
      Set<java.time.Instant> versions = account.committed();
      for (java.time.Instant slot : account.due()) {
        Status.Outcome ended = account.ended().get(slot);
        due++;
        if (versions.contains(slot)) {
          committed++;
        } else if (ended == Status.Outcome.UNCHANGED) {
          unchanged++;
        } else if (ended == Status.Outcome.FAILED || ended == Status.Outcome.CANCELLED) {
          failed++;
        } else if (ended == null) { // one that was told as committed, and is not, is lost
          String why =
              Objects.requireNonNullElse(account.reasons().get(slot), SoakAccount.NO_REASON);
          missed.merge(why, 1L, Long::sum);
        }
      }
    }

    SoakLedger ledger(int registrations) {
      return new SoakLedger(
          registrations,
          due,
          committed,
          unchanged,
          failed,
          missed,
          lost,
          doubled,
          compared,
          files,
          bytes,
          problems);
    }
  }
}
