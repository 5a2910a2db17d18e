package resguardo.admin;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import resguardo.core.AlarmLimits;
import resguardo.core.BackupOptions;
import resguardo.core.Registration;
import resguardo.core.SchedulingOptions;
import resguardo.core.Serial;
import resguardo.core.Texts;
import resguardo.core.catalog.Acceptance;
import resguardo.core.catalog.Proof;
import resguardo.core.catalog.Status;
import resguardo.core.protocol.Answer;
import resguardo.core.version.Alarm;
import resguardo.core.version.VersionHeader;

/** Registrations, versions and alarms as tables for people. */
public final class Listing {
  private static final List<String> REGISTRATION_HEAD =
      List.of(
          "NODE",
          "PATH",
          "SCHEDULE",
          "LAST",
          "OUTCOME",
          "VERSION",
          "PROVEN",
          "ALARM",
          "NEXT",
          "AGENT",
          "OPTIONS");
  private static final List<String> VERSION_HEAD =
      List.of("VERSION", "SLOT", "ENTRIES", "CONTENT", "STORED", "WARNINGS", "ALARM", "PROVEN");
  private static final List<String> ALARM_HEAD =
      List.of("NODE", "PATH", "VERSION", "COMMITTED", "ALARM", "ACCEPTED");
  private static final String NONE = "-";

  /** A slot is published at the next second, and a worker takes it at once. */
  private static final Duration LATE = Duration.ofSeconds(10);

  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  private static final double UNIT = 1024;

  private Listing() {}

  /**
   * How each registration stands, and below that what is to be known of how some ended: in the
   * table it would make all rows as long as the longest.
   */
  static String registrations(List<Answer.RegistrationLine> lines, Instant now) {
    String table =
        Tables.of(REGISTRATION_HEAD, lines.stream().map(line -> row(line, now)).toList());
    List<String> reasons =
        lines.stream().filter(Listing::hasReason).map(Listing::reason).map(Texts::whole).toList();
    return reasons.isEmpty() ? table : table + "\n" + String.join("\n", reasons);
  }

  private static boolean hasReason(Answer.RegistrationLine line) {
    return line.status() != null && line.status().lastReason() != null;
  }

  private static String reason(Answer.RegistrationLine line) {
    Status status = java.util.Objects.requireNonNull(line.status());
    return line.key() + " " + outcome(status) + ": " + status.lastReason();
  }

  private static List<String> row(Answer.RegistrationLine line, Instant now) {
    Status status = line.status();
    return List.of(
        line.key().node().value(),
        line.key().path().toString(),
        line.registration().schedule().toString(),
        status == null ? NONE : time(status.lastSlot()),
        status == null ? NONE : outcome(status),
        status == null || status.lastVersion() == null ? NONE : status.lastVersion().text(),
        proven(line, now),
        line.alarms() == null ? NONE : numbers(line.alarms()),
        next(line, now),
        agent(line.agentSeen(), now),
        options(line.registration()));
  }

  /** When it was last proven that it can be restored; honest about what is not known. */
  private static String proven(Answer.RegistrationLine line, Instant now) {
    Proof proof = line.proof();
    Proof.Drill good = proof == null ? null : proof.proven();
    String last = good == null ? "never" : time(good.ordered()) + " " + extent(good);
    if (line.failsDrills()) {
      return "FAILED, last " + last;
    } else if (line.unprovenTooLong(now)) {
      return "overdue, last " + last;
    }
    return good == null && line.drillDue() == null ? NONE : last;
  }

  private static String extent(Proof.Drill drill) {
    String of = drill.extent() == Proof.Extent.WHOLE ? "whole" : "sample";
    return "(" + drill.serial().text() + ", " + of + (drill.opened() ? "" : ", not opened") + ")";
  }

  /** When it is run next; honest about what is late or kept from it. */
  private static String next(Answer.RegistrationLine line, Instant now) {
    if (line.openSince() != null) {
      return "running";
    } else if (line.pause() != null) {
      return line.pause().until() == null ? "paused" : "paused until " + time(line.pause().until());
    }
    Instant due = line.nextDue();
    return due != null && due.plus(LATE).isBefore(now)
        ? "due since " + TimeSpan.rough(Duration.between(due, now))
        : orNone(due);
  }

  /** All that is asked for beside the schedule, in a few words; a dash: nothing is. */
  static String options(Registration registration) {
    List<String> words = new ArrayList<>();
    SchedulingOptions rules = registration.rules();
    rules.belongsTo().forEach((name, value) -> words.add(name + "=" + value));
    if (rules.priority() != null) {
      words.add(rules.priority().word() + " priority");
    }
    if (rules.jitterSeconds() != null) {
      words.add("jitter " + TimeSpan.text(Duration.ofSeconds(rules.jitterSeconds())));
    }
    rules.notDuring().forEach(blackout -> words.add("not " + blackout));
    if (rules.startWithinSeconds() != null) {
      words.add("start within " + TimeSpan.text(Duration.ofSeconds(rules.startWithinSeconds())));
    }
    String set = options(registration.options());
    if (!set.equals(NONE)) {
      words.add(set);
    }
    if (registration.drills() != null) {
      words.add("drills " + registration.drills());
    }
    if (registration.retention() != null) {
      words.add("keep " + registration.retention());
    }
    return words.isEmpty() ? NONE : String.join(", ", words);
  }

  private static String options(@Nullable BackupOptions options) {
    if (options == null) {
      return NONE;
    }
    List<String> words = new ArrayList<>();
    if (!options.exclude().isEmpty()) {
      words.add("exclude " + options.exclude().size());
    }
    if (options.oneFileSystem()) {
      words.add("one-file-system");
    }
    if (options.codec() != BackupOptions.Codec.GZIP || options.level() != null) {
      String codec = options.codec().name().toLowerCase(Locale.ROOT);
      words.add(options.level() == null ? codec : codec + " " + options.level());
    }
    if (!options.encryptTo().isEmpty()) {
      words.add("encrypted to " + options.encryptTo().size());
    }
    if (options.strict()) {
      words.add("strict");
    }
    options.lockTime().ifPresent(time -> words.add("locked for " + TimeSpan.text(time)));
    if (options.bandwidth() != null) {
      words.add(size(options.bandwidth()) + "/s");
    }
    if (options.alarm() != null) {
      words.add(limits(options.alarm()));
    }
    return String.join(", ", words);
  }

  private static String limits(AlarmLimits limits) {
    return limits.equals(AlarmLimits.NEVER)
        ? "no alarm"
        : String.format("alarm %d/%d/%d %%", limits.shrink(), limits.changed(), limits.entropy());
  }

  private static String numbers(List<Serial> serials) {
    return serials.stream().map(Serial::text).collect(Collectors.joining(", "));
  }

  private static String outcome(Status status) {
    return status.lastOutcome().name().toLowerCase(Locale.ROOT);
  }

  /** A time for people, to the second: {@code 2026-11-24T10:00:00Z}. */
  static String time(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private static String orNone(@Nullable Instant time) {
    return time == null ? NONE : time(time);
  }

  private static String agent(@Nullable Instant seen, Instant now) {
    if (seen == null) {
      return "no agent seen";
    }
    return "seen " + TimeSpan.rough(Duration.between(seen, now)) + " ago";
  }

  /** What versions there are. */
  static String versions(Answer.Versions shown) {
    return Tables.of(
        VERSION_HEAD, shown.versions().stream().map(version -> row(version, shown)).toList());
  }

  private static List<String> row(VersionHeader version, Answer.Versions shown) {
    return List.of(
        version.serial().text(),
        version.slot().toString(),
        String.valueOf(version.totals().entries()),
        size(version.totals().bytes()),
        size(version.newBytes()),
        String.valueOf(version.totals().warnings()),
        version.alarm() == null
            ? NONE
            : signs(version.alarm())
                + (shown.accepts(version.serial()) ? " (accepted)" : " (open)"),
        proven(version.serial(), shown.proof()));
  }

  /** What drills have shown of a version. */
  private static String proven(Serial serial, @Nullable Proof proof) {
    if (proof == null) {
      return NONE;
    }
    Proof.Drill good = proof.proven();
    Proof.Drill last = proof.last();
    if (!last.good() && last.serial().equals(serial)) {
      return "FAILED " + time(last.ordered());
    }
    return good != null && good.serial().equals(serial)
        ? time(good.ordered()) + " " + extent(good).replace(serial.text() + ", ", "")
        : NONE;
  }

  private static String signs(Alarm alarm) {
    return alarm.signs().stream().map(Alarm.Sign::word).collect(Collectors.joining(", "));
  }

  /** Which versions are suspicious. */
  static String alarms(List<Answer.AlarmLine> lines) {
    return Tables.of(ALARM_HEAD, lines.stream().map(Listing::row).toList());
  }

  private static List<String> row(Answer.AlarmLine line) {
    Acceptance word = line.acceptance();
    return List.of(
        line.registration().node().value(),
        line.registration().path().toString(),
        line.serial().text(),
        time(line.committed()),
        signs(line.alarm()),
        word == null
            ? NONE
            : time(word.time()) + word.sender().name().map(name -> " by " + name).orElse(""));
  }

  /** A size for people: {@code 912 B}, {@code 1.5 GiB}. */
  public static String size(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= UNIT) {
      value /= UNIT;
      unit++;
    }
    return unit == 0
        ? bytes + " B"
        : String.format(java.util.Locale.ROOT, "%.1f %s", value, UNITS[unit]);
  }
}
