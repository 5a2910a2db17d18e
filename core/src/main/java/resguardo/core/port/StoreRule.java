package resguardo.core.port;

/**
 * What a store does by itself with objects, by a rule that somebody gave it.
 *
 * @param name of the rule, as the store shows it
 * @param prefix of the keys of the objects; empty: all
 * @param effect what it does with them
 * @param when in words: {@code after 30 days}
 */
public record StoreRule(String name, String prefix, Effect effect, String when) {
  /** What is done with an object. */
  public enum Effect {
    /** It is removed. */
    REMOVES,
    /** It goes to another class of storage, from where it may not be read at once. */
    MOVES
  }

  /** Whether some of the objects whose keys begin so may be met. */
  public boolean meets(String keys) {
    return keys.startsWith(prefix) || prefix.startsWith(keys);
  }
}
