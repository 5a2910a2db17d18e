package resguardo.coordinator;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import resguardo.core.Permission;
import resguardo.core.port.Sender;
import resguardo.core.protocol.Command;

/**
 * How much of the coordinator's time each user's questions may take: commands are carried out one
 * after the other, so some thousands of questions would have everybody else wait. Whoever has used
 * up a time is refused until there is more of it; it comes back half as fast as time goes by. What
 * changes something is never refused: who may send that may do worse. What is not signed is on the
 * account of its sender all the same. For one thread.
 */
final class QuestionTime {
  /** Of anybody who has asked nothing for a while: hundreds of questions, at once. */
  static final Duration MOST = Duration.ofSeconds(20);

  private static final int SLOWER = 2;
  private static final Set<String> QUESTIONS = Set.copyOf(Command.wordsFor(Permission.READ));

  private final LongSupplier nanos;
  private final Map<String, Used> used = new HashMap<>();

  /** What had been used at a moment, on one account. */
  private record Used(long time, long at) {}

  /**
   * @param nanos a clock that only goes on, in nanoseconds
   */
  QuestionTime(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** Whether this is to be carried out now. */
  boolean allows(Sender sender, Command command) {
    String account = account(sender, command);
    return account == null || used(account) < MOST.toNanos();
  }

  /**
   * Takes note of one that was carried out.
   *
   * @param began when, by the same clock
   */
  void took(Sender sender, Command command, long began) {
    String account = account(sender, command);
    if (account != null) {
      long now = nanos.getAsLong();
      long time = used(account) + now - began;
      used.keySet().removeIf(other -> used(other) == 0); // names without end take no room
      used.put(account, new Used(time, now));
    }
  }

  /** Absent: it is no question. */
  private static @Nullable String account(Sender sender, Command command) {
    return QUESTIONS.contains(command.word()) ? sender.account() : null;
  }

  private long used(String account) {
    Used last = used.get(account);
    return last == null ? 0 : Math.max(0, last.time() - (nanos.getAsLong() - last.at()) / SLOWER);
  }
}
