package resguardo.agent.hook;

import java.util.List;

/**
 * What the file of a node's administrator says, in JSON.
 *
 * @param hooks each for another path
 */
public record HookFile(List<HookRule> hooks) {
  public HookFile {
    hooks = List.copyOf(hooks);
    if (hooks.stream().map(HookRule::path).distinct().count() < hooks.size()) {
      throw new IllegalArgumentException("two hooks for the same path");
    }
  }
}
