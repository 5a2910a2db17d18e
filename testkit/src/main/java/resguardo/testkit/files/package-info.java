/** Files that bite, for tests of what becomes of them. */
@NullMarked
package resguardo.testkit.files;

import org.jspecify.annotations.NullMarked;
