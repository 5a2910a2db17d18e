package resguardo.coordinator;

import com.cronutils.model.Cron;
import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.zone.ZoneOffsetTransition;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import resguardo.core.Schedule;

/**
 * The moments of a cron expression. The library is asked in UTC, for local times; what the zone's
 * changes of the clock do to them is decided here (see {@link Slots}), the same looking forward and
 * back.
 */
final class CronTimes {
  private static final CronParser PARSER =
      new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));

  /**
   * Parsing costs more than asking, and the tick asks each second. Expressions are few: operators
   * give them.
   */
  private static final Map<Schedule.Cron, CronTimes> PARSED = new ConcurrentHashMap<>();

  private final ExecutionTime local;
  private final ZoneId zone;

  private CronTimes(ExecutionTime local, ZoneId zone) {
    this.local = local;
    this.zone = zone;
  }

  /**
   * @throws IllegalArgumentException when the expression cannot be read
   */
  static CronTimes of(Schedule.Cron cron) {
    return PARSED.computeIfAbsent(cron, CronTimes::parsed);
  }

  private static CronTimes parsed(Schedule.Cron cron) {
    Cron parsed = PARSER.parse(cron.expression()).validate();
    return new CronTimes(ExecutionTime.forCron(parsed), cron.zone());
  }

  /** The first moment after this one. */
  Optional<Instant> next(Instant after) {
    Optional<ZonedDateTime> time =
        local.nextExecution(LocalDateTime.ofInstant(after, zone).atZone(ZoneOffset.UTC));
    while (time.isPresent() && !moment(time.get()).isAfter(after)) {
      time = local.nextExecution(time.get());
    }
    return time.map(this::moment);
  }

  /** The newest moment that is not after this one. */
  Optional<Instant> newest(Instant now) {
    LocalDateTime from = LocalDateTime.ofInstant(now, zone);
    ZoneOffsetTransition change = zone.getRules().getTransition(from);
    if (change != null && change.isOverlap()) {
      from = change.getDateTimeBefore(); // the later local times of the overlap may have been once
      // already
    }
    // The library's last time is strictly before; a time is due in the very second that it names.
    Optional<ZonedDateTime> time = local.lastExecution(from.atZone(ZoneOffset.UTC).plusSeconds(1));
    while (time.isPresent() && moment(time.get()).isAfter(now)) {
      time = local.lastExecution(time.get());
    }
    return time.map(this::moment);
  }

  /**
   * What a change of the clock does to one of these moments, in words for a person; empty: nothing.
   */
  Optional<String> note(Instant slot) {
    ZoneOffsetTransition before = zone.getRules().previousTransition(slot.plusSeconds(1));
    if (before != null && before.isGap() && before.getInstant().equals(slot)) {
      LocalDateTime named = before.getDateTimeBefore();
      Optional<ZonedDateTime> inGap =
          local.nextExecution(named.minusSeconds(1).atZone(ZoneOffset.UTC));
      if (inGap.isPresent() && inGap.get().toLocalDateTime().isBefore(before.getDateTimeAfter())) {
        return Optional.of(
            inGap.get().toLocalTime()
                + " does not exist on that day: the clock goes from "
                + named.toLocalTime()
                + " to "
                + before.getDateTimeAfter().toLocalTime());
      }
    }
    LocalDateTime time = LocalDateTime.ofInstant(slot, zone);
    ZoneOffsetTransition change = zone.getRules().getTransition(time);
    return change != null && change.isOverlap()
        ? Optional.of(
            time.toLocalTime() + " comes twice on that day: it is run the first time only")
        : Optional.empty();
  }

  private Instant moment(ZonedDateTime localAsUtc) {
    LocalDateTime time = localAsUtc.toLocalDateTime();
    ZoneOffsetTransition change = zone.getRules().getTransition(time);
    if (change != null && change.isGap()) {
      return change.getInstant();
    }
    return time.atZone(zone).withEarlierOffsetAtOverlap().toInstant();
  }
}
