/**
 * What the bucket says: registrations, statuses and versions, read and written through the archive
 * store port.
 */
@NullMarked
package resguardo.core.catalog;

import org.jspecify.annotations.NullMarked;
