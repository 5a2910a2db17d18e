package resguardo.console;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import resguardo.core.catalog.Status;
import resguardo.core.protocol.Answer;

/** How a registration stands, in a word: what should be looked at first comes first. */
enum State {
  FAILED("failed", "bad", "The last attempt failed."),
  SUSPICIOUS("suspicious", "bad", "A version looks as if a disaster were backed up."),
  UNPROVEN("drill failed", "bad", "The last drill could not restore it."),
  NO_AGENT("no agent", "warn", "The agent of its node is not there."),
  LATE("late", "warn", "It is due, and has not begun."),
  NEVER("no backup yet", "warn", "It was never backed up."),
  RUNNING("running", "busy", "A backup is under way."),
  PAUSED("paused", "off", "An operator has paused it."),
  GOOD("good", "good", "The last attempt was good.");

  /** An agent says every few seconds that it lives. */
  private static final Duration AGENT_SILENT = Duration.ofSeconds(60);

  /** A slot is published at the next second, and a worker takes it at once. */
  private static final Duration LATE_AFTER = Duration.ofSeconds(10);

  private final String text;
  private final String tone;
  private final String meaning;

  State(String text, String tone, String meaning) {
    this.text = text;
    this.tone = tone;
    this.meaning = meaning;
  }

  /** That of a registration. */
  static State of(Answer.RegistrationLine line, Instant now) {
    Status status = line.status();
    if (line.openSince() != null) {
      return RUNNING;
    } else if (line.alarms() != null) {
      return SUSPICIOUS;
    } else if (line.failsDrills()) {
      return UNPROVEN;
    } else if (line.pause() != null) {
      return PAUSED;
    } else if (status != null && status.lastOutcome() == Status.Outcome.FAILED) {
      return FAILED;
    } else if (!agentIsThere(line.agentSeen(), now)) {
      return NO_AGENT;
    } else if (line.nextDue() != null && line.nextDue().plus(LATE_AFTER).isBefore(now)) {
      return LATE;
    }
    return status == null || status.lastVersion() == null ? NEVER : GOOD;
  }

  /** Whether an agent that was seen then counts as there. */
  static boolean agentIsThere(@Nullable Instant seen, Instant now) {
    return seen != null && seen.plus(AGENT_SILENT).isAfter(now);
  }

  /** The word. */
  String text() {
    return text;
  }

  /** As it stands in addresses. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** For people. */
  Markup badge() {
    return Markup.of("<span class=\"badge {}\" title=\"{}\">{}</span>", tone, meaning, text);
  }
}
