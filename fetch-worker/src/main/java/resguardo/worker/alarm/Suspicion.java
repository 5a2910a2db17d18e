package resguardo.worker.alarm;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import resguardo.core.AlarmLimits;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.stream.LineSplitter;
import resguardo.core.version.Alarm;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.Totals;
import resguardo.core.version.VersionHeader;

/**
 * Decides at the commit whether a version is suspicious against the one before it: see {@link
 * Alarm}. What both amount to is known; their lines are compared only where so much came that it
 * could matter, so that a day's work costs nothing.
 */
public final class Suspicion {
  private static final double PERCENT = 100;

  private final AlarmLimits limits;
  private final VersionHeader before;
  private final Totals now;

  /** The lines of a version, in their order. */
  @FunctionalInterface
  public interface Lines {
    /** Gives all of them to a taker, without their newlines. */
    void each(LineSplitter.Taker taker) throws IOException, MalformedMessageException;
  }

  /** Opens the manifest of the version before. */
  @FunctionalInterface
  public interface Before {
    /** It, read from its first line on; the caller closes it. */
    ManifestReader open() throws IOException;
  }

  /**
   * How much is known to be new without a look at the lines.
   *
   * @param lines of the version before that are not in the new one, at the most
   * @param archiveBytes that came, as they were packed
   * @param anew whether content that is as it was may have come once more: all of a set that is
   *     brought whole does, what is damaged, and what slices have brought lies anywhere
   */
  public record News(long lines, long archiveBytes, boolean anew) {
    /** All may be. */
    public static final News UNKNOWN = new News(Long.MAX_VALUE, Long.MAX_VALUE, true);
  }

  /**
   * @param before the version before
   * @param now what the new one amounts to
   */
  public Suspicion(AlarmLimits limits, VersionHeader before, Totals now) {
    this.limits = limits;
    this.before = before;
    this.now = now;
  }

  /**
   * Looks at everything.
   *
   * @return what is suspicious; empty: nothing
   * @throws MalformedMessageException when a manifest has a line that is none
   * @throws IOException when a manifest cannot be read
   */
  public Optional<Alarm> look(News news, Before manifest, Lines lines)
      throws IOException, MalformedMessageException {
    return alarm(isWorthIt(news) ? changes(news, manifest, lines) : Changes.NONE);
  }

  /**
   * Looks at what both amount to alone, where they cannot be compared. That is suspicious by
   * itself, unless there is so little that nothing would be: whoever wants changes not to be seen
   * only had to make a version that nobody can read, before them.
   */
  public Optional<Alarm> uncompared() {
    Totals then = before.totals();
    List<Alarm.Sign> signs = signs(Changes.NONE);
    boolean much = then.files() >= Alarm.FEW || then.bytes() >= Alarm.LITTLE;
    if (much && !limits.equals(AlarmLimits.NEVER)) {
      signs.add(Alarm.Sign.UNCOMPARED);
    }
    return alarm(signs, Changes.NONE);
  }

  private static Changes changes(News news, Before manifest, Lines lines)
      throws IOException, MalformedMessageException {
    try (ManifestReader reader = manifest.open()) {
      Comparison comparison = new Comparison(reader, news.anew());
      lines.each(comparison);
      return comparison.changes();
    }
  }

  /** What is incompressible takes as much as it is; that its half is enough leaves some room. */
  private boolean isWorthIt(News news) {
    long files = before.totals().files();
    return isMuch(news.lines(), files, Alarm.FEW, limits.changed())
        || isMuch(news.lines(), files, Alarm.FEW, limits.entropy())
        || isMuch(
            news.archiveBytes(), before.totals().bytes() / 2, Alarm.LITTLE / 2, limits.entropy());
  }

  /** Decides, when the changes are known. */
  Optional<Alarm> alarm(Changes changes) {
    return alarm(signs(changes), changes);
  }

  private List<Alarm.Sign> signs(Changes changes) {
    Totals then = before.totals();
    List<Alarm.Sign> signs = new ArrayList<>();
    if (isMuch(then.files() - now.files(), then.files(), Alarm.FEW, limits.shrink())
        || isMuch(then.bytes() - now.bytes(), then.bytes(), Alarm.LITTLE, limits.shrink())) {
      signs.add(Alarm.Sign.SHRUNK);
    }
    if (isMuch(changes.changed(), then.files(), Alarm.FEW, limits.changed())) {
      signs.add(Alarm.Sign.CHANGED);
    }
    if (isMuch(changes.incompressible(), then.files(), Alarm.FEW, limits.entropy())
        || isMuch(changes.incompressibleBytes(), then.bytes(), Alarm.LITTLE, limits.entropy())) {
      signs.add(Alarm.Sign.ENTROPY);
    }
    return signs;
  }

  private Optional<Alarm> alarm(List<Alarm.Sign> signs, Changes changes) {
    Totals then = before.totals();
    return signs.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Alarm(
                before.serial(),
                signs,
                then.files(),
                now.files(),
                then.bytes(),
                now.bytes(),
                changes.changed(),
                changes.incompressible(),
                changes.incompressibleBytes()));
  }

  private static boolean isMuch(long part, long whole, long least, int percent) {
    return percent > 0 && part >= least && PERCENT * part >= (double) percent * whole;
  }
}
