package resguardo.core.version;

/**
 * A line of a manifest: an entry and where its bytes lie.
 *
 * @param entry what there is
 * @param place where it lies; {@link Place#NONE} for what has no bytes in an archive
 */
public record Placed(Entry entry, Place place) {}
