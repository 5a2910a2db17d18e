package resguardo.core.version;

import resguardo.core.Sha256;

/**
 * An archive that a version needs.
 *
 * @param key its object key
 * @param bytes its size
 * @param digest of its bytes
 * @param form how they were made
 */
public record ArchiveRef(String key, long bytes, Sha256 digest, ArchiveForm form) {}
