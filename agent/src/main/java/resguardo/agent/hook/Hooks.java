package resguardo.agent.hook;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import resguardo.core.FetchJob;
import resguardo.core.SourcePath;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.infra.runtime.ActivityLog;

/** The hooks of a node. */
public final class Hooks {
  /** There are none. */
  public static final Hooks NONE = new Hooks(List.of());

  private static final int LARGEST = 1024 * 1024;

  private final List<Hook> hooks;

  private Hooks(List<HookRule> rules) {
    Comparator<HookRule> byLength = Comparator.comparing(rule -> rule.path().components().size());
    this.hooks = rules.stream().sorted(byLength.reversed()).map(Hook::new).toList();
  }

  /**
   * Those of a {@link HookFile}. It is read once: a change counts from the agent's next start.
   *
   * @throws IllegalArgumentException when it is no such file, or others could change it
   */
  public static Hooks load(Path file) throws IOException {
    TrustedFile.check(file);
    byte[] bytes = Files.readAllBytes(file);
    try {
      return new Hooks(Json.read(bytes, HookFile.class, LARGEST).hooks());
    } catch (MalformedMessageException e) {
      throw new IllegalArgumentException(file + " is no file of hooks: " + e.getMessage(), e);
    }
  }

  /** How many there are. */
  public int count() {
    return hooks.size();
  }

  /** The one for what is registered at this path. */
  Optional<Hook> of(SourcePath registered) {
    return hooks.stream().filter(hook -> hook.rule().isFor(registered)).findFirst();
  }

  /** The backup of this job does not come back: whoever waits for its end is not to. */
  public void hangs(FetchJob job) {
    of(job.registration().path()).ifPresent(hook -> hook.hangs(job));
  }

  /** The agent ends: what was begun, and waits for another slice, is ended in order. */
  public void end(ActivityLog activity) {
    hooks.forEach(hook -> hook.end(activity));
  }
}
