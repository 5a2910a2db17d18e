/** Versions that were never backed up, for tests of what is done with them. */
@NullMarked
package resguardo.testkit.versions;

import org.jspecify.annotations.NullMarked;
