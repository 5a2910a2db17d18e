package resguardo.coordinator;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import resguardo.core.Peer;
import resguardo.core.Role;
import resguardo.core.protocol.Event;

/**
 * Finds out that two agents go by the name of one node, as when a machine was copied: each says
 * since when it runs, and so that time goes back again and again. With an agent that is started
 * anew it goes on; it goes back once at the most, when a clock was set, or when its last word came
 * late. For any threads.
 */
final class Twins {
  /** So long after the last sign of it; both speak every five seconds. */
  static final Duration SPOKEN_OF = Duration.ofMinutes(1);

  /**
   * What an agent said.
   *
   * @param since when it began to run, by its last word
   * @param back when that was before what it had said, the last time; absent: never
   * @param before likewise, the time before
   */
  private record Word(Instant since, @Nullable Instant back, @Nullable Instant before) {}

  private final Map<Peer, Word> words = new ConcurrentHashMap<>();

  /** A process says that it lives. */
  void note(Event.ProcessAlive alive, Instant now) {
    if (alive.by().role() != Role.AGENT) {
      return; // others have names of their own
    }
    words.merge(
        alive.by(),
        new Word(alive.since(), null, null),
        (last, next) ->
            next.since().isBefore(last.since())
                ? new Word(next.since(), now, last.back())
                : new Word(next.since(), last.back(), last.before()));
  }

  /** It has ended in order. */
  void forget(Peer agent) {
    words.remove(agent);
  }

  /** Those of whose name there is more than one, by name. */
  List<Peer> now(Instant now) {
    return words.entrySet().stream()
        .filter(one -> isOfLate(one.getValue().before(), now))
        .map(Map.Entry::getKey)
        .sorted(Comparator.comparing(Peer::prefix))
        .toList();
  }

  private static boolean isOfLate(@Nullable Instant time, Instant now) {
    return time != null && !time.plus(SPOKEN_OF).isBefore(now);
  }
}
