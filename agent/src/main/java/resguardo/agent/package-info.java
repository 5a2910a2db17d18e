/**
 * Runs on a node: looks at what is to be backed up, and sends what changed. It has no credential of
 * the store.
 */
@NullMarked
package resguardo.agent;

import org.jspecify.annotations.NullMarked;
