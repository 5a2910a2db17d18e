package resguardo.infra.rabbit;

import java.util.regex.Pattern;

/** That the broker lets a user have so many connections and channels, and no more. */
final class UserLimit {
  private static final Pattern REACHED = Pattern.compile("user limit of \\(|user connection limit");

  private UserLimit() {}

  /** What somebody can do, after what the broker said, where that was because of a limit. */
  static String explained(String reason) {
    return REACHED.matcher(reason).find()
        ? reason
            + " (have fewer processes of this user, or workers with fewer --slots, or enroll another"
            + " user for some of them)"
        : reason;
  }
}
