package resguardo.admin.notify;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Tells each channel what it was not told yet. No storms: all that is new goes into one notice, and
 * the next comes after a while; what goes on is told again once a day. Not for several threads.
 */
public final class Teller {
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(30);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(30);

  private final List<Channel> channels;
  private final Told told;
  private final Duration apart;
  private final Duration remind;
  private final Consumer<String> failures;
  private final Map<String, Turn> turns = new HashMap<>();

  /** When a channel is used next. */
  private record Turn(Instant next, int failed) {}

  /**
   * @param apart how long between two notices over one channel
   * @param remind after how long what is still wrong is told again
   * @param failures takes, in words, what could not be told
   */
  public Teller(
      List<Channel> channels,
      Told told,
      Duration apart,
      Duration remind,
      Consumer<String> failures) {
    this.channels = List.copyOf(channels);
    this.told = told;
    this.apart = apart;
    this.remind = remind;
    this.failures = failures;
  }

  /**
   * Tells what is wrong now, to whom it is due.
   *
   * @throws IOException when what was told could not be kept
   */
  public void tell(List<Trouble> troubles, Instant now) throws IOException, InterruptedException {
    tell(troubles, true, now);
  }

  /**
   * Tells what is wrong too; whether what was told before is over is not known.
   *
   * @throws IOException when what was told could not be kept
   */
  public void tellMore(List<Trouble> troubles, Instant now)
      throws IOException, InterruptedException {
    tell(troubles, false, now);
  }

  private void tell(List<Trouble> troubles, boolean all, Instant now)
      throws IOException, InterruptedException {
    for (Channel channel : channels) {
      Turn turn = turns.getOrDefault(channel.name(), new Turn(Instant.MIN, 0));
      if (turn.next().isAfter(now) && !turn.next().isAfter(now.plus(longestPause()))) {
        continue; // what is later was said when the clock was ahead
      }
      Notice notice = notice(channel, troubles, all, now);
      if (notice.isNothing()) {
        continue;
      }
      try {
        channel.send(notice);
        remember(channel, notice, now);
        turns.put(channel.name(), new Turn(now.plus(apart), 0));
      } catch (IOException e) {
        failures.accept(channel.name() + " was not told: " + e.getMessage());
        turns.put(channel.name(), new Turn(now.plus(pause(turn.failed())), turn.failed() + 1));
      }
    }
  }

  private Duration longestPause() {
    return apart.compareTo(LONGEST_PAUSE) > 0 ? apart : LONGEST_PAUSE;
  }

  private static Duration pause(int failed) {
    Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(failed, 10));
    return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
  }

  private Notice notice(Channel channel, List<Trouble> troubles, boolean all, Instant now) {
    Map<String, Told.Line> known = told.over(channel.name());
    List<Trouble> begun = new ArrayList<>();
    List<Trouble> still = new ArrayList<>();
    Map<String, Trouble> there = new HashMap<>();
    for (Trouble trouble : troubles) {
      there.put(trouble.id(), trouble);
      Told.Line before = known.get(trouble.id());
      if (before == null) {
        begun.add(trouble);
      } else if (before.last().isAfter(now) || !before.last().plus(remind).isAfter(now)) {
        still.add(trouble);
      }
    }
    List<Trouble> over =
        known.values().stream()
            .map(Told.Line::trouble)
            .filter(trouble -> all && !there.containsKey(trouble.id()))
            .toList();
    return new Notice(now, begun, still, over);
  }

  private void remember(Channel channel, Notice notice, Instant now) throws IOException {
    Map<String, Told.Line> known = told.over(channel.name());
    notice.begun().forEach(trouble -> known.put(trouble.id(), new Told.Line(trouble, now)));
    notice.still().forEach(trouble -> known.put(trouble.id(), new Told.Line(trouble, now)));
    notice.over().forEach(trouble -> known.remove(trouble.id()));
    told.save();
  }
}
