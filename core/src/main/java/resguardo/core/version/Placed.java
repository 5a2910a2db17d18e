package resguardo.core.version;

import java.util.Optional;

/**
 * A line of a manifest: an entry and where its bytes lie.
 *
 * @param entry what there is
 * @param place where it lies; {@link Place#NONE} for what has no bytes in an archive
 */
public record Placed(Entry entry, Place place) {
  /**
   * Why no archive could be as this says, in words; empty: nothing speaks against it. Only files
   * have content, and what is not cut into chunks fits into one member.
   */
  public Optional<String> refusal() {
    if (entry.type() != Entry.Type.FILE) {
      boolean content = entry.size() != 0 || entry.data() != null || !place.chunks().isEmpty();
      return content
          ? Optional.of(entry.name() + " is no file, and is said to have content")
          : Optional.empty();
    }
    return place.chunks().isEmpty() && entry.stored() > Piece.LARGEST_RAW
        ? Optional.of(entry.name() + " has more content than the place where it lies")
        : Optional.empty();
  }
}
