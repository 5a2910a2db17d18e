package resguardo.core.version;

/**
 * How an archive's bytes were made, so that the same input can be made into the same bytes again.
 *
 * @param codec {@code gzip}
 * @param deflater which implementation compressed, with its version where it tells: {@code
 *     jdk-zlib}
 * @param level of compression, 1 to 9
 */
public record ArchiveForm(String codec, String deflater, int level) {}
