package resguardo.transfer.copy;

/**
 * What a round of copying came to.
 *
 * @param versions that are at the target now, and were not
 * @param archives that were copied
 * @param bytes of these
 * @param notes other objects that were copied
 * @param marked versions that are gone at the source, and wait for their time of grace
 * @param pruned versions that were removed at the target
 * @param problems what could not be done, each told
 */
public record ExportSummary(
    long versions,
    long archives,
    long bytes,
    long notes,
    long marked,
    long pruned,
    long problems) {}
