package resguardo.admin.notify;

import java.time.Instant;
import java.util.List;

/**
 * What a channel is told at once.
 *
 * @param begun what is wrong since it was told last
 * @param still what has been wrong for long and was told before
 * @param over what is not wrong any more
 */
public record Notice(Instant time, List<Trouble> begun, List<Trouble> still, List<Trouble> over) {
  /** However many there are: the rest is counted. */
  private static final int LINES = 50;

  public Notice {
    begun = List.copyOf(begun);
    still = List.copyOf(still);
    over = List.copyOf(over);
  }

  /** Whether there is nothing to tell. */
  boolean isNothing() {
    return begun.isEmpty() && still.isEmpty() && over.isEmpty();
  }

  /** Whether all that it tells is that something is over. */
  boolean isGood() {
    return begun.isEmpty() && still.isEmpty();
  }

  /** In one line. */
  public String subject() {
    if (begun.size() == 1) {
      return "Resguardo: " + begun.get(0).what();
    } else if (isGood() && over.size() == 1) {
      return "Resguardo: over: " + over.get(0).what();
    }
    return "Resguardo: "
        + begun.size()
        + " new, "
        + still.size()
        + " still wrong, "
        + over.size()
        + " over";
  }

  /** All of it, a line each. */
  public String text() {
    StringBuilder text = new StringBuilder();
    add(text, "New:", begun);
    add(text, "Still wrong:", still);
    add(text, "Over:", over);
    return text.toString().strip() + "\n";
  }

  private static void add(StringBuilder text, String head, List<Trouble> troubles) {
    if (!troubles.isEmpty()) {
      text.append(head).append('\n');
      troubles.stream()
          .limit(LINES)
          .forEach(one -> text.append("- ").append(one.what()).append('\n'));
      if (troubles.size() > LINES) {
        text.append("- and ").append(troubles.size() - LINES).append(" more\n");
      }
      text.append('\n');
    }
  }
}
