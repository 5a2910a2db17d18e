package resguardo.console;

import resguardo.core.Schedule;

/** Schedules in words. */
final class Schedules {
  private Schedules() {}

  /** {@code every 2 hours}, {@code at 30 2 * * 1-5 (Europe/Madrid)}. */
  static String words(Schedule schedule) {
    if (schedule instanceof Schedule.Cron cron) {
      return "at " + cron.expression() + " (" + cron.zone() + ")";
    }
    long seconds = ((Schedule.Every) schedule).seconds();
    for (Unit unit : Unit.values()) {
      if (seconds % unit.seconds == 0) {
        long many = seconds / unit.seconds;
        return many == 1 ? "every " + unit.word : "every " + many + " " + unit.word + "s";
      }
    }
    return schedule.toString();
  }

  private enum Unit {
    DAY("day", 86_400),
    HOUR("hour", 3600),
    MINUTE("minute", 60),
    SECOND("second", 1);

    private final String word;
    private final long seconds;

    Unit(String word, long seconds) {
      this.word = word;
      this.seconds = seconds;
    }
  }
}
