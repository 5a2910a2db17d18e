package resguardo.transfer.tarball;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import resguardo.core.NodeName;
import resguardo.core.RegistrationKey;
import resguardo.core.SourcePath;

/**
 * What the names of tarballs say. Two kinds are known by themselves: {@code
 * [node]-[path][num].tgz}, with whatever stands for the slashes of the path, and names with a time
 * such as {@code backup-2026-11-24T09-03-36.tar.gz}, as offen/docker-volume-backup writes them.
 * Others are read by a pattern.
 *
 * @param prefix with which names begin; absent: any
 * @param pattern with a group {@code number} or {@code time}; absent: the two kinds
 * @param zone of times in names
 */
public record Naming(@Nullable String prefix, @Nullable Pattern pattern, ZoneId zone) {
  private static final Pattern TAR =
      Pattern.compile("(.+)\\.(?:tgz|tar|tar\\.gz|tzst|tar\\.zst|tbz2?|tar\\.bz2)");
  private static final Pattern TIME =
      Pattern.compile(
          "(.*?)(?<time>\\d{4}-\\d\\d-\\d\\d[T_.-]?\\d\\d[-_.:]?\\d\\d[-_.:]?\\d\\d)(?:Z|\\D.*)?");
  private static final Pattern NUMBER = Pattern.compile("(.*?)(?<number>\\d{1,9})");
  private static final Pattern DERIVED =
      Pattern.compile("(?<node>[a-z0-9]+)[-_](?<path>[^0-9]+?)(?<number>\\d{1,9})");
  private static final Pattern BETWEEN = Pattern.compile("[^A-Za-z0-9]+");
  private static final int DAY_DIGITS = 8;
  private static final int MINUTE_DIGITS = 12;
  private static final int SECOND_DIGITS = 14;

  /**
   * What a name says: a number or a time.
   *
   * @param before what comes before the time, to tell series apart; empty for numbers
   */
  record Said(@Nullable Long number, @Nullable Instant time, String before) {}

  /** Whether a file is called as tarballs are. */
  static boolean isTarball(String name) {
    return TAR.matcher(name).matches();
  }

  /**
   * What a name says for a registration; empty when it is not of it, or says nothing.
   *
   * @throws TarballException when it has a time that no day has
   */
  Optional<Said> read(String name, RegistrationKey key) throws TarballException {
    Matcher tar = TAR.matcher(name);
    if (!tar.matches() || prefix != null && !name.startsWith(prefix)) {
      return Optional.empty();
    } else if (pattern != null) {
      Matcher own = pattern.matcher(name);
      return own.matches() ? Optional.of(byPattern(own, name)) : Optional.empty();
    }
    Matcher time = TIME.matcher(tar.group(1));
    if (time.matches()) {
      return Optional.of(new Said(null, time(time.group("time"), name), time.group(1)));
    }
    return numbered(tar.group(1), key);
  }

  private Said byPattern(Matcher own, String name) throws TarballException {
    String number = group(own, "number");
    String time = group(own, "time");
    try {
      if (time != null) {
        return new Said(null, time(time, name), "");
      } else if (number != null) {
        return new Said(Long.parseLong(number), null, "");
      }
    } catch (NumberFormatException e) {
      throw new TarballException(name + ": '" + number + "' is no number that can be");
    }
    throw new TarballException(
        "the pattern has neither a group (?<number>…) nor a group (?<time>…)");
  }

  private static @Nullable String group(Matcher matcher, String name) {
    try {
      return matcher.group(name);
    } catch (IllegalArgumentException none) {
      return null;
    }
  }

  private Instant time(String text, String name) throws TarballException {
    String digits = text.replaceAll("\\D", "");
    if (digits.length() != DAY_DIGITS
        && digits.length() != MINUTE_DIGITS
        && digits.length() != SECOND_DIGITS) {
      throw new TarballException(
          name + ": '" + text + "' is no time: year, month, day, and perhaps hour, minute, second");
    }
    String full = digits + "0".repeat(SECOND_DIGITS - digits.length());
    try {
      return LocalDateTime.of(
              number(full, 0, 4),
              number(full, 4, 6),
              number(full, 6, 8),
              number(full, 8, 10),
              number(full, 10, 12),
              number(full, 12, 14))
          .atZone(zone)
          .toInstant();
    } catch (DateTimeException e) {
      throw new TarballException(name + ": " + e.getMessage());
    }
  }

  private static int number(String digits, int from, int to) {
    return Integer.parseInt(digits.substring(from, to));
  }

  /** What is not a letter or a digit is not compared: nobody knows what stands for a slash. */
  private static Optional<Said> numbered(String name, RegistrationKey key) {
    String wanted = BETWEEN.matcher(key.node() + key.path().text()).replaceAll("");
    int matched = 0;
    int at = 0;
    while (at < name.length() && matched < wanted.length()) {
      char c = name.charAt(at++);
      if (c == wanted.charAt(matched)) {
        matched++;
      } else if (Character.isLetterOrDigit(c) && c < 0x80) {
        return Optional.empty();
      }
    }
    String rest = name.substring(at).replaceFirst("^[^A-Za-z0-9]+", "");
    Matcher number = NUMBER.matcher(rest);
    return matched == wanted.length() && number.matches() && number.group(1).isEmpty()
        ? Optional.of(new Said(Long.parseLong(number.group("number")), null, ""))
        : Optional.empty();
  }

  /**
   * The node and path of a name of the form {@code [node]-[path][num].tgz}, where the path has
   * neither digits nor anything but letters between its slashes; empty when it is not of that form.
   */
  static Optional<RegistrationKey> derived(String name) {
    Matcher tar = TAR.matcher(name);
    Matcher parts = tar.matches() ? DERIVED.matcher(tar.group(1)) : null;
    if (parts == null || !parts.matches()) {
      return Optional.empty();
    }
    try {
      String path = "/" + BETWEEN.matcher(parts.group("path")).replaceAll("/");
      return Optional.of(
          new RegistrationKey(new NodeName(parts.group("node")), SourcePath.parse(path)));
    } catch (IllegalArgumentException notSo) {
      return Optional.empty();
    }
  }
}
