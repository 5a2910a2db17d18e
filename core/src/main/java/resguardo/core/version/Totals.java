package resguardo.core.version;

import resguardo.core.Sha256;

/**
 * What a version amounts to.
 *
 * @param entries all entries, of every type
 * @param files regular files, hard links to them not counted again
 * @param bytes content of these files, the holes of sparse files not counted
 * @param warnings entries that are not as they should be: unreadable, changed while read
 * @param fingerprint SHA-256 over the lines of all entries in order, as {@link EntryCodec} writes
 *     them: names, types, metadata and content digests, but neither times of reading nor where
 *     anything lies. Two sets with the same fingerprint are unchanged against each other
 */
public record Totals(long entries, long files, long bytes, long warnings, Sha256 fingerprint) {}
