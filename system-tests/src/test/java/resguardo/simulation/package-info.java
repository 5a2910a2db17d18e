/**
 * The roles as they are, in one JVM, with broker, store, disk, time and threads that one seed
 * decides about: see docs/reliability.md and decision 27.
 */
@NullMarked
package resguardo.simulation;

import org.jspecify.annotations.NullMarked;
