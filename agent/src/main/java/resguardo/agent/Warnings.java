package resguardo.agent;

import org.jspecify.annotations.Nullable;
import resguardo.core.version.Entry;

/** What in a set cannot be backed up as it is. For one thread. */
final class Warnings {
  private final boolean strict;
  private @Nullable Entry first;
  private long count;

  /**
   * @param strict whether any is one too many
   */
  Warnings(boolean strict) {
    this.strict = strict;
  }

  /** An entry of the new version. Those of the base that stay unread have no warning. */
  void met(Entry entry) {
    if (entry.warning() != null) {
      first = first == null ? entry : first;
      count++;
    }
  }

  /** Whether there can be no version any more: nothing of it need be sent. */
  boolean fatal() {
    return strict && count > 0;
  }

  /** What there is, for a person. */
  String told() {
    return first == null
        ? "no warnings"
        : "a warning is a failure here (--strict): /"
            + first.name()
            + " "
            + words(first.warning())
            + (count == 1 ? "" : ", and there are " + (count - 1) + " more");
  }

  private static String words(Entry.@Nullable Warning warning) {
    return warning == null
        ? "is as it should be"
        : switch (warning) {
          case UNREADABLE -> "cannot be read";
          case CHANGED_WHILE_READING -> "changed while it was read";
          case RULES_NOT_USED -> "has rules that cannot be used";
          case ATTRIBUTES_LEFT_OUT -> "has extended attributes that are left out";
        };
  }
}
