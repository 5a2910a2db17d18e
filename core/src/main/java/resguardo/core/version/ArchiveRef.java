package resguardo.core.version;

import resguardo.core.Sha256;

/**
 * An archive that a version needs.
 *
 * @param number what {@link Piece} calls it: 1 for the first of its registration, one more for each
 *     next; an archive keeps its number in all versions that need it
 * @param key its object key
 * @param bytes its size
 * @param digest of its bytes
 * @param form how they were made
 */
public record ArchiveRef(int number, String key, long bytes, Sha256 digest, ArchiveForm form) {}
