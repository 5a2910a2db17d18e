package resguardo.admin.notify;

/**
 * Something that is wrong.
 *
 * @param id the same as long as it is the same trouble, such as {@code failing alpha:/srv}
 * @param kind of the conditions of the configuration, by its name
 * @param what one sentence for a person
 */
public record Trouble(String id, Kind kind, String what) {
  /** What can be wrong. */
  public enum Kind {
    /** The last attempt at a registration failed. */
    FAILING,
    /** A registration has no good backup that is young enough. */
    WITHOUT_BACKUP,
    /** A version looks as if a disaster were backed up. */
    SUSPICIOUS,
    /** The last drill of a registration failed: a version cannot be restored. */
    DRILL_FAILED,
    /** A registration was not proven restorable for too long. */
    UNPROVEN,
    /** The agent of a node is not seen. */
    NODE_UNSEEN,
    /** Messages were given up. */
    DEAD_LETTERS,
    /** No worker is there. */
    NO_WORKER,
    /** No coordinator answers. */
    NO_COORDINATOR
  }
}
