package resguardo.admin;

import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import resguardo.core.AlarmLimits;
import resguardo.core.BackupOptions;
import resguardo.core.Blackout;
import resguardo.core.DrillPolicy;
import resguardo.core.RetentionPolicy;
import resguardo.core.Schedule;
import resguardo.core.SchedulingOptions;

/**
 * Registrations with the same schedule and options, as they stand in a file of a fleet. Each part
 * means what the option of {@code publish register} of about the same name means; absent is as
 * usual. Times are such as {@code 90s}, {@code 15m}, {@code 12h}, {@code 30d}.
 *
 * @param node one, or
 * @param nodes several
 * @param path one, or
 * @param paths several
 * @param every the time between two backups, or
 * @param cron five fields, read in {@code tz}
 * @param alarm percentages by name: shrink, changed, entropy; 0: never
 * @param keep which versions are kept; absent: all
 * @param drill how it is tried whether it can be restored; absent: as the fleet has it
 */
record FleetEntry(
    @Nullable String node,
    @Nullable List<String> nodes,
    @Nullable String path,
    @Nullable List<String> paths,
    @Nullable String every,
    @Nullable String cron,
    @Nullable String tz,
    @Nullable List<String> exclude,
    @Nullable Boolean oneFileSystem,
    @Nullable String codec,
    @Nullable Integer level,
    @Nullable List<String> encryptTo,
    @Nullable Boolean strict,
    @Nullable String bandwidth,
    @Nullable Map<String, Integer> alarm,
    @Nullable String lockFor,
    @Nullable String jitter,
    @Nullable List<String> notDuring,
    @Nullable String startWithin,
    @Nullable String priority,
    @Nullable Map<String, String> labels,
    @Nullable Keep keep,
    @Nullable Drill drill) {
  /** The rules of a policy of retention, by the names of the options {@code --keep-…}. */
  record Keep(
      @Nullable Integer last,
      @Nullable Integer hourly,
      @Nullable Integer daily,
      @Nullable Integer weekly,
      @Nullable Integer monthly,
      @Nullable Integer yearly,
      @Nullable String within,
      @Nullable String tz) {}

  /** How often, or {@code never}, and how much, or {@code all}. */
  record Drill(@Nullable String every, @Nullable String read) {}

  /** Refuses what cannot be. */
  void check() {
    schedule();
    options();
    scheduling();
    retention();
    drills();
  }

  private ZoneId zone() {
    return tz == null ? ZoneOffset.UTC : zone(tz);
  }

  private static ZoneId zone(String name) {
    try {
      return ZoneId.of(name);
    } catch (java.time.DateTimeException e) {
      throw new IllegalArgumentException(String.valueOf(e.getMessage()), e);
    }
  }

  /** When. */
  Schedule schedule() {
    if ((every == null) == (cron == null)) {
      throw new IllegalArgumentException("it needs either every or cron");
    }
    return every == null
        ? new Schedule.Cron(java.util.Objects.requireNonNull(cron), zone())
        : new Schedule.Every(time(every).toSeconds());
  }

  private static Duration time(String text) {
    try {
      return text.matches("[0-9]+")
          ? Duration.ofSeconds(Long.parseLong(text))
          : new TimeSpan().convert(text);
    } catch (picocli.CommandLine.TypeConversionException e) {
      throw new IllegalArgumentException(String.valueOf(e.getMessage()), e);
    }
  }

  private static @Nullable Long seconds(@Nullable String text) {
    return text == null ? null : (Long) time(text).toSeconds();
  }

  /** How. */
  BackupOptions options() {
    return new BackupOptions(
        exclude == null ? List.of() : exclude,
        Boolean.TRUE.equals(oneFileSystem),
        codec == null ? BackupOptions.Codec.GZIP : codec(codec),
        level,
        encryptTo == null ? List.of() : encryptTo,
        Boolean.TRUE.equals(strict),
        bandwidth == null ? null : rate(bandwidth),
        limits(),
        seconds(lockFor));
  }

  private static BackupOptions.Codec codec(String word) {
    try {
      return BackupOptions.Codec.valueOf(word.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("a codec is gzip or zstd: " + word, e);
    }
  }

  private static Long rate(String text) {
    try {
      return new Bandwidth().convert(text);
    } catch (picocli.CommandLine.TypeConversionException e) {
      throw new IllegalArgumentException(String.valueOf(e.getMessage()), e);
    }
  }

  private AlarmLimits limits() {
    AlarmLimits usual = AlarmLimits.USUAL;
    if (alarm == null) {
      return usual;
    }
    for (String name : alarm.keySet()) {
      if (!List.of("shrink", "changed", "entropy").contains(name)) {
        throw new IllegalArgumentException("alarms are shrink, changed and entropy: " + name);
      }
    }
    return new AlarmLimits(
        alarm.getOrDefault("shrink", usual.shrink()),
        alarm.getOrDefault("changed", usual.changed()),
        alarm.getOrDefault("entropy", usual.entropy()));
  }

  /** Which versions are kept; absent: all. */
  @Nullable RetentionPolicy retention() {
    return keep == null
        ? null
        : new RetentionPolicy(
            keep.last(),
            keep.hourly(),
            keep.daily(),
            keep.weekly(),
            keep.monthly(),
            keep.yearly(),
            seconds(keep.within()),
            keep.tz() == null ? null : zone(keep.tz()));
  }

  /** How it is tried whether it can be restored; absent: as the fleet has it. */
  @Nullable DrillPolicy drills() {
    return drill == null ? null : DrillFlags.policy(drill.every(), drill.read());
  }

  /** What else decides when. */
  SchedulingOptions scheduling() {
    return new SchedulingOptions(
        seconds(jitter),
        notDuring == null
            ? null
            : notDuring.stream().map(text -> Blackout.parse(text, zone())).toList(),
        seconds(startWithin),
        priority == null ? null : SchedulingFlags.priority(priority),
        labels);
  }
}
