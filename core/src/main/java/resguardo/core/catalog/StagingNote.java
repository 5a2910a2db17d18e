package resguardo.core.catalog;

import resguardo.core.RegistrationKey;

/**
 * What an attempt notes down before it writes an archive, so that what it leaves behind can be
 * found and freed if it dies or loses. Written by the worker, read and removed by the coordinator
 * once the job has ended.
 *
 * @param archive the key that it writes to
 * @param uploadId of its upload, as the store gave it
 */
public record StagingNote(RegistrationKey registration, String archive, String uploadId) {}
