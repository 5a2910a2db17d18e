package resguardo.core.port;

import java.time.Instant;

/**
 * What a store knows of an object.
 *
 * @param size in bytes
 * @param etag an opaque word that changes whenever the object's content is written anew
 * @param modified by the clock of the store
 */
public record StoredObject(ObjectKey key, long size, String etag, Instant modified) {}
