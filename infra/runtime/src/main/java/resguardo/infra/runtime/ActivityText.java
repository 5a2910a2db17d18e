package resguardo.infra.runtime;

import org.jspecify.annotations.Nullable;
import resguardo.core.Texts;
import resguardo.core.protocol.ActivityLine;

/**
 * An activity line as people read it: time, role, instance, node, path, job and what, always in
 * this order, a {@code -} where it is about none.
 */
public final class ActivityText {
  private ActivityText() {}

  /** The line, without a newline; nothing in it can break it. */
  public static String of(ActivityLine line) {
    return String.join(
        " ",
        line.time().toString(),
        line.by().role().word(),
        line.by().instance(),
        orDash(line.node()),
        orDash(line.path()),
        orDash(line.job()),
        Texts.whole(line.what()));
  }

  private static String orDash(@Nullable Object part) {
    return part == null ? "-" : part.toString();
  }
}
